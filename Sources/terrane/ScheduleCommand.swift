import ArgumentParser
import Foundation
import Host
import Pipelines
import Runs
import Scheduling
import Settings

/// `terrane schedule` prints or installs what runs a pipeline at its times.
struct ScheduleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract:
      "Print or install a crontab line, or a systemd service and timer, that runs a pipeline at its times.",
    discussion: """
      The line runs 'terrane run --quiet' with absolute paths. A crontab line that '--install' puts takes the place of an \
      earlier one of the same pipeline, which a comment marks. With --systemd the times are translated, and one at which \
      the machine was off is made up for.

      Exit codes: 0 printed or installed, 64 a wrong time or setting, 66 no such file, 69 cron or systemd is not there or refuses, \
      73 or 74 not written, 78 a wrong pipeline file.
      """)

  @OptionGroup var options: PipelineOptions

  @Option(help: ArgumentHelp("When: cron's five fields, \"0 2 * * *\", or @daily.", valueName: "time"))
  var at: String

  @Option(help: "Begin no job after this time from the beginning of a run (90s, 30min, 5h).")
  var deadline: String?

  @Option(
    help: "Write each run's figures to this file, for node-exporter.", completion: .file(extensions: ["prom"])
  )
  var metricsFile: String?

  @Flag(help: "A service and a timer of systemd in the place of a crontab line.")
  var systemd = false

  @Flag(help: "Put it into the crontab of the user, or into the user's systemd.")
  var install = false

  func validate() throws {
    if let deadline, Runner.seconds(of: deadline) == nil {
      throw ValidationError("'\(deadline)' is not a time such as 5h")
    }
    if metricsFile?.isEmpty == true { throw ValidationError("--metrics-file is an empty path") }
  }

  func run() throws {
    try CommandExit.of {
      let time = try CronExpression(at)
      let pipeline = try Pipeline.read(
        options.pipeline, stages: CompositionRoot.stages, overrides: options.overrides)
      let command = try ScheduledCommand(
        program: try ProgramPath.absolute(), arguments: arguments, pipeline: Self.absolute(options.pipeline),
        name: pipeline.file.name)
      if systemd {
        try units(SystemdUnits(command, at: time))
      } else {
        try crontab(CrontabEntry(command, at: time))
      }
      return .success
    }
  }

  private func crontab(_ entry: CrontabEntry) throws {
    guard install else { return try CommandExit.show(entry.text()) }
    let earlier = try Crontab.install(entry)
    try CommandExit.show(
      """
      \(earlier == nil ? "added to" : "replaced in") your crontab:
        \(try entry.line().visibleLine)
      \(earlier.map { "it was:\n  \($0.visibleLine)\n" } ?? "")'crontab -l' shows it; to undo, 'crontab -e' and delete the line and the comment before it

      """)
  }

  private func units(_ units: SystemdUnits) throws {
    guard install else {
      for file in units.files { try CommandExit.show("# \(file.name)\n\(file.text)\n") }
      return
    }
    let user = UserUnits(environment: ProcessInfo.processInfo.environment)
    let files = try user.write(units)
    for file in files { try CommandExit.show("written: \(file.path.visibleLine)\n") }
    let timer = "\(units.name).timer"
    let removal = "rm " + files.map { "'\($0.path.visibleLine)'" }.joined(separator: " ")
    if let reason = user.enable(units) {
      try CommandExit.show(
        """
        not started: \(reason.visibleLine)
        to start it: systemctl --user daemon-reload && systemctl --user enable --now \(timer)
        to undo: \(removal)

        """)
      throw ScheduleFailure.refused("systemctl --user", reason: reason)
    }
    try CommandExit.show(
      """
      started: \(timer) ('systemctl --user list-timers' shows it)
      while you are logged out it runs where 'loginctl enable-linger' was said once
      to undo: systemctl --user disable --now \(timer) && \(removal)

      """)
  }

  /// The arguments of a run, with absolute paths.
  private var arguments: [String] {
    var arguments = ["run", "--quiet"]
    if let deadline { arguments += ["--deadline", deadline] }
    if let metricsFile { arguments += ["--metrics-file", Self.absolute(metricsFile)] }
    // The pipeline's path as the comment has it, by which the line is found again.
    arguments.append(Self.absolute(options.pipeline))
    arguments += options.forwarded.dropFirst()
    return arguments
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
