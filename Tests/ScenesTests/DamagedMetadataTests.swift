import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Whatever a product's metadata hold, reading them gives a description or an error, in little time.
@Suite("Damaged metadata")
struct DamagedMetadataTests {
  let scratch = Scratch()

  /// Damages a text: cuts it, turns bytes, repeats or removes a part, writes numbers that no reader expects.
  private static func damaged(_ text: String, seed: Int) -> Data {
    var random = SeededNumbers(seed: seed)
    var bytes = Array(text.utf8)
    for _ in 0...Int.random(in: 0...3, using: &random) {
      guard !bytes.isEmpty else { break }
      let place = Int.random(in: 0..<bytes.count, using: &random)
      let length = min(Int.random(in: 1...200, using: &random), bytes.count - place)
      switch Int.random(in: 0..<7, using: &random) {
      case 0: bytes.removeSubrange(place...)
      case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
      case 3: bytes.removeSubrange(place..<place + length)
      case 4:
        bytes.insert(contentsOf: Array("9".utf8) + Array(repeating: UInt8(ascii: "9"), count: 400), at: place)
      case 5: bytes.insert(contentsOf: [UInt8](repeating: 0, count: length), at: place)
      default:
        let odd = ["NaN", "-inf", "1e999", "<![CDATA[", "&x;", "\u{0661}", "GROUP = ", "\"", "=", "\r\n"]
        bytes.insert(contentsOf: Array(odd.randomElement(using: &random)!.utf8), at: place)
      }
    }
    return Data(bytes)
  }

  private func read(_ folder: String, _ file: String, _ text: String, _ sensor: Sensor, seeds: Range<Int>)
    throws
  {
    for seed in seeds {
      try Self.damaged(text, seed: seed).write(to: URL(fileURLWithPath: scratch.file("\(folder)/\(file)")))
      let source = try SceneSource(path: scratch.file(folder))
      _ = source.delivery
      do {
        let bands = try source.metadata?.statedBands(for: sensor) ?? [:]
        for band in bands.values {
          #expect(band.scaling.map { $0.scale.isFinite && $0.offset.isFinite } ?? true, "seed \(seed)")
        }
      } catch {
        #expect([.unsupported, .inputOutput].contains(error.code), "seed \(seed): \(error)")
      }
    }
  }

  private func raster(in folder: String, _ name: String) throws {
    let directory = URL(fileURLWithPath: "\(folder)/\(name)").deletingLastPathComponent().relativePath
    _ = try scratch.directory(directory)
    try scratch.raster(
      "\(folder)/\(name)", grid: utmGrid(1, 1), bands: [[UInt8(9)]],
      options: .init(type: .byte, bandNames: [""]))
  }

  @Test("Sentinel-2's, damaged in 250 ways")
  func sentinel2() throws {
    let folder = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE"
    try raster(in: folder, "GRANULE/x/IMG_DATA/R10m/x_B02_10m.tif")
    let offsets = (0..<13).map { "<BOA_ADD_OFFSET band_id=\"\($0)\">-1000</BOA_ADD_OFFSET>" }.joined()
    let text = """
      <?xml version="1.0"?><n1:P xmlns:n1="x"><PRODUCT_URI>\(folder)</PRODUCT_URI>
      <PROCESSING_BASELINE>05.09</PROCESSING_BASELINE><SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>
      <DATATAKE_SENSING_START>2023-06-14T10:10:31.024Z</DATATAKE_SENSING_START>
      <IMAGE_FILE>GRANULE/x/IMG_DATA/R10m/x_B02_10m</IMAGE_FILE>
      <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>
      <BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>\(offsets)
      <Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment></n1:P>
      """
    try read(folder, "MTD_MSIL2A.xml", text, .sentinel2L2A, seeds: 0..<250)
  }

  @Test("Landsat's, damaged in 250 ways")
  func landsat() throws {
    try raster(in: "product", "product_B1.TIF")
    var bands = ""
    for band in 1...7 {
      bands += """
            REFLECTANCE_MULT_BAND_\(band) = 0.0012
            REFLECTANCE_ADD_BAND_\(band) = -0.004
            QUANTIZE_CAL_MAX_BAND_\(band) = 255

        """
    }
    let text = """
      GROUP = L1_METADATA_FILE
        GROUP = METADATA_FILE_INFO
          COLLECTION_NUMBER = 01
        END_GROUP = METADATA_FILE_INFO
        GROUP = PRODUCT_METADATA
          DATA_TYPE = "L1TP"
          SPACECRAFT_ID = "LANDSAT_5"
          SENSOR_ID = "TM"
          DATE_ACQUIRED = 2011-06-14
          SCENE_CENTER_TIME = "10:05:01.0Z"
          WRS_PATH = 193
          WRS_ROW = 26
          CLOUD_COVER = 18.75
          FILE_NAME_BAND_1 = "product_B1.TIF"
        END_GROUP = PRODUCT_METADATA
        GROUP = IMAGE_ATTRIBUTES
          SUN_ELEVATION = 30.0
        END_GROUP = IMAGE_ATTRIBUTES
        GROUP = RADIOMETRIC_RESCALING
      \(bands)  END_GROUP = RADIOMETRIC_RESCALING
      END_GROUP = L1_METADATA_FILE
      END
      """
    try read("product", "product_MTL.txt", text, .landsat5TOA, seeds: 0..<250)
  }
}
