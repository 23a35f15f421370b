import Foundation
import NumericOracles
import Rasters
import Testing

extension EndToEnd {
  /// Real scenes of several makers, trained on for one pass and mapped. They are not part of the repository.
  @Suite("Real scenes", .enabled(if: RealData.isPresent, "\(RealData.absence)"))
  struct RealSceneTests {
    @Test("A real scene is learned from and mapped on its own grid", arguments: RealScene.all)
    func maps(scene: RealScene) throws {
      let site = try Workplace()
      let kind = scene.path.contains("/") ? URL(fileURLWithPath: scene.path).pathExtension : ""
      let copy = site.scenes.appendingPathComponent(kind.isEmpty ? scene.name : "\(scene.name).\(kind)")
      try FileManager.default.copyItem(atPath: RealData.path(scene.path), toPath: copy.path)
      try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
      try site.write("pipeline.yaml", scene.pipeline)
      let run = try site.start()
      let ending = run.end(watchingMemory: true)
      try #require(ending.code == 0, "\(ending.errors)")
      let map = try RasterFile(path: site.path("out/products/\(scene.name)/landcover.tif"))
      #expect(map.grid.width == scene.size.0 && map.grid.height == scene.size.1)
      let values: [UInt8] = try map.readValues(map.grid.bounds, band: 1)
      let mapped = values.count { $0 != 0 }
      #expect(Double(mapped) / Double(values.count) > scene.leastShare, "\(mapped) of \(values.count)")
      print("\(scene.name): \(ending.seconds) s, at most \(ending.peakMemory >> 20) MiB resident")
      #expect(ending.peakMemory > 0 && ending.peakMemory < 1 << 30, "\(ending.peakMemory >> 20) MiB")
    }
  }
}

/// A real scene with labels.
struct RealScene: Sendable, CustomTestStringConvertible {
  let name: String
  let path: String
  let labels: String
  let field: String
  let sensor: String
  let bands: [String]
  var order: [String]?
  let classes: [String]
  let size: (Int, Int)
  /// The share of its pixels that are valid, at least.
  let leastShare: Double
  var testDescription: String { name }

  var pipeline: String {
    let entries = classes.enumerated().map { "  - {value: \($0.offset + 1), name: \"\($0.element)\"}" }
    let order = order.map { "band-order: [\($0.joined(separator: ", "))]\n" } ?? ""
    return """
      name: real
      output: out
      sensor: \(sensor)
      bands: [\(bands.joined(separator: ", "))]
      \(order)classes:
      \(entries.joined(separator: "\n"))
      chips: {size: 64, stride: 64}
      data:
        target: [{scene: "\(RealData.path(path))", labels: "\(RealData.path(labels))", field: \(field)}]
        scenes: scenes
      stages:
        - pretrain-load:
        - fine-tune: {strategy: full, epochs: 1, validation: 0}
        - inference: {window: 512, overlap: 32, memory: 700MiB}
        - geotiff:

      """
  }

  static let all = [
    RealScene(
      name: "LC08_L1TP_224078_20200518_20200518_01_RT",
      path: "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT.TIF",
      labels: "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT_polygons.gpkg", field: "name",
      sensor: "landsat-8-oli", bands: ["B2", "B3", "B4"], order: ["B2", "B3", "B4"],
      classes: ["water", "crop", "tree", "developed"],
      size: (2041, 1860), leastShare: 0.5),
    RealScene(
      name: "landcover-rcr", path: "landcover-rcr", labels: "landcover-rcr/rcr_landcover.shp",
      field: "Classname", sensor: "sentinel-2-l1c", bands: ["B02", "B03", "B04", "B08"],
      classes: ["Emergent Wetland", "Forested Wetland", "Herbaceous", "Sand", "Subtidal Haline", "WetSand"],
      size: (2629, 2201), leastShare: 0.9),
    RealScene(
      name: "landsat5-directory", path: "landsat5-directory",
      labels: "landsat5-directory/converted/polygons_lsat_epsg32622.gpkg", field: "class",
      sensor: "landsat-5-tm-toa", bands: ["B1", "B2", "B3", "B4", "B5", "B7"],
      classes: ["cleared", "fallen_dry", "forest", "water"], size: (287, 310), leastShare: 0.9),
    RealScene(
      name: "LE70220491999322EDC01_stack", path: "landcover-chiapas/LE70220491999322EDC01_stack.gtif",
      labels: "landcover-chiapas/training_data.shp", field: "id", sensor: "landsat-7-etm",
      bands: ["B1", "B2", "B3", "B4", "B5", "B7"],
      order: ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "Fmask"],
      classes: (1...5).map { "class \($0)" }, size: (250, 250), leastShare: 0.9),
  ]
}
