import Foundation
import Testing

extension EndToEnd {
  /// What puts a pipeline into cron or systemd.
  @Suite("Schedules")
  struct ScheduleCommandTests {
    /// A stand-in of a program that writes down how it is called; `crontab` keeps what it is given.
    private func put(_ name: String, _ script: String, in site: Workplace) throws {
      let bin = site.path("bin")
      try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
      try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(bin)/\(name)"))
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/\(name)")
    }

    private func schedule(_ arguments: [String], in site: Workplace, path: String? = nil) throws
      -> TerraneCommand.CommandExit
    {
      let environment = [
        "HOME": site.directory.path, "PATH": path ?? "\(site.path("bin")):/usr/bin:/bin",
      ]
      return try TerraneCommand.start(["schedule"] + arguments, in: site.directory, environment: environment)
        .end()
    }

    @Test("The line runs what it says, with absolute paths")
    func line() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let printed = try schedule(
        [
          "pipeline.yaml", "--at", "0 2 * * mon-fri", "--deadline", "5h", "--scenes", "scenes", "--output",
          "night out",
        ],
        in: site)
      #expect(printed.code == 0, "\(printed)")
      let lines = printed.output.split(separator: "\n").map(String.init)
      #expect(
        lines.count == 2 && lines[0] == "# terrane schedule: \(site.pipeline.path)", "\(printed.output)")
      #expect(
        lines[1].hasPrefix("0 2 * * 1-5 /") && lines[1].contains(" run --quiet --deadline 5h "), "\(lines)")
      let command = lines[1].dropFirst("0 2 * * 1-5 ".count)
      let ending = try TerraneCommand.shell("cd / && \(command)", in: site.directory)
      #expect(ending.code == 0 && ending.output.isEmpty && ending.errors.isEmpty, "\(ending)")
      #expect(site.exists("night out/products/a/landcover.tif"))
    }

    @Test("Wrong times and files are refused")
    func refused() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try schedule(["pipeline.yaml", "--at", "0 25 * * *"], in: site).code == 64)
      #expect(
        try schedule(["pipeline.yaml", "--at", "0 2 * * *", "--deadline", "soon"], in: site).code == 64)
      #expect(try schedule(["none.yaml", "--at", "0 2 * * *"], in: site).code == 66)
      try site.write("broken.yaml", "name: x\nstages: [infer]\n")
      #expect(try schedule(["broken.yaml", "--at", "0 2 * * *"], in: site).code == 78)
      let unread = ["--set", "inference.windw=64"]
      let run = try TerraneCommand.start(["run", "pipeline.yaml", "--dry-run"] + unread, in: site.directory)
        .end()
      let planned = try schedule(["pipeline.yaml", "--at", "0 2 * * *"] + unread, in: site)
      #expect(planned.code == run.code && planned.code != 0 && planned.errors == run.errors, "\(planned)")
      #expect(planned.output.isEmpty)
      let none = try schedule(
        ["pipeline.yaml", "--at", "0 2 * * *", "--install"], in: site, path: "/nowhere")
      #expect(none.code == 69 && none.errors.contains("crontab: there is no such program"), "\(none)")
    }

    @Test("Installed twice there is one line, and the rest of the crontab stays")
    func installed() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try put(
        "crontab",
        "f=$HOME/tab; if [ \"$1\" = -l ]; then [ -f $f ] && cat $f || { echo 'no crontab for me' >&2; exit 1; }; else cat > $f; fi",
        in: site)
      let first = try schedule(["pipeline.yaml", "--at", "0 2 * * *", "--install"], in: site)
      #expect(first.code == 0 && first.output.hasPrefix("added to your crontab:"), "\(first)")
      try site.write(
        "tab",
        "MAILTO=me\n5 5 * * * other\n" + (try String(contentsOfFile: site.path("tab"), encoding: .utf8)))
      let second = try schedule(["pipeline.yaml", "--at", "30 3 * * *", "--install"], in: site)
      #expect(
        second.output.hasPrefix("replaced in your crontab:")
          && second.output.contains("it was:\n  0 2 * * * "))
      let tab = try String(contentsOfFile: site.path("tab"), encoding: .utf8)
      #expect(
        tab.hasPrefix("MAILTO=me\n5 5 * * * other\n# terrane schedule: ")
          && tab.split(separator: "\n").count == 4)
      #expect(tab.contains("\n30 3 * * * ") && !tab.contains("\n0 2 "), "\(tab)")
      try put("crontab", "echo 'not allowed' >&2; exit 1", in: site)
      let forbidden = try schedule(["pipeline.yaml", "--at", "0 2 * * *", "--install"], in: site)
      #expect(forbidden.code == 69 && forbidden.errors.contains("not allowed"), "\(forbidden)")
    }

    @Test("systemd's units are written and started, or it is said how")
    func units() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try put("systemctl", "echo \"$@\" >> $HOME/calls", in: site)
      let arguments = ["pipeline.yaml", "--at", "0 2 * * *", "--systemd"]
      let printed = try schedule(arguments, in: site)
      #expect(
        printed.output.contains("# terrane-small.timer\n") && printed.output.contains("Persistent=true"),
        "\(printed)")
      let installed = try schedule(arguments + ["--install"], in: site)
      #expect(
        installed.code == 0
          && installed.output.contains("to undo: systemctl --user disable --now terrane-small.timer"))
      let calls = try String(contentsOfFile: site.path("calls"), encoding: .utf8)
      #expect(calls == "--user daemon-reload\n--user enable --now terrane-small.timer\n")
      let timer = try String(
        contentsOfFile: site.path(".config/systemd/user/terrane-small.timer"), encoding: .utf8)
      #expect(timer.contains("OnCalendar=*-*-* 02:00:00\n"))
      try put("systemctl", "echo 'Failed to connect to bus' >&2; exit 1", in: site)
      let alone = try schedule(arguments + ["--install"], in: site)
      #expect(alone.code == 69 && alone.output.contains("to start it: systemctl --user"), "\(alone)")
      #expect(alone.errors.contains("Failed to connect to bus"))
    }
  }
}
