import Foundation
import Products
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

  @Test("Numbers that no count is are none, in evaluations and in records")
  func damagedNumbers() throws {
    let json = try JSONValue(
      parsing: #"""
        {"classes": ["water", "trees"], "seeds": 1e300, "models": [{"name": "m",
          "over seeds": {"OA": {"mean": 1e300}},
          "confusion": [[1e300, 9e18], [9e18, 9e18]]}]}
        """#)
    let evaluation = try #require(ReportedEvaluation(json, subject: "evaluate"))
    #expect(evaluation.seeds == 1 && evaluation.models[0].confusion[0] == [0, 9_000_000_000_000_000_000])
    let summary = try JSONValue(
      parsing: #"""
        {"state": "finished", "name": "n", "exit-code": 9223372036854775807, "seconds": 1e300,
         "peak-memory": 9223372036854775807, "stages": [{"stage": "s", "seconds": 1e300, "tasks": [
           {"subject": "a", "status": "done", "seconds": 1e300,
            "files": [{"path": "products/a/x.tif", "bytes": 9223372036854775807, "sha256": "ff"}]}]}]}
        """#)
    let run = try #require(RecordedRun(summary, in: URL(fileURLWithPath: "/out/runs/x")))
    let model = ReportedModel(stage: "evaluate", subject: "evaluate", evaluation: evaluation)
    #expect(WellFormed(RunPage(run, models: [model]).page.text).error == nil)
    #expect(SampleRun.page(of: run).error == nil)
    #expect(WellFormed(NightsPage(name: "/out", runs: [run, run]).page.text).error == nil)
  }
}

@Suite("Areas of the classes of a map")
struct ClassAreaTests {
  @Test("Of a map that was cleaned before it was published the areas are those of what is published")
  func cleaned() {
    func areas(_ key: FindingKey, _ hectares: Double) -> Finding {
      let columns: [FindingTable.Column] = [.init("class"), .init("hectares"), .init("share")]
      return Finding(key, .table(FindingTable(columns, [["water", .number(hectares), 1]])))
    }
    func product(_ findings: [Finding]) -> ReportedProduct {
      ReportedProduct(subject: "a", directory: "products/a", findings: findings)
    }
    #expect(product([areas(.classAreas, 2), areas(.cleanedAreas, 3)]).areas.map(\.hectares) == [3])
    #expect(product([areas(.classAreas, 2)]).areas.map(\.hectares) == [2])
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

  /// A run that ends with a code and tasks in some states, none of which failed; publishing leaves a product.
  private func run(
    _ id: String, _ code: Int, inference: String = "done", publishing: String = "done",
    failures: String = "[]", state: String = "finished"
  ) throws -> RecordedRun {
    let json = try JSONValue(
      parsing: #"""
        {"state": "\#(state)", "name": "sample", "exit-code": \#(code), "stages": [
          {"stage": "inference", "tasks": [{"subject": "a", "status": "\#(inference)"}]},
          {"stage": "geotiff", "tasks": [{"subject": "a", "status": "\#(publishing)",
            "files": [{"path": "products/a/landcover.tif", "bytes": 1, "sha256": "ff"}]}]}],
         "failures": \#(failures)}
        """#)
    return try #require(RecordedRun(json, in: URL(fileURLWithPath: "/out/runs/\(id)")))
  }

  @Test("A failure is past where a later run has done its task, and open where none has come to it")
  func openFailures() throws {
    let failure = #"[{"task": "inference:a", "subject": "a", "reason": "it is no raster"}]"#
    let bad = try run("1", 3, inference: "failed", publishing: "blocked", failures: failure)
    let disk = #"[{"task": "catalogue:products", "subject": "", "reason": "the disk is full"}]"#
    func marks(_ runs: [RecordedRun]) -> [String] {
      let page = WellFormed(NightsPage(name: "/out", runs: runs).page.text)
      #expect(page.error == nil)
      return page.cells(of: "failure-table", at: 6)
    }
    #expect(marks([bad]) == ["open"])
    #expect(marks([bad, try run("2", 143, inference: "not-reached", publishing: "not-reached")]) == ["open"])
    #expect(marks([bad, SampleRun.running]) == ["open"])
    #expect(marks([bad, SampleRun.finished(done: ["b"])]) == ["open"])
    #expect(marks([bad, try run("2", 0, inference: "up-to-date")]) == ["past"])
    // Of the run itself, and of a task that is recorded only where it fails.
    #expect(marks([SampleRun.brokenOff("x"), SampleRun.running]) == ["open"])
    #expect(marks([SampleRun.brokenOff("x"), try run("2", 75)]) == ["past"])
    let unlisted = try run("1", 74, failures: disk)
    #expect(marks([unlisted, try run("2", 143)]) == ["open"])
    #expect(marks([unlisted, try run("2", 75)]) == ["past"])
    #expect(marks([bad, SampleRun.brokenOff("x")]) == ["open", "open"])
  }

  @Test("What failed outside of any stage is told with its reason on the pages of a run and of many")
  func failureOfNoStage() throws {
    let disk = #"[{"task": "catalogue:products", "subject": "", "reason": "catalog.json: the disk is full"}]"#
    let run = try run("1", 74, failures: disk)
    for page in [SampleRun.page(of: run), WellFormed(NightsPage(name: "/out", runs: [run]).page.text)] {
      #expect(page.error == nil)
      for words in [
        "What failed", "catalogue", "catalog.json: the disk is full", "1 failed or could not begin",
      ] {
        #expect(page.text.contains(words), "\(words)")
      }
    }
  }

  @Test(
    "A run is said to be without a product, or with failures, where it was",
    arguments: [
      (143, "done", "done", "ended early (exit 143)", "with failures, or cut short"),
      (143, "not-reached", "up-to-date", "cut short", "with failures, or cut short"),
      (74, "done", "done", "ended early (exit 74)", "with failures, or cut short"),
      (75, "done", "not-reached", "cut short", "without a product"),
      (65, "failed", "blocked", "finished with failures", "without a product"),
      (3, "failed", "up-to-date", "finished with failures", "with failures, or cut short"),
      (0, "done", "done", "finished", "without failure"),
    ])
  func endings(code: Int, inference: String, publishing: String, word: String, tile: String) throws {
    let run = try run("1", code, inference: inference, publishing: publishing)
    let page = WellFormed(NightsPage(name: "/out", runs: [run]).page.text)
    #expect(page.error == nil && page.cells(of: "run-table", at: 2) == [word], "\(page.text)")
    let tiles = ["without failure", "with failures, or cut short", "without a product", "broken off"]
    let shown = tiles.filter { page.text.contains("1\($0)") }
    #expect(shown == [tile], "\(page.text)")
    #expect(SampleRun.page(of: run).text.contains(word))
  }

  @Test(
    "A date of which clouds hide more than of the others is drawn beside the curves, and says what it shows")
  func hiddenAreas() throws {
    let shares = ["2026-06-01": 0.6, "2026-07-01": 0.3, "2026-08-01": 0.58]
    let products = try shares.map { day, share in
      let table = FindingTable(
        [.init("class"), .init("pixels"), .init("hectares"), .init("share")],
        [["water", 10, .number(100 * share), 0.25], ["trees", 30, .number(300 * share), 0.75]])
      return ReportedProduct(
        subject: "scene \(day)", directory: "products/\(day)",
        findings: [Finding(.classAreas, .table(table)), Finding(.validShare, .number(share))],
        item: ProductItem(
          try JSONValue(
            parsing:
              #"{"type": "Feature", "properties": {"datetime": "\#(day)T00:00:00Z", "proj:transform": [10, 0, 1]}}"#
          )))
    }
    let page = WellFormed(
      NightsPage(name: "/out", runs: [SampleRun.finished()], products: products, settings: SampleRun.settings)
        .page.text)
    #expect(page.error == nil && page.text.contains("3 dates, hectares; 1 drawn hollow"), "\(page.text)")
    #expect(page.hollow == 2 && page.count("circle") == 6)
    let curves = page.elements.filter { $0.name == "polyline" }.compactMap { $0.attributes["points"] }
    #expect(curves.map { $0.split(separator: " ").count } == [2, 2])
    for words in ["Seen", "60.0 %", "30.0 %", "less than nine tenths"] {
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
    #expect(!page.text.contains("drawn hollow;") && page.hollow == 0)
    let empty = WellFormed(NightsPage(name: "/out", runs: []).page.text)
    #expect(empty.error == nil && empty.text.contains("There is no run"))
  }
}
