import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Landsat products of level 1")
struct LandsatLevel1Tests {
  let scratch = Scratch()

  /// Lays a product of 4 x 4 pixels of bytes in a folder: half of them fill, half of one number.
  private func product(_ name: String, _ metadata: String, bands: [String: UInt8]) throws -> SceneSource {
    _ = try scratch.directory(name)
    for (band, value) in bands {
      try scratch.raster(
        "\(name)/\(name)_\(band).TIF", grid: utmGrid(4, 4),
        bands: [[UInt8](repeating: 0, count: 8) + [UInt8](repeating: value, count: 8)],
        options: .init(type: .byte, bandNames: [""]))
    }
    try scratch.write(metadata, to: "\(name)/\(name)_MTL.txt")
    return try SceneSource(path: scratch.file(name))
  }

  private let collection1 = """
    GROUP = L1_METADATA_FILE
      GROUP = METADATA_FILE_INFO
        COLLECTION_NUMBER = 01
      END_GROUP = METADATA_FILE_INFO
      GROUP = PRODUCT_METADATA
        DATA_TYPE = "L1TP"
        SPACECRAFT_ID = "LANDSAT_5"
        SENSOR_ID = "TM"
        DATE_ACQUIRED = 2011-06-14
      END_GROUP = PRODUCT_METADATA
      GROUP = IMAGE_ATTRIBUTES
        SUN_ELEVATION = 30.0
      END_GROUP = IMAGE_ATTRIBUTES
      GROUP = RADIOMETRIC_RESCALING
        REFLECTANCE_MULT_BAND_1 = 0.0012
        REFLECTANCE_MULT_BAND_4 = 0.0027
        REFLECTANCE_ADD_BAND_1 = -0.004
        REFLECTANCE_ADD_BAND_4 = -0.007
      END_GROUP = RADIOMETRIC_RESCALING
    END_GROUP = L1_METADATA_FILE
    END
    """

  /// As a product of before the collections is delivered, with zeros behind its end.
  private let older = """
    GROUP = L1_METADATA_FILE
      GROUP = PRODUCT_METADATA
        DATA_TYPE = "L1T"
        SPACECRAFT_ID = "LANDSAT_5"
        SENSOR_ID = "TM"
        DATE_ACQUIRED = 1988-08-14
      END_GROUP = PRODUCT_METADATA
      GROUP = IMAGE_ATTRIBUTES
        SUN_ELEVATION = 49.75588889
      END_GROUP = IMAGE_ATTRIBUTES
      GROUP = RADIOMETRIC_RESCALING
        RADIANCE_MULT_BAND_1 = 0.671
        RADIANCE_MULT_BAND_4 = 0.876
        RADIANCE_ADD_BAND_1 = -2.19134
        RADIANCE_ADD_BAND_4 = -2.38602
      END_GROUP = RADIOMETRIC_RESCALING
    END_GROUP = L1_METADATA_FILE
    END
    """ + String(repeating: "\0", count: 5000)

  private func values(_ source: SceneSource, _ sensor: Sensor, _ bands: [String]) throws -> [Float?] {
    let scene = try Scene(source, sensor: sensor, bands: bands)
    let block = try scene.read(scene.grid.bounds)
    return bands.indices.flatMap { band in
      [0, 15].map { block.valid[$0] ? block.values[band * 16 + $0] : nil }
    }
  }

  @Test("Collection 1 becomes reflectance by its own factors over the sine of the sun's elevation")
  func reflectance() throws {
    let source = try product(
      "LT05_L1TP_193026_20110614_20161209_01_T1", collection1, bands: ["B1": 66, "B4": 60])
    let found = try values(source, .landsat5TOA, ["B1", "B4"])
    #expect(found[0] == nil && found[2] == nil)
    #expect(abs(try #require(found[1]) - 0.1504) < 1e-6)
    #expect(abs(try #require(found[3]) - 0.31) < 1e-6)
  }

  /// The expected numbers are pi L d^2 / (ESUN sin(e)) with d = 1.012848, worked out apart.
  @Test("What states radiance alone becomes reflectance by the irradiance and distance of the sun")
  func radiance() throws {
    let source = try product("LT52240631988227CUB02", older, bands: ["B1": 66, "B4": 100])
    let found = try values(source, .landsat5TOA, ["B1", "B4"])
    #expect(abs(try #require(found[1]) - 0.089629) < 1e-5)
    #expect(abs(try #require(found[3]) - 0.348976) < 1e-5)
  }

