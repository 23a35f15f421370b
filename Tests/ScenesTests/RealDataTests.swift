import Classes
import Foundation
import NumericOracles
import Rasters
import Scenes
import TestRasters
import Testing

/// Real scenes of many makers. They are not part of the repository; without them these tests are skipped.
@Suite("Real scenes", .enabled(if: RealData.isPresent, "\(RealData.absence)"))
struct RealDataTests {
  static let awkwardFiles: [String] = {
    guard let root = RealData.directory else { return [] }
    let all = FileManager.default.enumerator(atPath: root + "/awkward")?.compactMap { $0 as? String } ?? []
    return all.filter { $0.contains(".") }.sorted()
  }()

  /// What must not be read, and why: everything else must.
  static func expectedFailure(_ name: String) -> RasterError.Code? {
    if name.hasSuffix(".vrt") { return .unsupported }
    let isOther = [".nc", ".zip", ".xml", ".geojson"].contains { name.hasSuffix($0) }
    return isOther || name.hasSuffix("corrupt.tif") ? .unreadable : nil
  }

  @Test("an awkward file reads, or fails with a clear error that names it", arguments: awkwardFiles)
  func readsOrNames(name: String) {
    let path = RealData.path("awkward/" + name)
    do throws(RasterError) {
      let report = try RasterReport(path: path)
      #expect(Self.expectedFailure(name) == nil)
      #expect(
        report.bands.allSatisfy {
          (0...1).contains($0.validShare) && ($0.mean == nil) == ($0.validShare == 0)
        })
    } catch {
      #expect(error.code == Self.expectedFailure(name), "\(error)")
      #expect(error.description.contains(name))
      #expect(error.cause?.isEmpty == false)
    }
  }

  /// Valid share and mean of the first band as GDAL's own statistics state them (gdalinfo -stats, 3.6.2); for
  /// masks and alpha as counted from the mask itself.
  @Test(
    "validity and values of awkward files agree with GDAL's statistics",
    arguments: [
      ("rasterio/RGB.byte.tif", 0.67397, 44.43448), ("rasterio/RGB2.byte.tif", 0.67397, 44.43448),
      ("rasterio/RGBA.byte.tif", 0.67450, 44.39956), ("rasterio/float_nan.tif", 0.83333, 0.17),
      ("rasterio/float_raster_with_extra_nodata.tif", 0.15909, 0.00765), ("rasterio/shade.tif", 0.11861, 0),
      ("rasterio/rotated.tif", 1, 74.5), ("rasterio/cogeo.tif", 1, 109.97268),
      ("stars/na.tif", 0.99, 0.48852),
      ("stars/L7_ETMs.tif", 1, 79.14772),
    ])
  func statistics(name: String, share: Double, mean: Double) throws {
    let band = try RasterReport(path: RealData.path("awkward/" + name)).bands[0]
    #expect(abs(band.validShare - share) < 1e-5)
    #expect(abs((band.mean ?? .nan) - mean) < 1e-5)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let scene: String
    let sensor: Sensor
    let bands: [String]
    var bandOrder: [String]?
    let size: (Int, Int)
    var labels: [(path: String, field: String?, classes: [LandClass])] = []
    var testDescription: String { scene }
  }

  static let etm = ["B1", "B2", "B3", "B4", "B5", "B7"]
  static let colours = ["blue", "green", "red", "nir", "swir16", "swir22"]
  static func numbered(_ values: ClosedRange<UInt8>) -> [LandClass] {
    values.map { LandClass(value: $0, name: "class \($0)") }
  }
  static func named(_ names: String...) -> [LandClass] {
    names.enumerated().map { LandClass(value: UInt8($0.offset + 1), name: $0.element) }
  }

  static let cases: [Case] = [
    Case(
      scene: "landcover-gewata/scene_west.tif", sensor: .landsat7, bands: etm, size: (774, 1177),
      labels: [
        "labels_west", "protocol_source_labels", "protocol_target_few_labels", "protocol_target_test_labels",
      ].map { ("landcover-gewata/\($0).tif", nil, numbered(1...6)) }),
    Case(
      scene: "landcover-chiapas/LE70220491999322EDC01_stack.gtif", sensor: .landsat7, bands: etm,
      bandOrder: ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "Fmask"], size: (250, 250),
      labels: [
        ("landcover-chiapas/training_data.shp", "id", numbered(1...5)),
        ("landcover-chiapas/training_data.gtif", nil, numbered(1...5)),
      ]),
    Case(
      scene: "landcover-rcr", sensor: .sentinel2L1C,
      bands: ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08"], size: (2629, 2201),
      labels: [
        (
          "landcover-rcr/rcr_landcover.shp", "Classname",
          named("Emergent Wetland", "Forested Wetland", "Herbaceous", "Sand", "Subtidal Haline", "WetSand")
        )
      ]),
    Case(
      scene: "cloud-cross-sensor/sentinel2.tif", sensor: .custom(bands: colours), bands: colours,
      size: (512, 512),
      labels: [("cloud-cross-sensor/sentinel2_labels.tif", nil, numbered(0...2))]),
    Case(
      scene: "cloud-cross-sensor/landsat7.tif", sensor: .custom(bands: colours), bands: colours,
      size: (512, 512),
      labels: [("cloud-cross-sensor/landsat7_labels.tif", nil, numbered(0...2))]),
    Case(
      scene: "flood-spain/Spain_7370579_S1Hand.tif", sensor: .sentinel1GRD, bands: ["VV", "VH"],
      size: (512, 512),
      labels: [("flood-spain/Spain_7370579_LabelHand.tif", nil, numbered(0...1))]),
    Case(
      scene: "flood-spain/Spain_7370579_S2Hand.tif", sensor: .sentinel2L1C, bands: ["B03", "B08", "B11"],
      size: (512, 512), labels: [("flood-spain/Spain_7370579_LabelHand.tif", nil, numbered(0...1))]),
    Case(
      scene: "change-taizhou/t1.tif", sensor: .custom(bands: etm), bands: etm, size: (400, 400),
      labels: [("change-taizhou/reference.tif", nil, numbered(1...2))]),
    Case(
      scene: "sar-change/ottawa/t1.tif", sensor: .custom(bands: ["amplitude"]), bands: ["amplitude"],
      size: (290, 350), labels: [("sar-change/ottawa/reference.tif", nil, numbered(1...2))]),
    Case(
      scene: "change-levir-dsifn/LEVIR/A/test_2_0000_0000.png", sensor: .aerialRGB,
      bands: ["red", "green", "blue"],
      size: (256, 256),
      labels: [
        (
          "change-levir-dsifn/LEVIR/label/test_2_0000_0000.png", nil,
          [LandClass(value: 0, name: "no change"), LandClass(value: 255, name: "change")]
        )
      ]),
    Case(
      scene: "scenes-rsscn7/Parking/block0-g001.jpg", sensor: .aerialRGB, bands: ["red", "green", "blue"],
      size: (200, 200)),
    Case(
      scene: "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT.TIF", sensor: .landsat8L1,
      bands: ["B2", "B3", "B4"], bandOrder: ["B2", "B3", "B4"],
      size: (2041, 1860),
      labels: [
        (
          "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT_polygons.gpkg", "name",
          named("water", "crop", "tree", "developed")
        ),
        (
          "landsat8-overlap/LC08_L1TP_224078_20200518_20200518_01_RT_points.gpkg", "name",
          named("water", "crop", "tree", "developed")
        ),
      ]),
    Case(
      scene: "landsat5-directory", sensor: .landsat5TOA, bands: etm, size: (287, 310),
      labels: [
        (
          "landsat5-directory/converted/polygons_lsat_epsg32622.gpkg", nil,
          named("water", "forest", "cleared", "fallen_dry")
        )
      ]),
    Case(
      scene: "landsat5-directory/converted/sen2.tif", sensor: Sensor.sentinel2L2A.storingPhysicalValues,
      bands: ["B02", "B8A", "B12"],
      size: (247, 237),
      labels: [
        (
          "landsat5-directory/converted/polygons_sen2_epsg4326.geojson", "class",
          named("water", "forest", "cleared")
        )
      ]),
  ]

  @Test("each real scene opens, reads in physical units, and its labels lie on it", arguments: cases)
  func scenes(entry: Case) throws {
    let source = try SceneSource(path: RealData.path(entry.scene))
    let scene = try Scene(source, sensor: entry.sensor, bands: entry.bands, bandOrder: entry.bandOrder)
    #expect((scene.grid.width, scene.grid.height) == entry.size)
    let block = try scene.read(scene.grid.bounds)
    #expect(block.validCount > block.valid.count / 3)
    #expect(block.values.allSatisfy { $0.isFinite })
    for labels in entry.labels {
      let read = try Labels(
        LabelSource(path: RealData.path(labels.path), field: labels.field), classes: labels.classes,
        on: scene.grid)
      #expect(try read.counts().reduce(0, +) > 0, "\(labels.path)")
    }
  }
}
