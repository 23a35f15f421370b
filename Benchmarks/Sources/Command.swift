import Foundation

/// A program with its arguments.
struct Command {
  let program: URL
  let arguments: [String]

  init(_ program: URL, _ arguments: [String]) { (self.program, self.arguments) = (program, arguments) }

  /// The command as `make build` leaves it.
  static let terrane = Peers.folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent(".build/release/terrane")

  /// Why a program did not do its work.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs it to its end.
  func run() throws { try run { _ in } }

  /// Runs it to its end.
  ///
  /// - Returns: the most memory that it had resident, in bytes.
  func peakMemory() throws -> Int {
    var peak = 0
    try run { process in
      while process.isRunning {
        peak = max(peak, Self.peak(of: process.processIdentifier))
        usleep(10_000)
      }
    }
    return peak
  }

  private func run(watching watch: (Process) -> Void) throws {
    let process = Process()
    let errors = Pipe()
    (process.executableURL, process.arguments) = (program, arguments)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    // `waitUntilExit` looks every 50 ms only.
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    watch(process)
    ended.wait()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
      throw Failure(
        description: "\(program.lastPathComponent) ended with \(process.terminationStatus): \(said)")
    }
  }

  private static func peak(of process: Int32) -> Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") }),
      let kibibytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
    else { return 0 }
    return kibibytes << 10
  }
}
