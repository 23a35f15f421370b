import Foundation
import Pipelines
import Products
import Rasters
import Runs
import Scenes
import Settings
import Testing
import Transfer

/// Stages by themselves: what they leave for others, and what they make of what others have left.
@Suite("Stages without the command", .startsCommand, .serialized)
struct StageTests {
  private static let classes =
    ##"[{value: 1, name: water, color: "#419bdf"}, {value: 2, name: "trees & <shrubs>", color: "#397d49"}]"##

  private func text(_ stages: String, data: String) -> String {
    """
    name: bench
    sensor: sentinel-2-l2a
    bands: [B03, B08]
    classes: \(Self.classes)
    data: \(data)
    chips: {size: 32, stride: 32}
    stages: [\(stages)]
    """
  }

  private func names(_ layers: JSONValue?) -> [String] {
    layers?.elements.compactMap { $0["name"]?.text } ?? []
  }

  @Test(
    "inference leaves indices and percentages with their areas, for a model of which it knows no file name")
  func inference() throws {
    let site = try StagesSite()
    try site.scene("one.tif")
    try site.weights("w.safetensors")
    let bench = StageBench(in: site.directory)
    try bench.carryOut(
      text(
        "pretrain-load: {weights: w.safetensors}, inference: {window: 64, overlap: 8}",
        data: "{scenes: one.tif}"),
      scenes: ["one.tif"])
    let artifact = try bench.artifact(of: "inference:one")
    #expect(artifact["kind"] == "maps" && artifact["subject"] == "one")
    #expect(names(artifact["layers"]) == ["landcover", "confidence"])
    #expect(artifact["layers"]?.elements.map { $0["content"] } == ["class-indices", "percent"])
    #expect(artifact["grid"]?["crs"] == "EPSG:32632" && artifact["grid"]?["width"] == 64)
    let findings = try #require(bench.results["inference:one"]?.findings)
    #expect(findings.first { $0.key == "model-sha256" }?.text == "of model.safetensors")
    let rows = try #require(findings.first { $0.key == "class-areas" }?.table?.rows)
    #expect(rows.map { $0["class"] } == ["water", "trees & <shrubs>"])
    #expect(rows.compactMap { $0["pixels"]?.double }.reduce(0, +) == 61 * 64)
    #expect(abs(rows.compactMap { $0["hectares"]?.double }.reduce(0, +) - 39.04) < 1e-9)
    #expect(abs(rows.compactMap { $0["share"]?.double }.reduce(0, +) - 1) < 1e-9)
  }

