import Foundation
import Scheduling
import Testing

@Suite("Lines and units of a schedule")
struct ScheduleTextTests {
  private func command(
    _ arguments: [String] = ["run", "--quiet", "/srv/maps/nightly.yaml"],
    pipeline: String = "/srv/maps/nightly.yaml"
  ) throws -> ScheduledCommand {
    try ScheduledCommand(
      program: "/usr/bin/terrane", arguments: arguments, pipeline: pipeline, name: "nightly")
  }

  /// The crontab after an entry was put into one, both as text.
  private func put(_ entry: CrontabEntry, into crontab: String) throws -> (text: String, earlier: String?) {
    let (after, earlier) = try entry.replacing(in: Data(crontab.utf8))
    return (String(decoding: after, as: UTF8.self), earlier)
  }

  private func entry(_ command: ScheduledCommand, at time: String = "0 2 * * *") throws -> CrontabEntry {
    CrontabEntry(command, at: try CronExpression(time))
  }

  @Test("A line of the crontab quotes for sh and hides percent signs from cron")
  func line() throws {
    let command = try command(["run", "--set", "name=it's 5%", "/srv/my maps/a$b.yaml"])
    #expect(
      try entry(command).line()
        == #"0 2 * * * /usr/bin/terrane run --set 'name=it'\''s 5\%' '/srv/my maps/a$b.yaml'"#)
  }

  @Test(
    "sh gives the words back as they were",
    arguments: ["a b", "it's", "$HOME", "`x`", "a\\b", "\"q\"", "ä*?", "#"])
  func shell(word: String) throws {
    let line = try entry(
      ScheduledCommand(program: "/usr/bin/printf", arguments: ["%s|", word], pipeline: "/p", name: "n")
    ).line().dropFirst("0 2 * * * ".count).replacing("\\%", with: "%")
    let process = Process()
    (process.executableURL, process.arguments) = (URL(fileURLWithPath: "/bin/sh"), ["-c", String(line)])
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    #expect(String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) == word + "|")
  }

  @Test("Control characters and lines that cron would cut are refused")
  func refused() throws {
    #expect(throws: ScheduleFailure.self) { try command(["run", "a\nb"]) }
    let long = try command(["run", String(repeating: "x", count: 1000)])
    #expect(throws: ScheduleFailure.self) { try entry(long).line() }
  }

  @Test("An entry takes the place of the earlier one of the same pipeline and leaves all else alone")
  func replacing() throws {
    let other = try entry(command(pipeline: "/srv/other.yaml"), at: "1 1 * * *").text()
    let crontab = "MAILTO=me\n# own\n5 5 * * * backup\n" + other + "\n"
    let (once, none) = try put(entry(command()), into: crontab)
    let own = try entry(command()).text()
    #expect(none == nil && once.hasPrefix(crontab.dropLast()) && once.hasSuffix(own))
    let later = try entry(command(), at: "30 3 * * *")
    let (twice, earlier) = try put(later, into: once)
    #expect(try earlier == entry(command()).line())
    #expect(try twice == once.replacing(entry(command()).line(), with: later.line()))
    #expect(try put(later, into: twice).text == twice)
    // Somebody has taken the line away and left the comment.
    let lone = "# terrane schedule: /srv/maps/nightly.yaml\n# next\n7 7 * * * other\n"
    #expect(try put(later, into: lone).text == later.text() + "# next\n7 7 * * * other\n")
    #expect(try put(later, into: "").text == later.text())
  }

  @Test("Settings between the comment and the command stay, and the line is found behind them")
  func settings() throws {
    let settings = "MAILTO=you@example.org\n  PATH = /usr/bin\n\"A\"='b'\n"
    let earlier = try entry(command())
    let later = try entry(command(), at: "30 3 * * *")
    let marker = "# terrane schedule: /srv/maps/nightly.yaml\n"
    let (text, found) = try put(later, into: marker + settings + earlier.line() + "\n1 1 * * * other\n")
    #expect(try text == marker + settings + later.line() + "\n1 1 * * * other\n")
    #expect(try found == earlier.line())
  }

  @Test(
    "A line of something else behind the comment is nobody's to remove",
    arguments: [
      "5 5 * * * backup /srv", "0 2 * * * /usr/bin/terrane verify /srv/maps/nightly.yaml",
      "0 2 * * * /usr/bin/terrane run /srv/maps/nightly.yaml.old", "@daily rerun /srv/maps/nightly.yaml",
      "MAILTO=me", "#0 2 * * * /usr/bin/terrane run /srv/maps/nightly.yaml", "",
    ])
  func others(line: String) throws {
    let entry = try entry(command())
    let crontab = "# terrane schedule: /srv/maps/nightly.yaml\n\(line)\n9 9 * * * last\n"
    let (text, earlier) = try put(entry, into: crontab)
    #expect(try text == entry.text() + "\(line)\n9 9 * * * last\n" && earlier == nil, "\(text)")
  }

