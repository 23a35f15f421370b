import Checkpoints
import Chips
import Classes
import Foundation
import Rasters
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The stages on real rasters of 64 x 64 pixels, trained for a step or two: what they leave, and what they do
/// not do again.
@Suite("The chain of stages", .startsCommand, .serialized)
struct StagesChainTests {
  private let learning = [
    "pretrain-load: {weights: weights.safetensors}",
    "fine-tune: {data: source, strategy: full, epochs: 2, batch: 4, validation: 0, learning-rate: 1e-3}",
    "domain-adaptation: {method: coral, epochs: 1, batch: 4}",
    "domain-adaptation: {method: adabn, batch: 4}",
    "fine-tune: {epochs: 1, head-epochs: 1, batch: 4, validation: 0.25, validation-block: 16}",
  ]
  private let evaluation = [
    "evaluate: {split: held-out}", "evaluate: {split: spatial-blocks, folds: 2, block: 16, buffer: 0}",
  ]
  private let mapping = ["inference: {window: 32, overlap: 8}", "geotiff:"]

  /// `chain.yaml` with all stages, `short.yaml` without evaluation.
  private func chain() throws -> StagesSite {
    let site = try StagesSite()
    let (here, there) = (StagesSite.Ground(), StagesSite.Ground(layout: 2))
    try site.scene("source.tif", here)
    try site.labels("source-labels.tif", here)
    try site.scene("target.tif", there, gain: 1.3)
    try site.labels("few.tif", there) { row, _ in row < 32 }
    try site.labels("truth.tif", there) { row, _ in row >= 32 }
    try site.scene("incoming/a.tif", there, gain: 1.3)
    try site.weights("weights.safetensors")
    let data =
      "{source: [{scene: source.tif, labels: source-labels.tif}], target: [{scene: target.tif, labels: few.tif}], "
      + "test: [{scene: target.tif, labels: truth.tif}], scenes: incoming}"
    try site.pipeline("chain", data: data, stages: learning + evaluation + mapping)
    try site.pipeline("chain", file: "short.yaml", data: data, stages: learning + mapping)
    return site
  }

  @Test(
    "Load, adapt, fine-tune, evaluate, map, publish; then nothing; then a new scene alone; and the same bytes again"
  )
  func wholeChain() throws {
    let site = try chain()
    let first = try site.run("chain.yaml", "--threads", "2")
    #expect(first.code == 0 && !first.errors.contains("terrane:"), "\(first.errors)")
    // Each pass of each training is told and logged.
    #expect(first.errors.contains(/fine-tune: [a-z]+ 1\/\d+, loss \d/), "\(first.errors)")
    let log = try String(contentsOf: site.url("output/chain/runs/latest/run.log.jsonl"), encoding: .utf8)
    #expect(log.contains(#""epoch":1,"epochs""#) && log.contains(#""event":"pass""#))
    #expect(try site.statuses("chain").allSatisfy { $0.hasSuffix(": done") })
    try expectReports(site)

    let products = try site.contents("output/chain/products")
    let second = try site.run("chain.yaml", "--threads", "2", "--quiet")
    #expect(second.code == 0 && second.output.isEmpty && second.errors.isEmpty)
    #expect(try site.statuses("chain").allSatisfy { $0.hasSuffix(": up-to-date") })
    #expect(try site.contents("output/chain/products") == products)

    try site.scene("incoming/b.tif", .init(width: 33, height: 70, layout: 1))
    #expect(try site.run("chain.yaml", "--threads", "2").code == 0)
    #expect(
      try site.statuses("chain").filter { !$0.hasSuffix(": up-to-date") } == [
        "inference:b: done", "geotiff:b: done",
      ])

