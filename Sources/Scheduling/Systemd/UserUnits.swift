import Foundation
import Host

/// The units of the user's own systemd, in `~/.config/systemd/user`.
public struct UserUnits: Sendable {
  /// The directory of the units.
  public let directory: URL

  /// - Parameter environment: says where the user's configuration is (`XDG_CONFIG_HOME`, `HOME`).
  public init(environment: [String: String]) {
    func directory(_ variable: String) -> URL? {
      environment[variable].flatMap { $0.hasPrefix("/") ? URL(fileURLWithPath: $0) : nil }
    }
    let home = directory("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    let configuration = directory("XDG_CONFIG_HOME") ?? home.appendingPathComponent(".config")
    self.directory = configuration.appendingPathComponent("systemd/user")
  }

  /// Writes the units, in the place of earlier ones of the same pipeline.
  ///
  /// - Returns: the files.
  /// - Throws: `ScheduleFailure.taken` where a file of the name is of something else; `SystemError`.
  public func write(_ units: SystemdUnits) throws -> [URL] {
    let files = units.files.map { (url: directory.appendingPathComponent($0.name), text: $0.text) }
    for file in files {
      guard let data = try? RegularFile.contents(of: file.url.path, limit: 1 << 20) else { continue }
      let (there, own) = (Self.marker(of: String(decoding: data, as: UTF8.self)), Self.marker(of: file.text))
      // Two spellings of one letter are two files.
      if there.map({ Array($0.utf8) }) != own.map({ Array($0.utf8) }) {
        throw ScheduleFailure.taken(
          file.url.path,
          by: there.map { String($0.dropFirst(ScheduledCommand.markerStart.count)) } ?? "somebody else")
      }
    }
    do { try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true) } catch {
      throw SystemError(foundation: error) ?? SystemError("create", directory.path, .told("\(error)"))
    }
    for file in files { try RegularFile.write(Data(file.text.utf8), to: file.url.path) }
    return files.map(\.url)
  }

  /// Lets systemd read the units anew and start the timer; nil where that was done, else why it could not be.
  public func enable(_ units: SystemdUnits) -> String? {
    for arguments in [["daemon-reload"], ["enable", "--now", "\(units.name).timer"]] {
      do throws(ScheduleFailure) {
        let answer = try Tool.run("systemctl", ["--user"] + arguments)
        if answer.code != 0 { return answer.reason }
      } catch {
        return error.description
      }
    }
    return nil
  }

  private static func marker(of text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(ScheduledCommand.markerStart) }.map(String.init)
  }
}
