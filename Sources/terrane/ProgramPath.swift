import Foundation
import Runs

/// The path by which this program was started, for what starts it again at another time.
enum ProgramPath {
  /// Returns the absolute path: that of the name that was called, so that a link which an update turns
  /// elsewhere stays one.
  ///
  /// - Throws: `EnvironmentFailure` where the arguments cannot be had.
  static func absolute() throws -> String {
    let name = Arguments.recorded.first ?? "terrane"
    if name.contains("/") { return URL(fileURLWithPath: name).standardizedFileURL.path }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let found = path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    return found.map { URL(fileURLWithPath: $0).standardizedFileURL.path }
      ?? ThisProgram.file ?? name
  }
}
