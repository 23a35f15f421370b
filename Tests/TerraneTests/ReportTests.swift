import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

extension EndToEnd {
  /// The pages that runs and `terrane report` write.
  @Suite("Reports")
  struct ReportTests {
    private func page(_ path: String) throws -> String {
      try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    }

    private func isWellFormed(_ page: String) -> Bool { XMLParser(data: Data(page.utf8)).parse() }

    @Test("A run leaves a page with scene and map of what is new, which loads nothing and is among its sums")
    func run() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b & c"])
      try site.write("scenes/broken.tif", "no raster")
      let ending = try site.run()
      #expect(ending.code == 3)
      #expect(ending.output.hasSuffix("report: \(site.output.path)/runs/latest/report.html\n"))
      let text = try page(site.path("out/runs/latest/report.html"))
      #expect(isWellFormed(text))
      for words in [
        "small", "3: some scenes failed, the others were mapped", "scenes/broken.tif", "2 products are new",
        "alt=\"Map of a", ">the scene<", "b &amp; c", "cropland", "lang=\"en\"",
      ] {
        #expect(text.contains(words), "\(words)")
      }
      #expect(text.components(separatedBy: "<img ").count == 7)
      #expect(text.ranges(of: /(src|href)="(?!data:image|#)/).isEmpty && !text.contains("http://"))
      #expect(try page(site.path("out/runs/latest/SHA256SUMS")).contains("  report.html\n"))
      #expect(site.exists("out/products/a/scene.png"))
      #expect(try TerraneCommand.run("verify", site.output.path).code == 0)
    }

    @Test("A quiet run says nothing of its page, and a night with nothing to do has one, too")
    func quiet() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run("--quiet").code == 0)
      let quiet = try site.run("--quiet")
      #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
      #expect(try page(site.path("out/runs/latest/report.html")).contains("Nothing was new."))
    }

    @Test("terrane report writes a page over the newest runs; without a run it has no input")
    func nights() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      for _ in 1...3 { #expect(try site.run("--quiet").code == 0) }
      let ending = try TerraneCommand.run("report", site.output.path, "--last", "2")
      #expect(ending.code == 0 && ending.output == "\(site.output.path)/runs/report.html\n")
      let text = try page(site.path("out/runs/report.html"))
      #expect(isWellFormed(text) && text.contains("<b>2</b>runs"))
      #expect(try site.run("--quiet").code == 0 && TerraneCommand.run("verify", site.output.path).code == 0)
      let elsewhere = try TerraneCommand.run("report", site.output.path, "--to", site.path("nights.html"))
      #expect(elsewhere.code == 0 && site.exists("nights.html"))
      let none = try TerraneCommand.run("report", site.path("scenes"))
      #expect(none.code == 66 && none.errors.contains("no run has left a record here"), "\(none.errors)")
      #expect(try TerraneCommand.run("report", site.output.path, "--last", "0").code == 64)
      let refused = try TerraneCommand.run("report", site.output.path, "--to", "/proc/no/report.html")
      #expect(refused.code == 74 || refused.code == 73)
    }
  }
}
