import Foundation

/// A program of the system that is asked to do something.
enum Tool {
  /// How a program ended.
  struct Answer {
    let code: Int32
    /// The bytes that it wrote, which are text in whatever encoding.
    let output: Data
    let errors: String

    /// What it said, on one line.
    var reason: String {
      let text = (errors + String(decoding: output, as: UTF8.self)).split(separator: "\n").prefix(3).joined(
        separator: "; ")
      return text.isEmpty ? "it ended with \(code)" : text
    }
  }

  /// Returns the path of a program; nil where there is none on PATH.
  static func path(of name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program to its end.
  ///
  /// - Throws: `ScheduleFailure.refused` where it is not there or cannot be started.
  static func run(_ name: String, _ arguments: [String], input: Data = Data()) throws(ScheduleFailure)
    -> Answer
  {
    guard let path = path(of: name) else {
      throw .refused(name, reason: "there is no such program on this machine")
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    (process.standardInput, process.standardOutput, process.standardError) = (stdin, stdout, stderr)
    do { try process.run() } catch {
      throw .refused(name, reason: "cannot be started: \(error.localizedDescription)")
    }
    // A program that ends before it has read all must not end this one.
    signal(SIGPIPE, SIG_IGN)
    try? stdin.fileHandleForWriting.write(contentsOf: input)
    try? stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    let errors = stderr.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Answer(
      code: process.terminationStatus, output: output, errors: String(decoding: errors, as: UTF8.self))
  }
}
