import Foundation
import NumericOracles
import Rasters
import Testing

extension EndToEnd {
  /// From a scene and labels to a map with what `terrane init` prints.
  @Suite("First maps")
  struct FirstMapTests {
    /// Settings that make a training short.
    private static let short = ["--set", "fine-tune.epochs=1"]

    @Test("What init prints is clean and maps the scene; paths start where the shell puts the file")
    func first() throws {
      let site = try Workplace()
      try SmallScene.write(to: site.path("scene one.tif"), column: 100, row: 100, side: 192)
      try FileManager.default.copyItem(
        atPath: SmallScene.sample("region-b/few-labels.geojson"), toPath: site.path("labels.geojson"))
      try FileManager.default.createDirectory(atPath: site.path("maps"), withIntermediateDirectories: true)
      let made = try TerraneCommand.shell(
        "\"$0\" init --scene 'scene one.tif' --labels labels.geojson > maps/first.yaml", in: site.directory)
      #expect(made.code == 0 && made.errors.isEmpty, "\(made.errors)")
      let text = try String(contentsOfFile: site.path("maps/first.yaml"), encoding: .utf8)
      #expect(
        text.contains("scene: ../scene one.tif\n") && text.contains("labels: ../labels.geojson\n"), "\(text)")
      let checked = try TerraneCommand.run("validate", "maps/first.yaml", in: site.directory)
      #expect(checked.code == 0 && checked.errors.isEmpty, "\(checked.errors)")
      #expect(!checked.output.contains("remark"), "\(checked.output)")
      let ending = try TerraneCommand.start(
        ["run", "maps/first.yaml"] + Self.short, in: site.directory
      ).end()
      #expect(ending.code == 0, "\(ending.errors)")
      let map = try RasterFile(path: site.path("maps/output/scene-one/products/scene one/landcover.tif"))
      #expect(map.grid.width == 192)
      let values: [UInt8] = try map.readValues(map.grid.bounds, band: 1)
      #expect(Set(values).isSubset(of: 0...6))
    }

    @Test("Options that do not go together are refused, and a field that is asked for is named")
    func usage() throws {
      let site = try Workplace()
      for arguments in [
        ["--scene", "a.tif"], ["--field", "x"], ["--scene", "a", "--labels", "b", "--task", "change"],
      ] {
        let ending = try TerraneCommand.start(["init"] + arguments, in: site.directory).end()
        #expect(ending.code == 64 && ending.output.isEmpty, "\(ending)")
      }
      let missing = try TerraneCommand.run(
        "init", "--scene", "a.tif", "--labels", "b.tif", in: site.directory)
      #expect(missing.code == 66 && missing.errors.contains("a.tif"), "\(missing.errors)")
    }

    @Test(
      "Real scenes of several makers", .enabled(if: RealData.isPresent, "\(RealData.absence)"),
      arguments: RealDraft.all)
    func real(draft: RealDraft) throws {
      let site = try Workplace()
      let made = try TerraneCommand.run(
        "init", "--scene", RealData.path(draft.scene), "--labels", RealData.path(draft.labels), "--output",
        "map.yaml",
        in: site.directory)
      #expect(made.code == 0 && made.errors.isEmpty, "\(made.errors)")
      let text = try String(contentsOfFile: site.path("map.yaml"), encoding: .utf8)
      for line in draft.says { #expect(text.contains(line), "\(line) in\n\(text)") }
      let checked = try TerraneCommand.run("validate", "map.yaml", in: site.directory)
      #expect(checked.code == 0 && checked.errors.isEmpty && !checked.output.contains("remark"), "\(checked)")
      guard draft.isSmall else { return }
      let ending = try TerraneCommand.start(
        ["run", "map.yaml", "--output", "out"] + Self.short, in: site.directory
      ).end()
      #expect(ending.code == 0, "\(ending.errors)")
      let maps = Workplace.files(below: site.output.appendingPathComponent("products"))
      #expect(maps.contains { $0.hasSuffix("/landcover.tif") }, "\(maps)")
    }
  }
}

/// A real scene and labels, and what a file drafted from them says.
struct RealDraft: Sendable, CustomTestStringConvertible {
  let scene, labels: String
  let says: [String]
  /// Whether it is mapped in seconds.
  var isSmall = false
  var testDescription: String { scene }

  static let all = [
    RealDraft(
      scene: "landcover-rcr", labels: "landcover-rcr/rcr_landcover.shp",
      says: [
        "sensor: custom\nbands: [B01, B02, B03, B04, B05, B06, B07, B08]", "field: Classname",
        "8-bit numbers",
      ]),
    RealDraft(
      scene: "landsat5-directory", labels: "landsat5-directory/converted/polygons_lsat_epsg32622.gpkg",
      says: ["sensor: landsat-5-tm-toa\nbands: [B1, B2, B3, B4, B5, B7]", "field: class"], isSmall: true),
    RealDraft(
      scene: "landsat5-directory/converted/sen2.tif",
      labels: "landsat5-directory/converted/polygons_sen2_epsg4326.geojson",
      says: ["sensor: custom", "B8A", "name: dryout"], isSmall: true),
    RealDraft(
      scene: "landcover-chiapas/LE70220491999322EDC01_stack.gtif",
      labels: "landcover-chiapas/training_data.shp",
      says: ["sensor: custom", "field: class", ##"name: water, color: "#419bdf""##], isSmall: true),
    RealDraft(
      scene: "landcover-gewata/scene_west.tif", labels: "landcover-gewata/protocol_target_few_labels.tif",
      says: ["sensor: landsat-7-etm", "the names of the classes are made up"]),
    RealDraft(
      scene: "flood-spain/Spain_7370579_S1Hand.tif", labels: "flood-spain/Spain_7370579_LabelHand.tif",
      says: ["sensor: sentinel-1-grd\nbands: [VV, VH]", "other-classes: ignore", "{value: 0, name: class 0"]),
    RealDraft(
      scene: "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT.TIF",
      labels: "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT_polygons.gpkg",
      says: ["band-order: [band1, band2, band3]", "field: name"]),
  ]
}