  @Test(
    "A map has no picture of a scene that was replaced, or went, since the run was planned",
    arguments: [true, false])
  func replacedScene(isReplaced: Bool) throws {
    let site = try StagesSite()
    try site.scene("one.tif")
    try site.weights("w.safetensors")
    let bench = StageBench(in: site.directory)
    try bench.carryOut(
      text(
        "pretrain-load: {weights: w.safetensors}, inference: {window: 64, overlap: 8}, geotiff: {}",
        data: "{scenes: one.tif}"),
      scenes: ["one.tif"]
    ) { job in
      guard job.stage == "geotiff" else { return }
      try FileManager.default.removeItem(at: site.url("one.tif"))
      if isReplaced { try site.scene("one.tif", .init(layout: 2)) }
    }
    let warnings = bench.results["geotiff:one"]?.warnings ?? []
    #expect(
      warnings.contains("no scene.png: \(site.url("one.tif").path) is not what was mapped any more"),
      "\(warnings)")
    let names = bench.names(in: "products/one")
    #expect(names.contains("landcover.tif") && !names.contains("scene.png"), "\(names)")
  }

  @Test("change-detection says what it compared by; geotiff publishes its rasters, with styles or without")
  func comparison() throws {
    let site = try StagesSite()
    try site.scene("one.tif")
    try site.scene("two.tif", .init(layout: 2))
    let data = "{pairs: [{before: one.tif, after: two.tif}]}"
    for style in ["qml", "none"] {
      let bench = StageBench(in: site.directory)
      try bench.carryOut(
        text("change-detection: {method: cva}, geotiff: {style: \(style)}", data: data),
        scenes: ["one.tif", "two.tif"])
      let artifact = try bench.artifact(of: "change-detection:one--two")
      #expect(names(artifact["layers"]) == ["change", "magnitude", "direction", "preview"])
      let found = try #require(bench.results["change-detection:one--two"]?.findings)
      let threshold = try #require(found.first { $0.key == "threshold" }?.number)
      #expect(artifact["layers"]?.elements[1]["threshold"]?.double == threshold && threshold > 0)
      #expect(found.first { $0.key == "change-method" }?.text == "cva")
      let styles = style == "qml" ? ["change.qml", "direction.qml", "magnitude.qml"] : []
      let products = bench.names(in: "products/one--two").filter { !$0.hasSuffix(".xml") }
      #expect(
        products == (["change.tif", "direction.tif", "magnitude.tif", "preview.png"] + styles).sorted())
      #expect(bench.results["geotiff:one--two"]?.warnings.first?.hasPrefix("no item.json: no day in") == true)
      try FileManager.default.removeItem(at: bench.url(""))
    }
  }

  @Test("geotiff publishes layers that no stage of terrane leaves")
  func publishing() throws {
    let site = try StagesSite()
    try site.scene("one_2024-05-17.tif")
    let pipeline = try Pipeline.parse(
      text("maps: {}, geotiff: {}", data: "{scenes: one_2024-05-17.tif}"), path: "bench.yaml",
      url: site.url("bench.yaml"), stages: StageRegistry(StageRegistry.standard.types + [ForeignMaps.self]))
    let scene = site.url("one_2024-05-17.tif")
    let plan = try Plan(
      pipeline, scenes: [try SceneSource(path: scene.path)], versions: [:],
      hashes: ContentHashes(store: nil, kinds: .plain))
    let bench = StageBench(in: site.directory)
    for task in plan.jobs { try bench.carryOut(task) }
    let place = "products/one_2024-05-17"
    #expect(
      bench.names(in: place).filter { !$0.hasSuffix(".xml") } == [
        "depth.qml", "depth.tif", "item.json", "kinds.qml", "kinds.tif", "preview.png",
        "scene.png",
      ])
    let depth = try RasterFile(path: bench.url(place + "/depth.tif").path)
    #expect(depth.bands[0].description == "metres of water" && depth.bands[0].noData == -1)
    #expect(depth.metadata["TERRANE_PRECISION"] == "exact" && depth.metadata["TERRANE_MODEL_SHA256"] == nil)
    let kinds: [UInt8] = try RasterFile(path: bench.url(place + "/kinds.tif").path).readValues(
      depth.grid.bounds, band: 1)
    // The value of the first class for its index, no data for what is none.
    #expect(kinds[0] == 1 && kinds[1] == 0)
    let item = try JSONValue(
      parsing: String(contentsOf: bench.url(place + "/item.json"), encoding: .utf8))
    #expect(item["assets"]?.members?.keys.sorted() == ["depth", "kinds", "overview", "thumbnail"])
    #expect(item["properties"]?["terrane:drift"] == 0.75)
  }

  @Test("despeckle says how many looks each band has before and after")
  func despeckle() throws {
    let site = try StagesSite()
    try site.radarScene("s1.tif", seed: 1) { _, _ in 1 }
    let bench = StageBench(in: site.directory)
    try bench.carryOut(
      """
      name: bench
      sensor: sentinel-1-grd
      bands: [VV, VH]
      data: {scenes: s1.tif}
      stages: [despeckle: {filter: boxcar}]
      """, scenes: ["s1.tif"])
    let findings = try #require(bench.results["despeckle:s1"]?.findings)
    #expect(findings.first { $0.key == "speckle-filter" }?.text == "boxcar")
    let rows = try #require(findings.first { $0.key == "speckle" }?.table?.rows)
    #expect(rows.map { $0["band"] } == ["VV", "VH"])
    for row in rows {
      let (before, after) = (
        try #require(row["looks"]?.double), try #require(row["looks-afterwards"]?.double)
      )
      #expect(abs(before - 4) < 1.5 && after > 2.5 * before)
    }
    #expect(bench.names(in: "products/s1") == ["despeckled.qml", "despeckled.tif"])
    #expect(
      bench.results["despeckle:s1"]?.warnings.first?.hasPrefix("no despeckled.json: no day in") == true)
  }

  @Test("despeckle and geotiff describe their products of one scene in items of their own")
  func itemsBesideEachOther() throws {
    let site = try StagesSite()
    try site.radarScene("s1_2024-03-01.tif", seed: 1) { _, _ in 1 }
    let pipeline = try Pipeline.parse(
      """
      name: bench
      sensor: sentinel-1-grd
      bands: [VV, VH]
      classes: \(Self.classes)
      data: {scenes: s1_2024-03-01.tif}
      stages: [maps: {}, despeckle: {filter: boxcar}, geotiff: {}]
      """, path: "bench.yaml", url: site.url("bench.yaml"),
      stages: StageRegistry(StageRegistry.standard.types + [ForeignMaps.self]))
    let plan = try Plan(
      pipeline, scenes: [try SceneSource(path: site.url("s1_2024-03-01.tif").path)], versions: [:],
      hashes: ContentHashes(store: nil, kinds: .plain))
    let bench = StageBench(in: site.directory)
    for job in plan.jobs { try bench.carryOut(job) }
    let place = "products/s1_2024-03-01"
    #expect(bench.names(in: place).filter { $0.hasSuffix(".json") } == ["despeckled.json", "item.json"])
    func item(_ name: String) throws -> JSONValue {
      try JSONValue(parsing: String(contentsOf: bench.url("\(place)/\(name)"), encoding: .utf8))
    }
    #expect(
      try item("item.json")["assets"]?.members?.keys.sorted() == ["depth", "kinds", "overview", "thumbnail"])
    let assets = try #require(try item("despeckled.json")["assets"]?.members)
    #expect(assets.keys.sorted() == ["despeckled"])
    #expect(assets["despeckled"]?["href"] == "./despeckled.tif")
    #expect(assets["despeckled"]?["bands"]?.elements.map { $0["name"] } == ["VV", "VH"])
    #expect(assets["despeckled"]?["bands"]?.elements.map { $0["unit"] } == ["dB", "dB"])
    #expect(
      assets["despeckled"]?["raster:bands"]?.elements
        == [["data_type": "float32", "nodata": "nan"], ["data_type": "float32", "nodata": "nan"]])
    // No other job's artifact is published: the scene alone is what the file is made of.
    let tags = try RasterFile(path: bench.url("\(place)/despeckled.tif").path).metadata
    #expect(tags["TERRANE_KEY"] == plan.jobs[1].key && tags["TERRANE_INPUT_KEY"] == nil)
  }

  @Test("What a chain says of its stages: who starts a network, who learns, who may hand on another model")
  func chain() throws {
    func stage(_ name: String, _ settings: String = "{}") throws -> any Stage {
      let data =
        "{source: [{scene: a.tif, labels: a.tif}], target: [{scene: b.tif, labels: b.tif}], scenes: in}"
      let pipeline = try Pipeline.parse(
        text("pretrain-load: {}, fine-tune: {}, \(name): \(settings)", data: data), path: "bench.yaml",
        url: URL(fileURLWithPath: "/bench.yaml"), stages: .standard, checksPaths: false)
      return pipeline.stages[2].stage
    }
    let adaptation = try stage("domain-adaptation", "{method: coral, epochs: 1}")
    #expect(adaptation.trains && adaptation.model?.learning != nil && adaptation.model?.network == nil)
    #expect(
      adaptation.model?.learning?.supervised == nil && adaptation.model?.resultName == "adapted (coral)")
    let tuning = try stage("fine-tune", "{data: target, ensemble: 3}")
    let supervised = try #require(tuning.model?.learning?.supervised)
    #expect(supervised.networksOfEach == 3 && supervised.onSource.resultName == "source only")
    var recipe = supervised.recipe
    recipe.epochs = 77
    #expect(supervised.trained(by: recipe).supervised?.recipe.epochs == 77 && supervised.recipe.epochs == 30)
    let warning = try stage("evaluate", "{split: spatial-blocks}")
    let failing = try stage("evaluate", "{split: spatial-blocks, on-negative-transfer: fail}")
    #expect(warning.trains && warning.model == nil && !warning.mayReplaceModel && failing.mayReplaceModel)
    let mapping = try stage("inference")
    #expect(!mapping.trains && mapping.model == nil && mapping.mapping != nil)
  }
}

