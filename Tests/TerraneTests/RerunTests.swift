import Foundation
import Testing
import Transfer

extension EndToEnd {
  /// What a second run does: nothing that was done.
  @Suite("A second run")
  struct RerunTests {
    @Test("A second run checks and does nothing, in under a second")
    func nothingToDo() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      #expect(try site.run().code == 0)
      let (before, ledger) = (try site.digests(), try site.ledger())
      let second = try site.run()
      #expect(second.code == 0 && second.seconds < 1, "\(second)")
      let summary = try RunSummary(of: site.output)
      #expect(summary.done.isEmpty && summary.counts["up-to-date"] == 5)
      #expect(try site.ledger() == ledger && ledger.count == 5)
      #expect(try site.digests() == before)
    }

    @Test("A touched scene is not mapped again, a changed one is, a new one costs its own tasks")
    func stale() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      #expect(try site.run().code == 0)
      let touched = site.path("scenes/a.tif")
      try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: touched)
      #expect(try site.run().code == 0)
      #expect(try RunSummary(of: site.output).done.isEmpty)

      try SmallScene.write(to: touched, column: 180)
      #expect(
        try site.run("--dry-run").output.contains("inference:a\tto do: input 'scene' changed, in at most "))
      #expect(try site.run().code == 0)
      #expect(try RunSummary(of: site.output).done == ["inference a", "geotiff a"])

      try SmallScene.write(to: site.path("scenes/c.tif"), column: 200)
      #expect(try site.run().code == 0)
      #expect(try RunSummary(of: site.output).done == ["inference c", "geotiff c"])

      try site.remove("out/products/b/landcover.tif")
      #expect(try site.run().code == 0)
      #expect(try RunSummary(of: site.output).done == ["geotiff b"])
      #expect(site.exists("out/products/b/landcover.tif"))
    }

    @Test("What a VRT names belongs to the scene, where VRTs are allowed")
    func vrt() throws {
      let site = try TrainedModel.workplace()
      let (source, folder) = (site.path("behind.tif"), site.scenes)
      try SmallScene.write(to: source)
      let bands = (1...SmallScene.bands.count).map { band in
        "<VRTRasterBand dataType='UInt16' band='\(band)'><Description>\(SmallScene.bands[band - 1])</Description>"
          + "<SimpleSource><SourceFilename>\(source)</SourceFilename><SourceBand>\(band)</SourceBand>"
          + "</SimpleSource></VRTRasterBand>"
      }
      let side = SmallScene.side
      try Data(
        "<VRTDataset rasterXSize='\(side)' rasterYSize='\(side)'>\(bands.joined())</VRTDataset>".utf8
      ).write(to: folder.appendingPathComponent("named.tif"))
      try #require(try site.run("--set", "allow-vrt=true").code == 0)
      #expect(
        try site.run("--set", "allow-vrt=true", "--dry-run").output.contains("inference:named\tup to date"))
      try SmallScene.write(to: source, column: 150)
      #expect(
        try site.run("--set", "allow-vrt=true", "--dry-run").output.contains(
          "inference:named\tto do: input 'scene' changed"))
    }

    @Test("A run while another one is writing ends with 75 within a second")
    func locked() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let first = try site.start()
      #expect(first.wait { site.exists("out/runs/latest/summary.json") })
      first.send(SIGSTOP)
      let second = try site.run("--quiet")
      #expect(second.code == 75 && second.seconds < 1, "\(second)")
      #expect(
        second.errors.hasPrefix("terrane: another run is writing to \(site.output.path) (pid "))
      #expect(second.errors.split(separator: "\n").count == 1 && second.output.isEmpty)
      first.send(SIGCONT)
      #expect(first.end().code == 0)
    }

    @Test("After a deadline nothing begins, and the next run takes it up")
    func deadline() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let late = try site.run("--deadline", "0s")
      #expect(late.code == 75 && late.output.contains("\nnot reached: 3 jobs"))
      #expect(try site.run().code == 0)
    }
  }
}