  @Test("The path of the pipeline is found as it is quoted, a percent sign hidden")
  func quotedPath() throws {
    let path = "/srv/my maps/it's 5%.yaml"
    let command = try command(["run", "--quiet", path], pipeline: path)
    let (once, later) = (try entry(command).text(), try entry(command, at: "30 3 * * *"))
    #expect(try put(later, into: once).text == later.text())
  }

  @Test("Bytes that are no UTF-8 stay, and two spellings of one letter are two pipelines")
  func bytes() throws {
    let latin = Data("5 5 * * * echo Gr\u{00FC}n".unicodeScalars.map { UInt8($0.value) })
    let line = latin + Data("\n".utf8)
    let own = Data(try entry(command()).text().utf8)
    #expect(try entry(command()).replacing(in: line).crontab == line + own)
    let (one, other) = ("/srv/gr\u{00FC}n.yaml", "/srv/gru\u{0308}n.yaml")
    let first = try entry(command(["run", one], pipeline: one))
    let second = try entry(command(["run", other], pipeline: other))
    let both = try second.replacing(in: Data(first.text().utf8))
    #expect(try both.crontab == Data(first.text().utf8) + Data(second.text().utf8) && both.earlier == nil)
  }

  @Test("Units name the program, hide what systemd would fill in, and make up for missed times")
  func units() throws {
    let units = SystemdUnits(
      try command(["run", "--quiet", "/srv/my maps/100%$x\"\\.yaml"]), at: try CronExpression("0 3 1 * mon"))
    #expect(
      units.service.contains(#"ExecStart=/usr/bin/terrane run --quiet "/srv/my maps/100%%$$x\"\\.yaml""#))
    #expect(
      units.timer.contains("OnCalendar=*-*-01 03:00:00\nOnCalendar=Mon *-*-* 03:00:00\nPersistent=true\n"))
    #expect(units.files.map(\.name) == ["terrane-nightly.service", "terrane-nightly.timer"])
  }

  @Test(
    "systemd-analyze finds nothing wrong with the units",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze"),
      "systemd-analyze is not installed"),
    arguments: [
      "0 2 * * *", "*/7 1-23/3 1,15,20-25 feb,apr-jun *", "30 8-18/2 * * mon-fri,sun", "0 3 1 * mon",
      "* * * * *",
    ])
  func verified(time: String) throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-units-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let command = try ScheduledCommand(
      program: "/bin/true", arguments: ["run", "--quiet", "/srv/my maps/a%b$c.yaml"],
      pipeline: "/srv/my maps/a%b.yaml",
      name: "nightly")
    let units = SystemdUnits(command, at: try CronExpression(time))
    let files = try UserUnits(environment: ["XDG_CONFIG_HOME": directory.path]).write(units)
    let verified = try Self.run("systemd-analyze", ["verify", "--man=no"] + files.map(\.path))
    #expect(!verified.text.contains("terrane-nightly"), "\(verified.text)")
    for event in CalendarEvents(try CronExpression(time)).texts {
      let shown = try Self.run("systemd-analyze", ["calendar", event])
      #expect(shown.code == 0 && shown.text.contains("Next elapse"), "\(shown.text)")
    }
  }

  @Test("A unit of another pipeline of the same name is left alone")
  func taken() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-units-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let units = UserUnits(environment: ["XDG_CONFIG_HOME": directory.path])
    let time = try CronExpression("0 2 * * *")
    _ = try units.write(SystemdUnits(command(), at: time))
    _ = try units.write(SystemdUnits(command(), at: CronExpression("0 3 * * *")))
    let other = try command(pipeline: "/elsewhere/nightly.yaml")
    #expect(throws: ScheduleFailure.self) { try units.write(SystemdUnits(other, at: time)) }
    #expect(
      FileManager.default.contents(atPath: units.directory.path + "/terrane-nightly.timer").map { $0.count }
        ?? 0 > 0)
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, text: String) {
    let process = Process()
    (process.executableURL, process.arguments) = (URL(fileURLWithPath: "/usr/bin/" + program), arguments)
    let pipe = Pipe()
    (process.standardOutput, process.standardError) = (pipe, pipe)
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }
}