/// Maps of another kind than inference makes: depths of water.
private struct ForeignMaps: Stage {
  static let name = "maps"
  static let doc = "maps depths"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.maps

  init(_ settings: SettingsReader) {}

  func jobs(in planning: Planning) throws -> [Job] {
    planning.scenes.map { scene in
      planning.job("map", subject: scene.name, in: .cache, uses: .bands, inputs: ["scene": .scene(scene)]) {
        context in
        let grid = try RasterFile(path: scene.path).grid
        let depth = Layer(
          "depth", file: "d.tif", .measurement(.init("metres of water", shown: .magnitude(threshold: nil))),
          noData: -1)
        let kinds = Layer("kinds", file: "k.tif", .classIndices, noData: 255)
        let depths = try RasterWriter(
          path: context.directory.appendingPathComponent(depth.file).path, grid: grid,
          options: .init(type: .float32, bandNames: ["whatever"], noData: depth.noData))
        try depths.write(grid.bounds, band: 1, (0..<grid.bounds.pixelCount).map { Float($0 % 9) })
        try depths.close()
        let indices = try RasterWriter(
          path: context.directory.appendingPathComponent(kinds.file).path, grid: grid,
          options: .init(type: .byte, bandNames: ["whatever"], noData: kinds.noData))
        try indices.write(
          grid.bounds, band: 1, (0..<grid.bounds.pixelCount).map { UInt8($0 % 2 == 0 ? 0 : 255) })
        try indices.close()
        var artifact = Artifact(of: context)
        artifact.layers = [depth, kinds]
        artifact.findings = [Finding(.precision, .text("exact")), Finding(.drift, .number(0.75))]
        return try context.leave(artifact)
      }
    }
  }
}
