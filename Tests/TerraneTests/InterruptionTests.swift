import Checkpoints
import Foundation
import NumericOracles
import Rasters
import Testing
import Transfer

extension EndToEnd {
  /// Runs that are ended from outside.
  @Suite("Interrupted runs")
  struct InterruptionTests {
    /// A site whose run trains and maps three scenes.
    private static func site() throws -> Workplace {
      let site = try Workplace()
      try TrainedModel.putLabelledScene(into: site)
      for (index, name) in ["a", "b", "c"].enumerated() {
        try SmallScene.write(to: site.path("scenes/\(name).tif"), column: 100 + 40 * index)
      }
      try site.write("pipeline.yaml", TrainedModel.wholeChain)
      return site
    }

    @Test("Killed at twenty random moments, nothing is torn and the products are those of an undisturbed run")
    func killed() throws {
      let site = try Self.site()
      let undisturbed = try site.run("--threads", "2")
      #expect(undisturbed.code == 0, "\(undisturbed.errors)")
      let expected = try site.digests()
      try site.remove("out")
      var random = SplitMix(seed: 20)
      var (kills, completed) = (0, 0)
      while kills < 20 {
        let run = try site.start(["--threads", "2"])
        Thread.sleep(forTimeInterval: Double.random(in: 0...undisturbed.seconds, using: &random))
        run.send(SIGKILL)
        let ending = run.end()
        try requireWhole(site.output)
        if ending.code == 0 {
          // It was quicker: what it left is whole, and the next run begins anew.
          completed += 1
          #expect(try site.digests() == expected)
          try site.remove("out")
        } else {
          #expect(ending.code == 128 + SIGKILL)
          kills += 1
        }
      }
      let last = try site.run("--threads", "2")
      #expect(last.code == 0, "\(last.errors)")
      #expect(try site.digests() == expected, "after \(completed) completed runs in between")
      for part in ["products", "models", "cache", "runs"] {
        let directory = site.output.appendingPathComponent(part)
        let left = try FileManager.default.subpathsOfDirectory(atPath: directory.path)
          .filter { $0.contains(".terrane-tmp-") }
        #expect(left.isEmpty, "\(part): \(left)")
      }
    }

    @Test("A training that is killed ten times at random moments goes on by itself, to the same weights")
    func killedTraining() throws {
      let site = try Workplace()
      try TrainedModel.putLabelledScene(into: site)
      let recipe =
        "strategy: full, epochs: 30, validation: 0, batch: 4, checkpoint: 0s, averaging: ema, dropout: 0.1, "
        + "augmentation: {cutmix: 0.5, rotation: 20}"
      try site.write(
        "pipeline.yaml",
        TrainedModel.head + """
          data:
            target: [{scene: labelled.tif, labels: labels.tif}]
          stages:
            - pretrain-load:
            - fine-tune: {\(recipe)}

          """)
      let undisturbed = try site.run("--threads", "2")
      #expect(undisturbed.code == 0, "\(undisturbed.errors)")
      let expected = try site.digests(of: ["models"])
      try site.remove("out")
      var random = SplitMix(seed: 5)
      var (kills, resumptions) = (0, 0)
      while kills < 10 {
        let kept = Workplace.files(below: site.output.appendingPathComponent("cache/unfinished"))
        let run = try site.start(["--threads", "2"])
        // A quarter of the training, so that most kills meet one that has been resumed.
        Thread.sleep(forTimeInterval: Double.random(in: 0...undisturbed.seconds / 4, using: &random))
        run.send(SIGKILL)
        if run.end().code == 0 {
          #expect(try site.digests(of: ["models"]) == expected)
          try site.remove("out")
        } else {
          kills += 1
          resumptions += kept.isEmpty ? 0 : 1
        }
      }
      let last = try site.run("--threads", "2")
      #expect(last.code == 0, "\(last.errors)")
      #expect(try site.digests(of: ["models"]) == expected)
      #expect(resumptions > 0)
      #expect(Workplace.files(below: site.output.appendingPathComponent("cache/unfinished")).isEmpty)
    }

    @Test(
      "SIGTERM and SIGINT end a run in time, with nothing torn; the next run resumes",
      arguments: [SIGTERM, SIGINT])
    func terminated(signal: Int32) throws {
      let site = try Self.site()
      // Many passes, so that the signal meets the training.
      let run = try site.start(["--set", "fine-tune.epochs=500"])
      #expect(
        run.wait {
          (try? String(contentsOfFile: site.path("out/runs/latest/run.log.jsonl"), encoding: .utf8))?
            .contains("\"began\",\"key\"") ?? false
        })
      Thread.sleep(forTimeInterval: 1)
      let asked = ContinuousClock.now
      run.send(signal)
      let ending = run.end()
      #expect(ContinuousClock.now - asked < .seconds(10))
      #expect(ending.code == 128 + signal, "\(ending.errors)")
      try requireWhole(site.output)
      let summary = try RunSummary(of: site.output)
      #expect(summary.exitCode == Int(128 + signal) && summary.counts["not-reached"].map { $0 >= 6 } == true)
      let resumed = try site.run("--set", "fine-tune.epochs=1")
      #expect(resumed.code == 0, "\(resumed.errors)")
    }

    /// Every raster and every model below an output directory can be read to its last block.
    private func requireWhole(_ output: URL) throws {
      for part in ["products", "models"] {
        let directory = output.appendingPathComponent(part)
        for name in Workplace.files(below: directory) {
          let path = directory.appendingPathComponent(name).path
          switch directory.appendingPathComponent(name).pathExtension {
          case "tif": try RasterFile.verify(path)
          case "safetensors": #expect(try Safetensors(contentsOf: path).tensors.count > 100)
          case "json":
            _ = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
          default: #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count > 0, "\(name)")
          }
        }
      }
    }
  }
}
