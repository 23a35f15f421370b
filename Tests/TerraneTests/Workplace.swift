import COpenSSL
import Foundation

/// A directory of one test: a pipeline file, scenes, output; removed with it.
final class Workplace: Sendable {
  let directory: URL

  init() throws {
    directory =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-work-\(UUID().uuidString)").standardizedFileURL
    try FileManager.default.createDirectory(at: scenes, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  var scenes: URL { directory.appendingPathComponent("scenes") }
  var output: URL { directory.appendingPathComponent("out") }
  var pipeline: URL { directory.appendingPathComponent("pipeline.yaml") }

  func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

  func write(_ name: String, _ text: String) throws { try write(name, Data(text.utf8)) }

  func write(_ name: String, _ data: Data) throws {
    try data.write(to: directory.appendingPathComponent(name))
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }

  /// Runs the pipeline file of the workplace.
  func run(_ arguments: String...) throws -> TerraneCommand.CommandExit { try start(arguments).end() }

  func start(_ arguments: [String] = []) throws -> RunningCommand {
    try TerraneCommand.start(["run", pipeline.path] + arguments, in: directory)
  }

  /// The record files of the output directory, by path.
  func ledger() throws -> [String: Data] {
    let folder = output.appendingPathComponent("ledger")
    return try Dictionary(
      uniqueKeysWithValues: Self.files(below: folder).map {
        ($0, try Data(contentsOf: folder.appendingPathComponent($0)))
      })
  }

  /// SHA-256 of every file below parts of an output directory, by path; work in progress of killed runs does
  /// not count.
  func digests(
    of parts: [String] = ["products", "models"], in output: URL? = nil
  ) throws -> [String: String] {
    let output = output ?? self.output
    var digests: [String: String] = [:]
    for part in parts {
      for name in Self.files(below: output.appendingPathComponent(part)) {
        let url = output.appendingPathComponent(part).appendingPathComponent(name)
        let content = [UInt8](try Data(contentsOf: url))
        var digest = [UInt8](repeating: 0, count: 32)
        precondition(EVP_Digest(content, content.count, &digest, nil, EVP_sha256(), nil) == 1)
        digests["\(part)/\(name)"] = digest.map { String($0, radix: 16) }.joined(separator: " ")
      }
    }
    return digests
  }

  /// The regular files below a directory, without those of workspaces.
  static func files(below directory: URL) -> [String] {
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory.path)) ?? []
    return names.sorted().filter { name in
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: directory.appendingPathComponent(name).path)
      return attributes?[.type] as? FileAttributeType == .typeRegular && !name.contains(".terrane-tmp-")
    }
  }
}

/// What `summary.json` of an output's latest run says.
struct RunSummary {
  let members: [String: Any]

  init(of output: URL) throws {
    let url = output.appendingPathComponent("runs/latest/summary.json")
    members = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
  }

  var exitCode: Int? { members["exit-code"] as? Int }
  var counts: [String: Int] { members["counts"] as? [String: Int] ?? [:] }

  /// The reasons of failed tasks by task.
  var failures: [String: String] {
    let failures = members["failures"] as? [[String: Any]] ?? []
    return Dictionary(
      failures.map { ($0["task"] as? String ?? "", $0["reason"] as? String ?? "") }, uniquingKeysWith: { $1 })
  }

  /// The tasks that were done, `stage subject`.
  var done: [String] {
    (members["stages"] as? [[String: Any]] ?? []).flatMap { stage in
      (stage["tasks"] as? [[String: Any]] ?? []).filter { $0["status"] as? String == "done" }
        .map { "\(stage["stage"] as? String ?? "") \($0["subject"] as? String ?? "")" }
    }
  }

  func scene(_ name: String) -> (status: String, reason: String)? {
    let scenes = members["scenes"] as? [String: [String: Any]]
    return scenes?[name].map { ($0["status"] as? String ?? "", $0["reason"] as? String ?? "") }
  }
}
