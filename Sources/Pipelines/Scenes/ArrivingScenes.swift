import Foundation
import Runs
import Scenes

/// A note of scenes whose time lies in the future: the size and stamp of their files when an earlier run left
/// them alone.
///
/// A wrong clock of the sender makes a scene younger than any settle time, for years. One that has not
/// changed between two runs has settled.
public struct ArrivingScenes: Sendable {
  /// The size and stamp of each file, by its path.
  private var looks: [String: String]

  /// Creates a note of a run that has left no scene alone.
  public init() { looks = [:] }

  /// Reads the note that an earlier run has left below an output directory.
  public init(below output: URL) {
    // Without the note a scene waits for another run.
    let data = try? Data(contentsOf: Self.file(below: output))
    looks = data.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
  }

  /// Notes how scenes look now; those dated in the future that were mapped, too, or they would be arriving
  /// again. What was noted of others stays while they are there: each night may look at another directory.
  ///
  /// - Throws: `SystemError` where the note cannot be written.
  public static func note(_ scenes: [SceneSource], below output: URL) throws {
    var looks = ArrivingScenes(below: output).looks.filter { path, _ in
      FileStatus(path)?.isDated(after: Date()) == true
    }
    for file in scenes.flatMap(\.arrivingFiles) {
      guard let status = FileStatus(file), status.isDated(after: Date()) else { continue }
      looks[file] = look(of: status)
    }
    let url = file(below: output)
    if looks.isEmpty { return try DurableFiles.remove(url) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try DurableFiles.write(encoder.encode(looks), to: url)
  }

  /// Returns whether a file looks as it did when an earlier run left it alone.
  func hasRested(_ file: String, _ status: FileStatus) -> Bool { looks[file] == Self.look(of: status) }

  private static func file(below output: URL) -> URL { output.appendingPathComponent("cache/arriving.json") }

  private static func look(of status: FileStatus) -> String { "\(status.size) \(status.stamp)" }
}

extension FileStatus {
  /// Returns whether the time of modification lies in the future.
  func isDated(after now: Date) -> Bool { modifiedSeconds > now.timeIntervalSince1970 + 1 }
}

extension SceneSource {
  /// The files whose times say whether the scene is still arriving: all that are known where some cannot be
  /// found.
  fileprivate var arrivingFiles: [String] {
    let files = (try? storedFiles) ?? files
    guard archive == nil, let delivery, !delivery.files.missing.isEmpty else { return files }
    // Unpacked files have the times of the archive; the directories know that something has just arrived.
    let directories = Set(files.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path })
    return files + directories.sorted()
  }

  /// Says why the scene is left for a later run.
  public func reasonToWait(now: Date = Date()) -> String {
    for file in arrivingFiles {
      guard let status = FileStatus(file), status.isDated(after: now) else { continue }
      let time = Timestamp.iso(Date(timeIntervalSince1970: status.modifiedSeconds))
      return
        "the time of \(file), \(time), lies in the future; the next run maps it if it has not changed by then"
    }
    let missing = delivery?.incompleteness().map { "\($0); " } ?? ""
    return missing + "its files changed within the settle time"
  }
}

extension [SceneSource] {
  /// Returns the scenes of which a file is dated in the future.
  public func datedInFuture(now: Date = Date()) -> [SceneSource] {
    filter { $0.arrivingFiles.contains { FileStatus($0)?.isDated(after: now) == true } }
  }

  /// Parts the scenes whose files have rested for `seconds` from those that may still be arriving.
  ///
  /// - Parameter earlier: what earlier runs have seen of scenes dated in the future.
  func settled(for seconds: Double, now: Date = Date(), knowing earlier: ArrivingScenes = ArrivingScenes())
    -> (
      ready: [SceneSource], arriving: [SceneSource]
    )
  {
    guard seconds > 0 else { return (self, []) }
    let isReady = { (scene: SceneSource) in
      scene.arrivingFiles.allSatisfy { file in
        guard let status = FileStatus(file) else { return true }
        return status.isDated(after: now)
          ? earlier.hasRested(file, status) : now.timeIntervalSince1970 - status.modifiedSeconds >= seconds
      }
    }
    return (filter(isReady), filter { !isReady($0) })
  }
}