    // Evaluation is no part of what is published: without it everything is the same.
    #expect(try site.run("short.yaml", "--threads", "2", "--output", "again").code == 0)
    let again = try site.contents("again/products")
    let now = try site.contents("output/chain/products")
    #expect(again == now && again.keys.contains("b/landcover.tif"))
    let (models, modelsAgain) = (try site.contents("output/chain/models"), try site.contents("again/models"))
    #expect(models.count >= 10 && modelsAgain == models)
  }

  private func expectReports(_ site: StagesSite) throws {
    let names = [
      "source only", "source only (2)", "adapted (coral)", "adapted (adabn)", "fine-tuned", "from scratch",
    ]
    for report in ["evaluate", "evaluate#2"] {
      let evaluation = try site.json("output/chain/reports/\(report)/evaluation.json") as? [String: Any]
      let models = evaluation?["models"] as? [[String: Any]] ?? []
      let found = models.compactMap { $0["name"] as? String }
      #expect(found == names, "\(report)")
      // Each labelled pixel is counted once, whatever the chips.
      #expect(models.allSatisfy { $0["pixels"] as? Int == 32 * 61 }, "\(report)")
      #expect(models.allSatisfy { (0...1).contains($0["OA"] as? Double ?? -1) })
    }
  }

  @Test("A product has palette, names, no-data, tags, a picture, a style and a STAC item")
  func product() throws {
    let site = try StagesSite()
    try site.scene("incoming/2024-05-17_plot.tif", .init(width: 70, height: 45))
    try site.weights("weights.safetensors")
    try site.pipeline(
      "product", data: "{scenes: incoming}",
      stages: [
        "pretrain-load: {weights: weights.safetensors}", "inference: {window: 64, overlap: 16}", "geotiff:",
      ])
    let run = try site.run("product.yaml")
    #expect(run.code == 0, "\(run.errors)")
    let place = "output/product/products/2024-05-17_plot/"
    let map = try RasterFile(path: site.url(place + "landcover.tif").path)
    #expect(map.bands[0].noData == 0 && map.bands[0].colorInterpretation == "Palette")
    #expect(map.metadata["CLASS_1"] == "water" && map.metadata["CLASS_2"] == "trees & <shrubs>")
    #expect(map.metadata["TERRANE_PIPELINE"] == "product" && map.metadata["TERRANE_KEY"]?.count == 64)
    #expect(map.metadata["TERRANE_MODEL_SHA256"]?.count == 64)
    let (classes, confidence) = (
      try site.pixels(place + "landcover.tif"), try site.pixels(place + "confidence.tif")
    )
    for (index, value) in classes.enumerated() {
      let isBorder = index % 70 < 3
      #expect(isBorder ? value == 0 : [1, 2].contains(value))
      #expect(isBorder ? confidence[index] == 255 : (50...100).contains(confidence[index]))
    }
    #expect(try RasterFile(path: site.url(place + "confidence.tif").path).bands[0].noData == 255)
    let names = try String(contentsOf: site.url(place + "landcover.tif.aux.xml"), encoding: .utf8)
    #expect(names.contains("<Category>trees &amp; &lt;shrubs&gt;</Category>"))
    let picture = try RasterFile(path: site.url(place + "preview.png").path)
    // The map, as it is, with its title above and its legend below.
    #expect(picture.grid.width == 264 && picture.grid.height > 45 + 36)

    let style = XMLParser(data: try Data(contentsOf: site.url(place + "landcover.qml")))
    let entries = PaletteEntries()
    style.delegate = entries
    #expect(style.parse(), "\(String(describing: style.parserError))")
    #expect(entries.labels == ["water", "trees & <shrubs>"] && entries.colors == ["#419bdf", "#397d49"])

    let item = try #require(try site.json(place + "item.json") as? [String: Any])
    let box = try #require(item["bbox"] as? [Double])
    #expect(box.count == 4 && box[0] < box[2] && box[1] < box[3])
    // UTM zone 32 at 600 km east and 5,200 km north is near Innsbruck.
    #expect(abs(box[0] - 10.3) < 0.1 && abs(box[3] - 46.95) < 0.1)
    #expect(item["id"] as? String == "2024-05-17_plot")
    let properties = item["properties"] as? [String: Any]
    #expect(properties?["datetime"] as? String == "2024-05-17T00:00:00Z")
    #expect(properties?["proj:epsg"] as? Int == StagesSite.utm)
    #expect(
      (item["assets"] as? [String: Any])?.keys.sorted() == [
        "confidence", "landcover", "overview", "thumbnail",
      ])
    let entriesOfProduct = try FileManager.default.contentsOfDirectory(atPath: site.url(place).path).sorted()
    #expect(
      entriesOfProduct == [
        "confidence.qml", "confidence.tif", "item.json", "landcover.qml", "landcover.tif",
        "landcover.tif.aux.xml",
        "preview.png", "scene.png",
      ])
    let overview = (item["assets"] as? [String: Any])?["overview"] as? [String: Any]
    #expect(overview?["href"] as? String == "./scene.png" && overview?["roles"] as? [String] == ["overview"])
    let scene = try RasterFile(path: site.url(place + "scene.png").path)
    #expect(scene.bands.count == 4 && scene.grid.width == map.grid.width)
  }

  @Test("What is not observed has a value on the map that no class has")
  func noData() throws {
    let site = try StagesSite()
    try site.scene("incoming/a.tif")
    try site.weights("weights.safetensors") { card, _ in
      (card.classes[0].value, card.classes[1].value) = (0, 255)
    }
    try site.pipeline(
      "values", data: "{scenes: incoming}",
      stages: ["pretrain-load: {weights: weights.safetensors}"] + mapping)
    let file = site.url("values.yaml")
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.replacing("value: 1,", with: "value: 0,").replacing("value: 2,", with: "value: 255,").utf8)
      .write(to: file)
    let run = try site.run("values.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let map = "output/values/products/a/landcover.tif"
    #expect(try RasterFile(path: site.url(map).path).bands[0].noData == 254)
    for (index, value) in try site.pixels(map).enumerated() {
      #expect(index % 64 < 3 ? value == 254 : [0, 255].contains(value))
    }
  }

  @Test(
    "Two dates: every pixel of change and from-to follows from the two maps; ground apart is refused by name")
  func change() throws {
    let site = try StagesSite()
    try site.scene("before.tif", .init(border: 3, layout: 1))
    try site.scene("wide.tif", .init(width: 80, layout: 2))
    try site.scene("apart.tif", .init(epsg: 32633))
    // Two scenes of the same name: their directories tell their products apart.
    for directory in ["earlier", "later"] {
      try FileManager.default.createDirectory(at: site.url(directory), withIntermediateDirectories: true)
    }
    try site.scene("earlier/after.tif", .init(border: 9, layout: 2), gain: 2)
    try site.scene("later/after.tif", .init(border: 3, layout: 1))
    try site.weights("weights.safetensors")
    try site.pipeline(
      "change",
      data: "{pairs: [{before: before.tif, after: earlier/after.tif}, {before: before.tif, after: wide.tif}, "
        + "{before: before.tif, after: apart.tif}, {before: before.tif, after: later/after.tif}]}",
      stages: [
        "pretrain-load: {weights: weights.safetensors}", "inference: {window: 64, overlap: 16}",
        "change-detection: {smoothing: 0, minimum-mapping-unit: 1}", "geotiff:",
      ])
    let run = try site.run("change.yaml")
    #expect(run.code == 3)
    #expect(
      run.errors.contains(
        "terrane: change-detection:before--apart: cannot compare inference:before with inference:apart: "),
      "\(run.errors)")
    let products = "output/change/products/"
    let (before, after) = (
      try site.pixels(products + "before/landcover.tif"),
      try site.pixels(products + "earlier-after/landcover.tif")
    )
    let mask = try site.pixels(products + "before--earlier-after/change.tif")
    let fromTo = try site.pixels(products + "before--earlier-after/from-to.tif")
    for index in mask.indices {
      let isSeen = before[index] != 0 && after[index] != 0
      #expect(mask[index] == (isSeen ? (before[index] == after[index] ? 0 : 1) : 255))
      #expect(fromTo[index] == (isSeen ? 1 + (before[index] - 1) * 2 + after[index] - 1 : 0))
    }
    #expect(mask.count { $0 == 255 } == 9 * 64)
    // The wide scene's columns beyond the earlier one are not compared, and the others lie on it.
    let wide = try site.pixels(products + "wide/landcover.tif")
    for (index, value) in try site.pixels(products + "before--wide/change.tif").enumerated() {
      let later = wide[index / 64 * 80 + index % 64]
      #expect(value == (before[index] == 0 || later == 0 ? 255 : before[index] == later ? 0 : 1))
    }
    #expect(
      try site.pixels(products + "before--later-after/change.tif").allSatisfy { $0 != 1 }, "the same pixels")
    let legend = try RasterFile(path: site.url(products + "before--earlier-after/from-to.tif").path).metadata
    #expect(legend["CLASS_1"] == "water, unchanged" && legend["CLASS_2"] == "water to trees & <shrubs>")
    #expect(
      legend["CLASS_3"] == "trees & <shrubs> to water" && legend["CLASS_4"] == "trees & <shrubs>, unchanged")
    let published = try RasterFile(path: site.url(products + "before--earlier-after/change.tif").path)
    #expect(published.bands[0].noData == 255 && published.metadata["CLASS_1"] == "change")

    try site.pipeline(
      "smoothed", data: "{pairs: [{before: before.tif, after: earlier/after.tif}]}",
      stages: [
        "pretrain-load: {weights: weights.safetensors}", "inference: {window: 64, overlap: 16}",
        "change-detection: {smoothing: 2}", "geotiff:",
      ])
    let second = try site.run("smoothed.yaml")
    #expect(second.code == 0, "\(second.errors)")
    let smoothed = "output/smoothed/products/before--after/"
    let (states, pairs) = (
      try site.pixels(smoothed + "change.tif"), try site.pixels(smoothed + "from-to.tif")
    )
    for index in states.indices {
      // Values are 1 + 2 from + to; what either date did not see stays unseen.
      #expect((states[index] == 255) == (mask[index] == 255) && (pairs[index] == 0) == (mask[index] == 255))
      if states[index] != 255 { #expect((states[index] == 1) == [2, 3].contains(pairs[index])) }
    }
    func borders(_ values: [UInt8]) -> Int { zip(values, values.dropFirst()).count { $0 != $1 } }
    #expect(borders(pairs) < borders(fromTo), "\(borders(pairs)) of \(borders(fromTo))")
  }
}

/// The palette of a QGIS style, as an XML reader sees it.
private final class PaletteEntries: NSObject, XMLParserDelegate {
  var labels: [String] = []
  var colors: [String] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    guard name == "paletteEntry" else { return }
    labels.append(attributes["label"] ?? "")
    colors.append(attributes["color"] ?? "")
  }
}
