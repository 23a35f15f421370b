import Scenes
import Testing

/// Bands with the same range.
private func ranges(_ names: [String], _ low: Double, _ median: Double, _ high: Double) -> [BandRange] {
  names.map { BandRange(name: $0, low: low, median: median, high: high) }
}

private let visible = ["B02", "B03", "B04"]
private let infrared = ["B11", "B12"]

@Suite("Numbers that are not a sensor's")
struct SensorDoubtTests {
  @Test(
    "Values of another scale, offset or unit are doubted",
    arguments: [
      (Sensor.sentinel2L1C, ranges(visible, 0.0047, 0.0126, 0.0255), "next to nothing"),
      (.landsat5, ranges(["B1", "B2", "B3"], 0.0058, 0.0061, 0.0075), "next to nothing"),
      (.sentinel2L2A, ranges(visible, 6e-6, 2e-5, 1e-4), "scaled twice"),
      (.landsat8L2, ranges(["B2", "B3"], -0.19, -0.165, -0.06), "below 0"),
      (.landsat8L1, ranges(["B2", "B3"], -0.0999, -0.0988, -0.095), "below 0"),
      (.sentinel2L2A, ranges(visible, 0, 1.8, 2.2), "above 1.6"),
      (.landsat7, ranges(["B1", "B2", "B3"], 0.74, 0.9, 1.2), "nothing dark"),
      (.landsat7, ranges(["B3", "B5"], 0.55, 0.9, 1.2), "nothing dark"),
      (.sentinel1GRD, ranges(["VV", "VH"], 0.001, 0.05, 0.6), "power or amplitude"),
      (.sentinel1GRD, ranges(["VV", "VH"], -2200, -1400, -700), "no backscatter"),
      (.aerialRGB, ranges(["red"], 2, 12, 40), "more than full brightness"),
      (.aerialRGB, ranges(["red"], 1e-4, 2e-3, 0.0039), "next to no brightness"),
    ])
  func doubted(sensor: Sensor, ranges: [BandRange], words: String) throws {
    let doubt = try #require(sensor.doubt(about: ranges))
    #expect(doubt.contains(words) && doubt.contains("\(ranges[0].name) from "), "\(doubt)")
  }

  @Test(
    "Values of real scenes are not: water, snow, clouds, haze, cities, heat and air that hides the ground",
    arguments: [
      (Sensor.sentinel2L2A, ranges(visible, 0.01, 0.02, 0.06)),
      (.sentinel2L2A, ranges(visible, 0.6, 0.85, 1.1) + ranges(infrared, 0.02, 0.08, 0.2)),
      (.sentinel2L1C, ranges(visible, 0.3, 0.5, 1.2) + ranges(infrared, 0.2, 0.3, 0.6)),
      (.sentinel2L1C, ranges(visible, 0.1, 0.12, 0.3) + ranges(["B10"], 0.0007, 0.001, 0.0016)),
      (.sentinel2L2A, ranges(visible, 0.01, 0.03, 0.1) + ranges(infrared, -0.02, -0.005, 0.01)),
      (.landsat8L2, ranges(["B2", "B3"], -0.02, 0.03, 0.3)),
      (.landsat8L1, ranges(["B4"], 0.03, 0.08, 0.4) + ranges(["B10"], 0.5, 0.6, 0.7)),
      (.sentinel1GRD, ranges(["VV", "VH"], -25, -12, 3)),
      (.sentinel1GRD, ranges(["VV"], 0.5, 4, 12) + ranges(["VH"], -12, -5, 1)),
      (.aerialRGB, ranges(["red"], 0.01, 0.4, 1)), (.custom(bands: ["a"]), ranges(["a"], -1e6, 0, 1e6)),
    ])
  func believed(sensor: Sensor, ranges: [BandRange]) {
    #expect(sensor.doubt(about: ranges) == nil)
  }

