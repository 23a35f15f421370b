import Foundation
import Products
import Rasters
import Runs
import Scenes
import Settings
import Testing

/// Products that hold vectors and tables, beside a raster or alone.
@Suite("Products of vectors and tables")
struct TableProductTests {
  static let legend = Legend(
    entries: [
      .init(value: 1, name: "water", color: Color("#419bdf")!),
      .init(value: 2, name: "trees", color: Color("#397d49")!),
    ], noData: 0)

  private static func task(_ kind: ArtifactKind, _ placement: Placement) -> Job {
    let components = KeyComponents(
      stage: "s", revision: 1, settings: .null, shared: .null, inputs: [:], upstream: [])
    return Job(
      id: "s:scene", stage: "s", subject: "scene", title: "", produces: kind, placement: placement,
      components: components, key: components.key, dependencies: [], refusal: nil, watch: InputWatch(),
      action: { _ in JobResult() })
  }

  /// An output directory with what a task has left, and the task that publishes it.
  private final class Site {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-tables-\(UUID().uuidString)")
    let grid: Grid

    init() throws {
      grid = Grid(
        width: 40, height: 30, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
        crs: try CRS.epsg(32632))
      for part in ["cache/scene/key", "products/scene"] {
        try FileManager.default.createDirectory(
          at: output.appendingPathComponent(part), withIntermediateDirectories: true)
      }
    }

    deinit { try? FileManager.default.removeItem(at: output) }

    func left(_ name: String) -> String { output.appendingPathComponent("cache/scene/key/\(name)").path }
    func product(_ name: String) -> URL { output.appendingPathComponent("products/scene/\(name)") }

    /// Leaves features in both formats.
    func leaveFeatures() throws {
      for name in ["chips.gpkg", "chips.csv"] {
        let writer = try FeatureWriter(
          path: left(name), layer: "chips", crs: grid.crs, fields: [.init("class", .text)])
        try writer.add(
          [(600_000, 5_200_000), (600_100, 5_200_000), (600_100, 5_199_900)], values: [.text("water")])
        try writer.close()
      }
    }

    func leaveRaster() throws {
      let writer = try RasterWriter(
        path: left("classes.tif"), grid: grid, options: .init(type: .byte, bandNames: ["c"], noData: 255))
      try writer.write(grid.bounds, [UInt8](repeating: 1, count: grid.bounds.pixelCount))
      try writer.close()
    }

    private func context(_ task: Job, in directory: String, _ inputs: [JobOutput]) -> JobContext {
      JobContext(
        of: task, directory: output.appendingPathComponent(directory), output: output, unfinished: output,
        runID: "r", threads: 1, inputs: inputs, progress: JobProgress(), cancellation: Cancellation())
    }

    func publish(
      _ layers: [Layer], grid: Grid?, style: StyleFiles = .qml, day: Day? = Day("2023-06-14")
    ) throws -> [String] {
      let earlier = context(TableProductTests.task(.maps, .cache), in: "cache/scene/key", [])
      var artifact = Artifact(of: earlier)
      (artifact.grid, artifact.layers) = (grid.map(GridDescription.init), layers)
      _ = try earlier.leave(artifact)
      let files = try FileManager.default.contentsOfDirectory(atPath: left("")).map {
        ProducedFile(path: "cache/scene/key/\($0)", bytes: 1, sha256: "")
      }
      let input = JobOutput(
        job: "s:scene", key: "", directory: "cache/scene/key", files: files, findings: [], warnings: [])
      let product = try MapProduct(
        context(TableProductTests.task(.products, .products), in: "products/scene", [input]),
        of: ProductScenes(paths: [URL(fileURLWithPath: "/data/scene.tif")], contents: nil, days: [day]),
        pipeline: "p", style: style)
      return try product.publish(classes: TableProductTests.legend) { _ in true }
    }

    var published: [String] {
      get throws { try FileManager.default.contentsOfDirectory(atPath: product("").path).sorted() }
    }

    func assets() throws -> [String: [String: Any]] {
      try #require(item()["assets"] as? [String: [String: Any]])
    }

    func item() throws -> [String: Any] {
      let json = try JSONSerialization.jsonObject(with: Data(contentsOf: product("item.json")))
      return try #require(json as? [String: Any])
    }
  }

  static let layers = [
    Layer("chips", file: "chips.gpkg", .vectors(legend: legend)),
    Layer("chip-table", file: "chips.csv", .table),
  ]

  @Test(
    "Vectors and tables are published as they are beside a raster, and the item lists them with their types")
  func besideRaster() throws {
    let site = try Site()
    try site.leaveFeatures()
    try site.leaveRaster()
    let raster = Layer("landcover", file: "classes.tif", .classIndices, noData: 255)
    #expect(try site.publish(Self.layers + [raster], grid: nil).isEmpty)
    #expect(
      try site.published == [
        "chip-table.csv", "chips.gpkg", "chips.qml", "item.json", "landcover.qml", "landcover.tif",
        "landcover.tif.aux.xml", "preview.png",
      ])
    for (name, file) in [("chips.gpkg", "chips.gpkg"), ("chip-table.csv", "chips.csv")] {
      #expect(
        try Data(contentsOf: site.product(name)) == Data(contentsOf: URL(fileURLWithPath: site.left(file))))
    }
    let style = try String(contentsOf: site.product("chips.qml"), encoding: .utf8)
    #expect(style.contains(#"type="categorizedSymbol" attr="class""#) && style.contains(#"value="trees""#))
    let assets = try site.assets()
    #expect(Set(assets.keys) == ["chips", "chip-table", "landcover", "thumbnail"])
    #expect(assets["chips"]?["type"] as? String == "application/geopackage+sqlite3")
    #expect(assets["chips"]?["href"] as? String == "./chips.gpkg")
    #expect(assets["chip-table"]?["type"] as? String == "text/csv")
    #expect(assets["chip-table"]?["roles"] as? [String] == ["data"])
    #expect(assets["landcover"]?["raster:bands"] != nil)
  }

  @Test("Without a raster the item lies where the artifact's grid does")
  func alone() throws {
    let site = try Site()
    try site.leaveFeatures()
    #expect(try site.publish(Self.layers, grid: site.grid, style: .none).isEmpty)
    #expect(try site.published == ["chip-table.csv", "chips.gpkg", "item.json"])
    let properties = try #require(site.item()["properties"] as? [String: Any])
    #expect(properties["proj:epsg"] as? Int == 32632 && properties["proj:shape"] as? [Int] == [30, 40])
    #expect(properties["proj:transform"] as? [Double] == [10, 0, 600_000, 0, -10, 5_200_000])
    #expect(try (site.item()["bbox"] as? [Double])?.count == 4)
  }

  @Test("Polygons without a legend have no style; without a grid there is no item, and a note")
  func withoutGrid() throws {
    let site = try Site()
    try site.leaveFeatures()
    let layer = Layer("chips", file: "chips.gpkg", .vectors(legend: nil))
    #expect(try site.publish([layer], grid: nil) == ["no item.json: nothing says where the product lies"])
    #expect(try site.published == ["chips.gpkg"])
  }
}
