import Foundation

/// The built command, started as a process of its own with cron's environment.
enum TerraneCommand {
  /// What cron gives its jobs.
  static let cronEnvironment = ["HOME": "/tmp", "PATH": "/usr/bin:/bin"]

  /// Where the command lies: beside the test bundle.
  static let executable: URL? = {
    let bundles = [Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0])]
    return
      bundles
      .flatMap { [$0, $0.deletingLastPathComponent()] }
      .map { $0.appendingPathComponent("terrane") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }()

  static var isBuilt: Bool { executable != nil }

  /// Its path, for what starts it by itself.
  static var path: String? { executable?.path }

  /// How a process ended.
  struct CommandExit {
    /// What a shell would see: 128 + n for a process that signal n ended.
    let code: Int32
    let output: String
    let errors: String
    let seconds: Double
    /// The most memory that was resident at once, in bytes, as far as it was watched.
    let peakMemory: Int
  }

  /// Runs the command to its end.
  static func run(
    _ arguments: String..., in directory: URL? = nil, environment: [String: String] = cronEnvironment
  ) throws -> CommandExit {
    try start(arguments, in: directory, environment: environment).end()
  }

  /// Runs a line of shell, to which `$0` is the command, to its end.
  static func shell(
    _ line: String, in directory: URL, environment: [String: String] = cronEnvironment
  ) throws -> CommandExit {
    try RunningCommand(
      URL(fileURLWithPath: "/bin/bash"), ["-c", line, executable!.path], directory: directory,
      environment: environment, terminal: nil
    ).end()
  }

  /// Starts the command.
  ///
  /// - Parameter terminal: what the command gets as stderr instead of a file.
  static func start(
    _ arguments: [String], in directory: URL? = nil, environment: [String: String] = cronEnvironment,
    terminal: FileHandle? = nil
  ) throws -> RunningCommand {
    try RunningCommand(
      executable!, arguments, directory: directory, environment: environment, terminal: terminal)
  }
}

/// A command that was started; killed where the test forgets it.
final class RunningCommand {
  private let process = Process()
  private let texts: URL
  private let began = ContinuousClock.now
  private var peak = 0

  init(
    _ executable: URL, _ arguments: [String], directory: URL?, environment: [String: String],
    terminal: FileHandle?
  ) throws {
    texts = FileManager.default.temporaryDirectory.appendingPathComponent("terrane-said-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: texts, withIntermediateDirectories: true)
    process.executableURL = executable
    process.arguments = arguments
    process.environment = environment
    process.currentDirectoryURL = directory
    process.standardInput = FileHandle.nullDevice
    // Files, because a full pipe that nobody reads would stop the command.
    process.standardOutput = try Self.emptyFile(texts.appendingPathComponent("stdout"))
    process.standardError = try terminal ?? Self.emptyFile(texts.appendingPathComponent("stderr"))
    try process.run()
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(at: texts)
  }

  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end; `watchingMemory` reads the kernel's high-water mark until then.
  func end(watchingMemory: Bool = false) -> TerraneCommand.CommandExit {
    while watchingMemory && process.isRunning {
      peak = max(peak, highWaterMark ?? 0)
      Thread.sleep(forTimeInterval: 0.02)
    }
    process.waitUntilExit()
    let status = process.terminationStatus
    return TerraneCommand.CommandExit(
      code: process.terminationReason == .uncaughtSignal ? 128 + status : status,
      output: said("stdout"), errors: said("stderr"),
      seconds: (ContinuousClock.now - began) / .seconds(1), peakMemory: peak)
  }

  /// Waits until `condition` holds; false where the command ended or a minute passed first.
  func wait(until condition: () -> Bool) -> Bool {
    let limit = ContinuousClock.now + .seconds(60)
    while process.isRunning && ContinuousClock.now < limit {
      if condition() { return true }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return false
  }

  /// `VmHWM`: never falls, so the last reading before the end misses what came after it only.
  private var highWaterMark: Int? {
    let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }

  private func said(_ name: String) -> String {
    (try? String(contentsOf: texts.appendingPathComponent(name), encoding: .utf8)) ?? ""
  }

  private static func emptyFile(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }
}