  @Test(
    "Types are doubted that cannot hold the sensor's numbers, unless the file has a rule of its own",
    arguments: [
      (Sensor.sentinel2L1C, "Byte", true), (.landsat5, "Int8", true), (.landsat8L2, "UInt16", false),
      (.sentinel2L2A, "Float32", false), (.sentinel1GRD, "UInt16", true), (.sentinel1GRD, "Byte", true),
      (.sentinel1GRD, "Int16", false), (.sentinel1GRD, "Float32", false), (.aerialRGB, "Byte", false),
      (.aerialRGB, "UInt16", true), (.custom(bands: ["a"]), "Byte", false),
    ])
  func types(sensor: Sensor, type: String, isDoubted: Bool) {
    func band(_ scaled: Bool) -> StoredBand {
      StoredBand(path: "/a.tif", index: 1, dataType: type, hasOwnScaling: scaled)
    }
    #expect((sensor.doubt(about: band(false)) != nil) == isDoubted)
    #expect(sensor.doubt(about: band(true)) == nil)
  }

  @Test("Surface reflectance of collection 2 is told by its names where another rule would read it")
  func collection2() {
    for name in ["SR_B2", "LC08_L2SP_SR_B2.TIF"] {
      let band = StoredBand(path: "/a.tif", index: 1, dataType: "UInt16", hasOwnScaling: false, name: name)
      for sensor in Sensor.all {
        let readers = ["landsat-8-oli", "landsat-7-etm", "landsat-5-tm"]
        let doubt = sensor.doubt(about: band)
        #expect(
          readers.contains(sensor.name)
            ? doubt?.contains("'\(sensor.name)-c2-l2'") == true
            : doubt?.contains("-c2-l2") != true)
      }
    }
  }

  @Test(
    "Names of bands that another sensor has are doubted; bands beside the sensor's own are not",
    arguments: [
      (Sensor.landsat8L2, ["B02", "B03", "B8A", "B12"], "those of sentinel-2-l2a: "),
      (.landsat7, ["B1", "B2", "B8A"], "those of sentinel-2-l2a: "), (.sentinel2L2A, ["B02", "B8A"], ""),
      (.sentinel2L2A, ["B02", "NDVI"], ""), (.sentinel2L2A, [], ""),
      (.custom(bands: ["B02"]), ["B02"], ""),
    ])
  func bands(sensor: Sensor, names: [String], words: String) {
    let doubt = sensor.doubt(aboutBands: names) ?? ""
    #expect(words.isEmpty ? doubt.isEmpty : doubt.contains(words), "\(doubt)")
  }

  @Test(
    "The name of a product says which sensor reads it",
    arguments: [
      ("LC08_L1TP_224078_20200518_20200518_01_RT", "landsat-8-oli-toa landsat-8-oli"),
      ("LC09_L1GT_224078_20220518_20220518_02_T2", "landsat-8-oli-toa landsat-8-oli"),
      ("LC08_L2SP_224078_20200518_20200820_02_T1", "landsat-8-oli-c2-l2"),
      ("LE07_L2SP_224078_20000518_20200820_02_T1_SR_B1.TIF", "landsat-7-etm-c2-l2"),
      ("LT05_L2SP_224078_19880814_20200820_02_T1", "landsat-5-tm-c2-l2"),
      ("S2B_MSIL1C_20181013T155129_N0206_R011_T18SUD_20181013T205221.SAFE", "sentinel-2-l1c"),
      ("S2A_MSIL2A_20181013T155129_N0206_R011_T18SUD_20181013T205221", "sentinel-2-l2a"),
      ("LT05_L1TP_224078_19880814_20200820_02_T1", "landsat-5-tm-toa"),
      ("LE07_L1TP_224078_19990814_20200820_01_T1", "landsat-7-etm-toa"),
      ("LM05_L1TP_224078_19880814_20200820_01_T1", ""),
    ])
  func products(name: String, readers: String) throws {
    let product = try #require(ProductName(in: name))
    let readers = readers.split(separator: " ").map(String.init)
    #expect(product.sensors == readers)
    for sensor in Sensor.all {
      #expect((product.doubt(about: sensor) == nil) == readers.contains(sensor.name))
    }
    #expect(product.doubt(about: .custom(bands: [])) == nil)
  }

  @Test(
    "Other names say nothing", arguments: ["LT52240631988227CUB02", "s2_2023-09-02.tif", "scene", "L08_L1"])
  func noProduct(name: String) {
    #expect(ProductName(in: name) == nil)
  }
}
