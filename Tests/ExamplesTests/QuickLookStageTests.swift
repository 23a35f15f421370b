import AddAStage
import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings
import TestRasters
import Testing

/// How a stage is tested without the command: a pipeline file in a directory of its own, small scenes, and a
/// run in the test's own process.
@Suite("The example of a stage", .serialized)
struct QuickLookStageTests {
  /// A directory with scenes, and the pipeline file over them.
  private struct Place {
    let scratch = Scratch()
    var settings = "side: 20"
    var color = "#419bdf"

    init() throws { _ = try scratch.directory("scenes") }

    var output: URL { URL(fileURLWithPath: scratch.file("output/looks")) }

    /// Writes a scene of 40 x 300 pixels: a holds rows, b columns, c a constant. The first column holds
    /// nothing.
    func scene(_ name: String, constant: Float = 7) throws {
      let grid = utmGrid(40, 300)
      func band(_ value: (_ row: Int, _ column: Int) -> Float) -> [Float] {
        grid.bounds.rows.flatMap { row in
          grid.bounds.columns.map { column in column == 0 ? Float.nan : value(row, column) }
        }
      }
      let bands = [
        band { row, _ in Float(row) }, band { _, column in Float(column) }, band { _, _ in constant },
      ]
      try scratch.raster(
        "scenes/\(name)", grid: grid, bands: bands,
        options: .init(type: .float32, bandNames: ["a", "b", "c"], noData: .nan))
    }

    func pipeline(_ stages: String? = nil) throws -> Pipeline {
      let text = """
        name: looks
        sensor: custom
        bands: [a, b, c]
        classes: [{value: 1, name: one, color: "\(color)"}, {value: 2, name: two}]
        data: {scenes: scenes}
        stages: [\(stages ?? "quick-look: {\(settings)}")]
        """
      return try Pipeline.parse(
        text, path: "looks.yaml", url: URL(fileURLWithPath: scratch.file("looks.yaml")),
        stages: .withQuickLook
      )
    }

    func plan() throws -> Plan {
      let pipeline = try pipeline()
      return try Plan(
        pipeline, scenes: SceneRoster(for: pipeline).ready, versions: [:],
        hashes: ContentHashes(store: nil, kinds: .rasters))
    }

    func run() throws -> RunReport {
      try Runner.prepare(output: output)
      let runner = Runner(
        output: output, runID: RunRecord.newID(), threads: 1, cancellation: Cancellation(), observers: [])
      return try runner.run(plan(), ledger: Ledger(output: output))
    }

    func url(_ path: String) -> URL { output.appendingPathComponent(path) }
  }

  private func words(_ report: RunReport) -> [String] {
    report.outcomes.map { "\($0.job.id): \($0.status.word)" }
  }

  @Test(
    "A scene's picture, table and artifact lie in reports/<scene>, and the figures are those of its pixels")
  func files() throws {
    let place = try Place()
    try place.scene("one.tif")
    let report = try place.run()
    #expect(words(report) == ["quick-look:one: done"])
    let picture = try RasterFile(path: place.url("reports/one/quick-look.png").path)
    #expect((picture.grid.width, picture.grid.height, picture.bands.count) == (3, 20, 4))
    // The first column is transparent.
    let opacity: [UInt8] = try picture.readValues(picture.grid.bounds, band: 4)
    #expect(opacity == (0..<60).map { $0 % 3 == 0 ? 0 : 255 })
    let table = try String(contentsOf: place.url("reports/one/bands.csv"), encoding: .utf8)
    #expect(
      table
        == [
          "band,smallest,mean,largest", "a,0.0,149.5,299.0", "b,1.0,20.0,39.0", "c,7.0,7.0,7.0", "",
        ].joined(separator: "\r\n"))
    let findings = try #require(report.outcomes[0].output?.findings)
    #expect(findings[.seenPixels]?.number == 11_700)
    #expect(findings[.seenBands]?.table?.row(where: "band", is: "b")?["mean"]?.double == 20)
    let artifact = try JSONValue(
      parsing: String(contentsOf: place.url("reports/one/artifact.json"), encoding: .utf8))
    #expect(artifact["kind"] == "quick-looks" && artifact["grid"]?["crs"] == "EPSG:32632")
    guard case .array(let layers)? = artifact["layers"] else {
      Issue.record("no layers")
      return
    }
    #expect(layers.map { $0["content"] } == ["picture", "table"])
  }

  @Test("What was drawn is not drawn again; its key holds pixels and settings, and no colour of a class")
  func keys() throws {
    var place = try Place()
    try place.scene("one.tif")
    _ = try place.run()
    #expect(words(try place.run()) == ["quick-look:one: up-to-date"])
    try place.scene("two.tif")
    #expect(words(try place.run()) == ["quick-look:one: up-to-date", "quick-look:two: done"])
    let key = try place.plan().jobs[0].key
    place.color = "#000000"
    #expect(try place.plan().jobs[0].key == key)
    place.settings = "side: 21"
    #expect(try place.plan().jobs[0].key != key)
    place.settings = "side: 20"
    try place.scene("one.tif", constant: 8)
    #expect(try place.plan().jobs[0].key != key)
  }

  @Test("A scene without a valid pixel fails alone, by its name")
  func failure() throws {
    let place = try Place()
    try place.scene("good.tif")
    try place.scene("bad.tif", constant: .nan)
    let report = try place.run()
    #expect(words(report) == ["quick-look:bad: failed", "quick-look:good: done"])
    let bad = NothingToDraw(scene: place.scratch.file("scenes/bad.tif"))
    #expect(bad.description == "\(bad.scene): not one valid pixel")
    #expect(report.failures.map(\.failure) == [RunFailure(bad)])
    let left = try FileManager.default.subpathsOfDirectory(atPath: place.url("reports/bad").path)
    #expect(left == [], "nothing of a task that failed")
  }

  @Test(
    "What is wrong with its settings is said with their place",
    arguments: [
      ("quick-look: {side: 8}", "16"),
      ("quick-look: {bands: [a, b]}", "'bands' must name one band or three, not 2"),
      ("quick-look: {bands: [d]}", "quick-look: 'd' is none of the pipeline's bands: a, b, c"),
      ("quick-look: {}, quick-look: {}", "quick-look#2: its files would take the place of those of the"),
      ("quick-look: {sides: 20}", "did you mean 'side'?"),
    ])
  func mistakes(stages: String, message: String) throws {
    let error = #expect(throws: PipelineFileError.self) { try Place().pipeline(stages) }
    let text = try #require(error).description
    #expect(text.contains(message) && text.hasPrefix("looks.yaml:6:"), "\(text)")
  }

  @Test("One band is drawn in grey, three as red, green and blue")
  func colors() throws {
    var place = try Place()
    try place.scene("one.tif")
    for (settings, isGrey) in [("bands: [b]", true), ("bands: [a, b, c]", false)] {
      place.settings = settings
      _ = try place.run()
      let picture = try RasterFile(path: place.url("reports/one/quick-look.png").path)
      let channels: [[UInt8]] = try (1...3).map { try picture.readValues(picture.grid.bounds, band: $0) }
      #expect((channels[0] == channels[1] && channels[1] == channels[2]) == isGrey, "\(settings)")
    }
  }
}
