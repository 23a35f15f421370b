import Foundation
import Testing

extension EndToEnd {
  /// What runs say of themselves when they are asked.
  @Suite("Asking")
  struct AskingTests {
    private func ask(_ arguments: String..., in site: Workplace) throws -> TerraneCommand.CommandExit {
      try TerraneCommand.start(arguments, in: site.directory).end()
    }

    private func json(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }

    @Test("status: nothing there, all done, a new scene, a job that fails")
    func status() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let nothing = try ask("status", "out", in: site)
      #expect(nothing.code == 66 && nothing.errors.contains("no output directory"), "\(nothing)")
      #expect(try site.run("--quiet").code == 0)
      let idle = try ask("status", "out", in: site)
      #expect(idle.code == 0 && idle.output.contains("idle      no run is going on"), "\(idle)")
      #expect(
        idle.output.contains("exit code 0") && idle.output.contains("jobs: 3 done, 0 up to date"), "\(idle)")
      #expect(idle.output.contains("stale      nothing: all 3 jobs are up to date"), "\(idle)")
      try SmallScene.write(to: site.path("scenes/b.tif"))
      let stale = try ask("status", "out", in: site)
      #expect(
        stale.output.contains("inference:b: new") && stale.output.contains("2 jobs to do, about "), "\(stale)"
      )
      #expect(stale.output.split(separator: "\n").allSatisfy { $0.count <= 200 })
      let quick = try json(ask("status", "out", "--quick", "--json", in: site).output)
      #expect(quick["state"] as? String == "idle" && quick["stale"] is NSNull, "\(quick)")
      let members = try json(ask("status", "out", "--json", in: site).output)
      #expect(
        (members["stale"] as? [[String: Any]])?.first?["task"] as? String == "inference:b", "\(members)")
      try site.remove("pipeline.yaml")
      let unknown = try ask("status", "out", in: site)
      #expect(unknown.code == 0 && unknown.output.contains("stale      is not known: "), "\(unknown)")
    }

    @Test(
      "status of a run that goes on names process, job and pass, and takes no lock; of a killed one that it was"
    )
    func running() throws {
      let site = try Workplace()
      try TrainedModel.putLabelledScene(into: site)
      try SmallScene.write(to: site.path("scenes/a.tif"))
      try site.write("pipeline.yaml", TrainedModel.wholeChain)
      let run = try site.start(["--set", "fine-tune.epochs=500"])
      #expect(
        run.wait {
          (try? String(contentsOfFile: site.path("out/runs/latest/run.log.jsonl"), encoding: .utf8))?
            .contains("\"event\":\"pass\"") ?? false
        })
      Thread.sleep(forTimeInterval: 3)
      let state = try json(ask("status", "out", "--quick", "--json", in: site).output)
      #expect(state["state"] as? String == "running", "\(state)")
      let holder = state["holder"] as? [String: Any]
      let summary = try RunSummary(of: site.output)
      #expect(holder?["process"] as? Int == summary.members["process"] as? Int, "\(state)")
      let work = (state["work"] as? [[String: Any]])?.first
      #expect(work?["task"] as? String == "fine-tune:fine-tune" && work?["position"] as? Int == 2, "\(state)")
      #expect(
        (work?["pass"] as? String)?.contains("/500, loss ") == true && work?["unit"] as? String == "steps",
        "\(state)")
      let shown = try ask("status", "out", "--quick", in: site)
      #expect(
        shown.output.contains("running   since ") && shown.output.contains("at work   fine-tune:fine-tune"))
      #expect(try ask("log", "out", in: site).output.contains(" runs "))
      run.send(SIGKILL)
      _ = run.end()
      let killed = try ask("status", "out", "--quick", in: site)
      #expect(killed.output.contains("was killed before it could say how it ended"), "\(killed)")
      #expect(try ask("log", "out", in: site).output.contains("killed before its end"))
      #expect(try site.run("--set", "fine-tune.epochs=1").code == 0)
      #expect(!site.exists("out/runs/latest/progress.json"))
    }

    @Test("log: a row a run that fits 80 columns, the first reason below, and JSON")
    func log() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run("--quiet").code == 0)
      try site.write("scenes/bad\u{7}.tif", "no raster " + String(repeating: "x", count: 100))
      #expect(try site.run("--quiet").code == 3)
      let table = try ask("log", "out", in: site)
      let lines = table.output.split(separator: "\n")
      #expect(table.code == 0 && lines.count == 4 && lines.allSatisfy { $0.count <= 80 }, "\(table.output)")
      #expect(lines[0].hasPrefix("began") && lines[3].contains("bad\\a"), "\(table.output)")
      let runs = try #require(
        try JSONSerialization.jsonObject(with: Data(ask("log", "out", "--json", in: site).output.utf8))
          as? [[String: Any]])
      #expect(runs.map { $0["exit-code"] as? Int } == [0, 3])
      #expect(
        (runs[1]["jobs"] as? [String: Int])?["failed"] == 1 && runs[1]["state"] as? String == "finished")
      let last = try ask("log", "out", "--last", "1", in: site)
      #expect(last.output.split(separator: "\n").count == 3, "\(last.output)")
      #expect(try ask("log", "nowhere", in: site).code == 66)
    }

    @Test("explain: a product back to the weights, what changed since, and files that nobody made")
    func explain() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run("--quiet").code == 0)
      let map = "out/products/a/landcover.tif"
      let origin = try ask("explain", map, in: site)
      #expect(origin.code == 0 && origin.output.contains(" bytes, as it was made"), "\(origin)")
      for words in [
        "job        geotiff:a", "builds on  inference:a", "pretrain-load:pretrained", "weights ",
        "nothing: the next run",
      ] {
        #expect(origin.output.contains(words), "\(words) in \(origin.output)")
      }
      try SmallScene.write(to: site.path("scenes/a.tif"), column: 60)
      let later = try json(ask("explain", map, "--json", in: site).output)
      let present = later["present"] as? [String: Any]
      #expect(present?["state"] as? String == "to-do", "\(later)")
      #expect(
        (later["builds-on"] as? [[String: Any]])?.count == 2 && later["whole"] as? Bool == true, "\(later)")
      #expect(try ask("explain", "out/products/a", in: site).output.contains("geotiff:a"))
      #expect(
        try ask("explain", "out/models/latest/model.safetensors", in: site).output.contains("pretrain-load"))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: site.path(map)))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("x".utf8))
      try handle.close()
      #expect(try ask("explain", map, in: site).output.contains("CHANGED since it was made"))
      #expect(try ask("explain", "pipeline.yaml", in: site).code == 66)
      #expect(try ask("explain", "out/runs/latest/summary.json", in: site).code == 66)
      #expect(try ask("explain", "nothing", in: site).code == 66)
    }

    @Test("diff: settings, scenes, jobs and areas of two runs, named by ids, paths and 'latest'")
    func diff() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run("--quiet").code == 0)
      let first = try FileManager.default.destinationOfSymbolicLink(atPath: site.path("out/runs/latest"))
      try SmallScene.write(to: site.path("scenes/b.tif"), column: 60)
      #expect(try site.run("--quiet", "--set", "inference.overlap=32").code == 0)
      let difference = try ask("diff", first, "latest", "--output", "out", in: site)
      #expect(difference.code == 0, "\(difference)")
      for words in ["overlap: 16 -> 32", "b: none -> mapped", "inference:a: key ", "areas:"] {
        #expect(difference.output.contains(words), "\(words) in \(difference.output)")
      }
      let members = try json(ask("diff", "out/runs/\(first)", "out/runs/latest", "--json", in: site).output)
      #expect((members["scenes"] as? [[String: Any]])?.first?["subject"] as? String == "b", "\(members)")
      let same = try ask("diff", "latest", "latest", "--output", "out", in: site)
      #expect(same.output.hasSuffix("nothing differs but times\n"), "\(same)")
      let unknown = try ask("diff", "20200101T000000Z-0000", "latest", "--output", "out", in: site)
      #expect(unknown.code == 66 && unknown.errors.contains("the newest are"), "\(unknown)")
    }

    @Test("--dry-run says hours from earlier jobs, and --metrics-file what became of a run")
    func foretelling() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let first = try site.run("--dry-run")
      #expect(
        first.errors.contains("3 jobs to do, mapping takes at most ") && first.errors.contains("is not known")
      )
      #expect(try site.run("--quiet", "--metrics-file", "x.prom").code == 0)
      let figures = try String(contentsOfFile: site.path("x.prom"), encoding: .utf8)
      #expect(figures.contains("terrane_run_exit_code{pipeline=\"\(site.pipeline.path)\"} 0\n"), "\(figures)")
      #expect(
        figures.contains("status=\"done\"} 3\n") && figures.contains("terrane_run_products_written"),
        "\(figures)")
      try SmallScene.write(to: site.path("scenes/b.tif"), column: 60)
      let second = try site.run("--dry-run")
      #expect(second.output.contains(" (from 1 earlier job)\n"), "\(second.output)")
      #expect(second.errors.hasPrefix("terrane: 2 jobs to do, about "), "\(second.errors)")
      try site.write("scenes/bad.tif", "no raster")
      let night = try site.run("--quiet", "--metrics-file", "nowhere/x.prom")
      #expect(night.code == 3 && night.errors.contains("terrane: no metrics: nowhere/x.prom: "), "\(night)")
      try site.write("pipeline.yaml", "name: [")
      let broken = try site.run("--quiet", "--metrics-file", "x.prom")
      #expect(broken.code == 78)
      let after = try String(contentsOfFile: site.path("x.prom"), encoding: .utf8)
      #expect(
        after.contains("} 78\n") && after.contains("terrane_run_last_success_time_seconds{"), "\(after)")
    }
  }
}
