import CPUKernels
import Foundation
import NumericOracles
import Rasters
import Tensors
import Testing
import Transfer

extension EndToEnd {
  /// What the command says while it runs and when it has ended.
  @Suite("What a run says")
  struct ReportingTests {
    @Test("A line a task on stderr where it is no terminal; a quiet run that succeeds says nothing at all")
    func lines() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let loud = try site.run()
      let said = loud.errors.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
      #expect(said.allSatisfy { $0[0].hasSuffix("Z") }, "\(loud.errors)")
      let words = said.map { String($0[1].prefix { $0 != "," }) }
      #expect(
        words.map { $0.replacing(/in [0-9.]+ s/, with: "") } == [
          "[1/3] pretrain-load pretrained: begun", "[1/3] pretrain-load pretrained: done ",
          "[2/3] inference a: begun", "[2/3] inference a: done ", "[3/3] geotiff a: begun",
          "[3/3] geotiff a: done ",
        ], "\(loud.errors)")
      #expect(loud.code == 0 && loud.output.contains("hectares"))
      #expect(loud.output.contains("products: \(site.output.path)/products\n"))
      for _ in 1...2 {
        let quiet = try site.run("--quiet", "--output", site.path("quiet"))
        #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
      }
    }

    @Test(
      "On a terminal there is a bar that names stage and scene, and what each stage came to stays; not with --quiet, lines on a dumb one"
    )
    func bar() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let cron = TerraneCommand.cronEnvironment
      let plain = cron.merging(["TERM": "xterm"]) { $1 }
      let shown = try onTerminal(["run", site.pipeline.path], plain)
      #expect(
        shown.contains("\r\u{1B}[K[1/3] pretrain-load pretrained")
          && shown.contains("\r\u{1B}[Kinference: done in "), "\(shown)")
      // A terminal makes CR LF of a line feed, which is one character to Swift.
      #expect(shown.unicodeScalars.last == "\n" && !shown.contains("begun"))
      #expect(
        try onTerminal(["run", site.pipeline.path, "--quiet", "--output", site.path("q")], plain).isEmpty)
      let dumb = cron.merging(["TERM": "dumb"]) { $1 }
      let lines = try onTerminal(["run", site.pipeline.path, "--output", site.path("d")], dumb)
      #expect(lines.contains("[2/3] inference a: begun") && !lines.contains("\u{1B}"), "\(lines)")
    }

    @Test("summary.json counts the tasks, names the files with their sizes, and the failures with theirs")
    func summary() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      try site.write("scenes/broken.tif", "no raster")
      #expect(try site.run().code == 3)
      let summary = try RunSummary(of: site.output)
      #expect(summary.members["state"] as? String == "finished" && summary.exitCode == 3)
      #expect(
        summary.counts == ["done": 5, "failed": 1, "blocked": 1, "up-to-date": 0, "not-reached": 0])
      #expect(summary.failures.keys.sorted() == ["inference:broken"])
      #expect(summary.failures["inference:broken"]?.contains("scenes/broken.tif") == true)
      let stages = try #require(summary.members["stages"] as? [[String: Any]])
      #expect(stages.map { $0["stage"] as? String } == ["pretrain-load", "inference", "geotiff"])
      let files = stages.flatMap { $0["tasks"] as? [[String: Any]] ?? [] }
        .flatMap { $0["files"] as? [[String: Any]] ?? [] }
      #expect(files.count >= 14)
      for file in files {
        let path = "out/" + (try #require(file["path"] as? String))
        let size = try FileManager.default.attributesOfItem(atPath: site.path(path))[.size] as? Int
        #expect(size == file["bytes"] as? Int, "\(path)")
      }
    }

    @Test(
      "Each map says in what precision it was computed; one that this CPU has not got is fp32 with a note")
    func precision() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let ending = try site.run("--precision", "bf16")
      let isThere = KernelSet.computing(in: .bf16) != nil
      #expect(ending.code == 0 && ending.output.contains("precision bf16 was asked for") == !isThere)
      let map = try RasterFile(path: site.path("out/products/a/landcover.tif"))
      #expect(map.metadata["TERRANE_PRECISION"] == (isThere ? "bf16" : "fp32"))
    }

    /// What the command writes to a terminal that is its stderr.
    private func onTerminal(_ arguments: [String], _ environment: [String: String]) throws -> String {
      var (master, slave) = (Int32(-1), Int32(-1))
      try #require(openpty(&master, &slave, nil, nil, nil) == 0)
      let terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
      let run = try TerraneCommand.start(arguments, environment: environment, terminal: terminal)
      close(slave)
      defer { close(master) }
      var text = [UInt8]()
      var piece = [UInt8](repeating: 0, count: 4096)
      // The read fails once the last process that holds the terminal has ended.
      while true {
        let count = read(master, &piece, piece.count)
        if count <= 0 { break }
        text += piece[..<count]
      }
      #expect(run.end().code == 0)
      return String(decoding: text, as: UTF8.self)
    }
  }
}
