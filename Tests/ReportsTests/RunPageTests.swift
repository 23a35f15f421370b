import Foundation
import Reports
import Runs
import Settings
import Testing

@Suite("The page of a run")
struct RunPageTests {
  @Test("A run says how it ended, what was new, and what it found, without a picture too")
  func finished() {
    let page = SampleRun.page(of: SampleRun.finished(done: ["a", "b"]))
    #expect(page.error == nil && page.dangers.isEmpty)
    for words in [
      "sample", "4 tasks were carried out.", "2026-07-04 02:15 UTC", "1 min 01 s",
      "0: done, or nothing to do",
      "1.4 GiB", "2 products are new", "a note on it", "25.0 %", "0.50 deviations", "water", "terrane 0.1.0",
      "window: 64", "ffee", "0a1b",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    #expect(page.count("img") == 0 && !page.text.contains("What failed"))
    #expect(page.count("h1") == 1 && page.count("main") == 1)
    let tables = page.count("table")
    #expect(tables > 3 && page.count("caption") == tables)
    #expect(page.elements.filter { $0.name == "th" }.allSatisfy { $0.attributes["scope"] != nil })
  }

  @Test("What failed comes first, with its reason and what it blocked; scenes that wait have theirs")
  func failed() {
    let page = SampleRun.page(
      of: SampleRun.finished(done: ["a"], failed: ["bad"], arriving: ["late"], leftOut: ["/in/cloudy"]))
    #expect(page.error == nil)
    for words in [
      "2 failed or could not begin", "What failed", "bad.tif: it is no raster", "3: some scenes failed",
      "its files changed", "too cloudy", "95 % cloud", "/in/cloudy",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    let ids = page.elements.filter { $0.name == "section" }.compactMap { $0.attributes["id"] }
    #expect(ids.first == "failures" && ids.contains("waiting") && ids.contains("products"))
    let links = page.elements.filter { $0.name == "a" }.compactMap { $0.attributes["href"] }
    #expect(links == ids.map { "#\($0)" })
  }

  @Test("A run with nothing to do, one that broke off and one that runs have pages, too")
  func bare() {
    let idle = SampleRun.page(of: SampleRun.finished(done: []))
    #expect(idle.error == nil && idle.text.contains("Nothing was new."))
    let broken = SampleRun.page(of: SampleRun.brokenOff("the disk is full <now>"))
    #expect(broken.error == nil && broken.text.contains("The run broke off: the disk is full <now>"))
    #expect(broken.text.contains("74: reading or writing failed"))
    let running = SampleRun.page(of: SampleRun.running)
    #expect(running.error == nil && running.text.contains("The run has not ended"))
  }

  @Test("Names of strangers stay names wherever they stand")
  func hostile() {
    let names = HTMLTests.hostile
    let page = SampleRun.page(
      of: SampleRun.finished(done: names, failed: names.map { "bad \($0)" }, leftOut: names))
    #expect(page.error == nil && page.dangers.isEmpty)
    #expect(page.count("script") == 1 && page.count("style") == 1 && page.count("img") == 0)
  }

  @Test("Pictures stand beside each other with words for who cannot see them; many products are a table")
  func pictures() throws {
    let data = DataURI(.png, Data([1, 2, 3]))
    func products(_ count: Int) -> [ReportedProduct] {
      let names = (0..<count).map { "scene \($0)" }
      let all = ReportedProduct.all(
        of: SampleRun.finished(done: names), below: URL(fileURLWithPath: "/nowhere"))
      return all.map { product in
        var product = product
        var shown = ProductPictures()
        shown.pictures = [
          .init(.scene, data, width: 10, height: 8, caption: "the scene"),
          .init(.map, data, width: 10, height: 8, caption: "the map"),
        ]
        shown.legend = [.init(name: "water", color: "#419bdf")]
        shown.scale = (0.2, "500 m")
        product.pictures = shown
        return product
      }
    }
    let one = SampleRun.page(of: SampleRun.finished(), products: products(1))
    #expect(one.error == nil && one.dangers.isEmpty)
    let images = one.elements.filter { $0.name == "img" }
    #expect(images.map { $0.attributes["src"] } == Array(repeating: "data:image/png;base64,AQID", count: 2))
    #expect(
      images.map { $0.attributes["alt"] } == ["scene 0: the scene", "Map of scene 0: trees 75 %, water 25 %"])
    #expect(one.text.contains("500 m") && one.elements.allSatisfy { $0.attributes["id"] != "product-table" })
    let many = SampleRun.page(of: SampleRun.finished(), products: products(40))
    #expect(many.error == nil && many.count("img") == 80)
    #expect(many.elements.contains { $0.attributes["data-filters"] == "product-table" })
  }

  @Test("Without a record there is nothing to report, and the words say where")
  func none() {
    let output = URL(fileURLWithPath: "/nowhere")
    #expect { try ReportFile.write(overLast: 3, below: output) } throws: { error in
      (error as? any ExitCoded)?.exitCode == .noInput && "\(error)".hasPrefix("/nowhere: no run")
    }
    #expect {
      try ReportFile.write(
        ofRunIn: output.appendingPathComponent("runs/20260704T021500Z-00a1"), below: output)
    } throws: { "\($0)".hasSuffix("summary.json cannot be read") }
  }

  @Test("An evaluation is a table of models, a matrix of confusions and corrected areas with intervals")
  func scores() throws {
    let json = try JSONValue(
      parsing: #"""
        {"classes": ["water", "trees"], "seeds": 3, "split": "held-out", "models": [
          {"name": "from scratch", "over seeds": {"OA": {"mean": 0.5, "interval": null}, "mIoU": {"mean": 0.4}}},
          {"name": "fine-tuned", "over seeds": {"mIoU": {"mean": 0.75, "interval": [0.7, 0.8]}, "OA": {"mean": 0.9}},
           "confusion (rows reference, columns map)": [[8, 2], [0, 30]],
           "per class": {"water": {"IoU": 0.8, "precision": 1}, "trees": {"IoU": 0.9375}},
           "area": {"water": {"hectares": 12.5, "plus or minus": 1.25, "mapped": 10}}}],
         "verdict": {"isNegative": false, "sentence": "transfer pays", "recipeName": "fine-tuned"},
         "rivals": [{"name": "from scratch"}]}
        """#)
    let evaluation = try #require(ReportedEvaluation(json, subject: "evaluate"))
    #expect(
      evaluation.models[1].figures.map(\.name) == ["mIoU", "OA"] && evaluation.rivals == ["from scratch"])
    #expect(evaluation.models[1].figure("mIoU")?.interval == 0.7...0.8)
    let model = ReportedModel(stage: "evaluate", subject: "evaluate", evaluation: evaluation)
    let page = WellFormed(
      RunPage(SampleRun.finished(), settings: SampleRun.settings, models: [model]).page.text)
    #expect(page.error == nil)
    for words in [
      "transfer pays", "0.750 \u{00B1} 0.050", "12.5 \u{00B1} 1.25", "80", "Confusion", "from scratch",
      "3 seeds",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
    #expect(page.elements.contains { $0.attributes["class"] == "heat" })
    #expect(page.elements.contains { $0.attributes["class"] == "mark-line" })
    #expect(ReportedEvaluation(["models": []], subject: "x") == nil)
  }
}

@Suite("The page over many runs")
struct NightsPageTests {
  @Test("Runs are listed with their ends, failures with the runs that they cost")
  func runs() {
    let runs = [
      SampleRun.finished(failed: ["bad"], id: "20260701T021500Z-0001"),
      SampleRun.finished(failed: ["bad"], id: "20260702T021500Z-0002"),
      SampleRun.brokenOff("the disk is full"), SampleRun.running,
    ]
    let text = NightsPage(
      name: "/out", runs: runs, unreadable: [.init(id: "x", reason: "it is damaged")],
      settings: SampleRun.settings
    ).page.text
    let page = WellFormed(text)
    #expect(page.error == nil && page.dangers.isEmpty)
    for words in [
      "4", "finished with failures", "broken off", "running or killed", "bad.tif: it is no raster",
      "the disk is full", "it is damaged", "2 \u{00D7} exit 3", "Time of each run in seconds",
      "Peak memory of each run",
    ] {
      #expect(page.text.contains(words), "\(words)")
    }
  }

  @Test("Areas of ground that several dates show are curves; no run is a page that says so")
  func areas() throws {
    func product(_ day: String) throws -> ReportedProduct {
      let item = try JSONValue(
        parsing:
          #"{"type": "Feature", "properties": {"datetime": "\#(day)T00:00:00Z", "proj:transform": [10, 0, 1]}}"#
      )
      let run = SampleRun.finished(done: ["scene \(day)"])
      var product = ReportedProduct.all(of: run, below: URL(fileURLWithPath: "/nowhere"))[0]
      product.item = ProductItem(item)
      return product
    }
    let products = try ["2026-07-01", "2026-06-01", "2026-08-01"].map(product)
    let page = WellFormed(
      NightsPage(name: "/out", runs: [SampleRun.finished()], products: products, settings: SampleRun.settings)
        .page.text)
    #expect(page.error == nil && page.count("polyline") == 2)
    #expect(page.text.contains("3 dates, hectares") && page.text.contains("2026-06-01"))
    let empty = WellFormed(NightsPage(name: "/out", runs: []).page.text)
    #expect(empty.error == nil && empty.text.contains("There is no run"))
  }
}