  @Test("A product is refused under a sensor of another level or with other bands, and taken as custom")
  func otherSensor() throws {
    let source = try product("LT52240631988227CUB02", older, bands: ["B1": 66])
    #expect(source.product?.words == "Landsat 5, before the collections, level 1")
    for sensor in [Sensor.landsat5, .landsat5L2, .landsat8L1, .sentinel2L2A] {
      let refusal = #expect(throws: RasterError.self) { try Scene(source, sensor: sensor, bands: ["B1"]) }
      #expect(refusal?.code == .unsupported && refusal?.path == source.path)
      #expect(refusal?.description.contains("which 'landsat-5-tm-toa' reads") == true)
    }
    let stored = try values(source, .custom(bands: ["B1"]), ["B1"])
    #expect(stored[1] == 66)
  }

  @Test("The Multispectral Scanner of the same satellites has other bands: no sensor reads it")
  func scanner() throws {
    let source = try product("LM05_x", older.replacing("\"TM\"", with: "\"MSS\""), bands: ["B1": 66])
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .landsat5TOA, bands: ["B1"])
    }
    #expect(refusal?.description.contains("it is Landsat 5, MSS, before the collections, level 1 (") == true)
  }

  @Test(
    "What the file does not state is said, with the file",
    arguments: [
      ("SUN_ELEVATION", "it states no SUN_ELEVATION"),
      ("RADIANCE_ADD", "it states neither REFLECTANCE_MULT_BAND nor RADIANCE_MULT_BAND"),
      ("SENSOR_ID", "it states no REFLECTANCE_MULT_BAND"),
      ("RADIANCE_ADD_BAND_1 ", "states none for this band"),
    ])
  func missing(key: String, words: String) throws {
    let source = try product(
      "LT52240631988227CUB02", older.replacing(key, with: "LEFT_OUT"), bands: ["B1": 66, "B4": 1])
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .landsat5TOA, bands: ["B1"])
    }
    #expect(refusal?.description.contains(words) == true, "\(String(describing: refusal))")
    #expect(refusal?.description.contains("_MTL.txt") == true)
  }

  @Test("Without a metadata file nothing is scaled: the scene is refused")
  func noMetadata() throws {
    _ = try scratch.directory("plain")
    for band in ["B1", "B2"] {
      try scratch.raster(
        "plain/\(band).TIF", grid: utmGrid(4, 4), bands: [[UInt8](repeating: 9, count: 16)],
        options: .init(type: .byte, bandNames: [""]))
    }
    let source = try SceneSource(path: scratch.file("plain"))
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .landsat5TOA, bands: ["B1"])
    }
    #expect(
      refusal?.description.contains("'landsat-5-tm-toa' takes them from the product's _MTL.txt") == true)
  }

  @Test("Images that were made later of those that the file names are no product of level 1")
  func derived() throws {
    let metadata = collection1.replacing(
      "DATA_TYPE", with: "FILE_NAME_BAND_1 = \"LT05_x_B1.TIF\"\n    DATA_TYPE")
    let own = try product("LT05_x", metadata, bands: ["b1": 66, "b2": 1])
    #expect(own.product?.sensors == ["landsat-5-tm-toa"])
    let bare = try product("bare", metadata, bands: ["B9": 1])
    try FileManager.default.copyItem(
      atPath: scratch.file("bare/bare_B9.TIF"), toPath: scratch.file("bare/B1.TIF"))
    #expect(bare.product == nil)
    #expect(try SceneSource(path: scratch.file("bare")).product?.sensors == ["landsat-5-tm-toa"])
    let made = try product("LT05_y", metadata, bands: ["sr_B1": 66, "sr_B2": 1])
    #expect(made.product == nil)
    #expect(throws: Never.self) { try Scene(made, sensor: .landsat5, bands: ["B1"]) }
    let refusal = #expect(throws: RasterError.self) { try Scene(made, sensor: .landsat5TOA, bands: ["B1"]) }
    #expect(refusal?.description.contains("the images beside it are none that it names") == true)
  }

  @Test("Of a product of level 2 the file's own level counts, not that of the level 1 it was made from")
  func level2() throws {
    let text = """
      GROUP = LANDSAT_METADATA_FILE
        GROUP = PRODUCT_CONTENTS
          PROCESSING_LEVEL = "L2SP"
          COLLECTION_NUMBER = 02
        END_GROUP = PRODUCT_CONTENTS
        GROUP = IMAGE_ATTRIBUTES
          SPACECRAFT_ID = "LANDSAT_9"
        END_GROUP = IMAGE_ATTRIBUTES
        GROUP = LEVEL1_PROCESSING_RECORD
          PROCESSING_LEVEL = "L1TP"
          COLLECTION_NUMBER = 02
        END_GROUP = LEVEL1_PROCESSING_RECORD
      END_GROUP = LANDSAT_METADATA_FILE
      """
    let source = try product("LC09_x", text, bands: ["SR_B2": 1])
    #expect(source.product?.sensors == ["landsat-8-oli-c2-l2"])
    #expect(source.product?.words == "Landsat 9, collection 2, level 2")
  }
}
