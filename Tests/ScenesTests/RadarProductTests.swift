import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Sentinel-1 products")
struct RadarProductTests {
  let scratch = Scratch()

  private func raster(_ path: String, _ values: [Float], _ grid: Grid = utmGrid(4, 4)) throws {
    try scratch.raster(path, grid: grid, bands: [values], options: .init(type: .float32, bandNames: [""]))
  }

  /// Zeros in the first row, elsewhere one value.
  private func picture(_ value: Float) -> [Float] {
    [Float](repeating: 0, count: 4) + [Float](repeating: value, count: 12)
  }

  @Test(
    "Power and amplitude become decibels by what the product's name says; 0 has none",
    arguments: [
      ("S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C", "VV", Float(0.06), Float(-12.2185)),
      ("S1B_IW_20230614T053448_SVR_RTC10_G_saufem_8A5C", "VV", 0.2449490, -12.2185),
      (
        "OPERA_L2_RTC-S1_T066-140301-IW1_20230614T053448Z_20230615T010203Z_S1A_30_v1.0", "VH", 0.012, -19.2082
      ),
      ("S1A_IW_GRDH_1SDV_20230614T053448_20230614T053513_048972_05E3B2_rtc", "iw-vv.rtc", 0.06, -12.2185),
    ])
  func decibels(name: String, band: String, stored: Float, expected: Float) throws {
    _ = try scratch.directory(name)
    let isOwnName = band.hasPrefix("iw")
    for other in [band, isOwnName ? "iw-vh.rtc" : "dem"] {
      try raster("\(name)/\(isOwnName ? other : "\(name)_\(other)").tif", picture(stored))
    }
    let source = try SceneSource(path: scratch.file(name))
    let wanted = isOwnName ? "VV" : band
    let scene = try Scene(source, sensor: .sentinel1RTC, bands: [wanted])
    let block = try scene.read(scene.grid.bounds)
    #expect(!block.valid[0] && block.valid[15] && block.validCount == 12)
    #expect(abs(block.values[15] - expected) < 1e-4)
    #expect(scene.notes.count == 1 && scene.notes[0].hasSuffix(", brought to decibels"))
    // Numbers that the sensor of decibels would take as they are.
    let refusal = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .sentinel1GRD, bands: [wanted])
    }
    #expect(refusal?.code == .unsupported)
    #expect(refusal?.description.contains("which 'sentinel-1-rtc' reads") == true)
    let asStored = try Scene(source, sensor: .custom(bands: [wanted]), bands: [wanted])
    #expect(try asStored.read(asStored.grid.bounds).values[15] == stored)
  }

  @Test(
    "OPERA's mask tells layover and shadow, which are hidden where they are asked for; HyP3's map is none")
  func masks() throws {
    let name = "OPERA_L2_RTC-S1_T066-140301-IW1_20230614T053448Z_20230615T010203Z_S1A_30_v1.0"
    _ = try scratch.directory(name)
    for band in ["VV", "VH"] { try raster("\(name)/\(name)_\(band).tif", picture(0.1)) }
    try scratch.raster(
      "\(name)/\(name)_mask.tif", grid: utmGrid(4, 4),
      bands: [[255, 255, 255, 255, 0, 1, 2, 3] + [UInt8](repeating: 0, count: 8)],
      options: .init(type: .byte, bandNames: [""]))
    let source = try SceneSource(path: scratch.file(name))
    func hidden(_ words: MaskWords) throws -> [Int] {
      let scene = try Scene(
        source, sensor: .sentinel1RTC, bands: ["VV"], masking: Masking(.product, hiding: words))
      let valid = try scene.read(scene.grid.bounds).valid
      return valid.indices.filter { !valid[$0] && $0 >= 4 }
    }
    #expect(try hidden(.hiddenByDefault).isEmpty)
    #expect(try hidden(.layover) == [6, 7])
    #expect(try hidden(.radarShadow) == [5, 7])
    let other = "S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C"
    _ = try scratch.directory(other)
    for file in ["VV", "ls_map"] { try raster("\(other)/\(other)_\(file).tif", picture(0.1)) }
    #expect(try SceneSource(path: scratch.file(other)).masks.isEmpty)
  }

  @Test("Decibels of ground range are of four polarisations; two bands without names are VV and VH")
  func polarisations() throws {
    let grid = utmGrid(4, 4)
    for (file, names) in [("named.tif", ["HV", "HH"]), ("plain.tif", ["", ""])] {
      try scratch.raster(
        file, grid: grid, bands: [-20, -10].map { [Float](repeating: $0, count: 16) },
        options: .init(type: .float32, bandNames: names))
    }
    func value(_ file: String, _ band: String) throws -> Float {
      let scene = try Scene(SceneSource(path: scratch.file(file)), sensor: .sentinel1GRD, bands: [band])
      return try scene.read(grid.bounds).values[0]
    }
    #expect(try value("named.tif", "HH") == -10 && value("plain.tif", "VH") == -10)
    let refusal = #expect(throws: RasterError.self) { try value("plain.tif", "HH") }
    #expect(refusal?.description.contains("they are taken for VV, VH; say which is which") == true)
  }

  @Test("Decibels of a product stay as they are, under both sensors of them")
  func alreadyDecibels() throws {
    let name = "S1A_IW_20230614T053448_DVP_RTC30_G_gdufem_8A5C"
    _ = try scratch.directory(name)
    for band in ["VV", "VH"] {
      try raster("\(name)/\(name)_\(band).tif", [Float](repeating: -12.5, count: 16))
    }
    let source = try SceneSource(path: scratch.file(name))
    for sensor in [Sensor.sentinel1RTC, .sentinel1GRD] {
      let scene = try Scene(source, sensor: sensor, bands: ["VV"])
      #expect(try scene.read(scene.grid.bounds).values.allSatisfy { $0 == -12.5 } && scene.notes.isEmpty)
    }
  }

  @Test(
    "What was made from a product, and what is no radar, is not taken for one by its name",
    arguments: [
      "S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C_dB",
      "S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C_rgb",
      "OPERA_L2_RTC-S1-STATIC_T066-140301-IW1", "S1B_IW_GRDH_1SDV_x_rtc_dB",
    ])
  func derived(name: String) throws {
    try raster(name + ".tif", [Float](repeating: -12, count: 16))
    let source = try SceneSource(path: scratch.file(name + ".tif"))
    #expect(source.product == nil && source.namedBackscatter == nil)
    let scene = try Scene(source, sensor: .sentinel1GRD, bands: ["VV"], bandOrder: ["VV"])
    #expect(try scene.read(scene.grid.bounds).values.allSatisfy { $0 == -12 })
    let product = try #require(ProductName(in: "S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C_VH.tif"))
    #expect(product.doubt(about: .sentinel1GRD) != nil && product.doubt(about: .aerialRGB) == nil)
  }

  /// The weights of bilinear mixing onto pixels of twice the size are 3, 3 and 1 at the rim of four columns;
  /// the mean of decibels would be another by 0.6.
  @Test("Pixels of another size are mixed as power, without those that have none")
  func mixed() throws {
    let name = "S1A_IW_20230614T053448_DVP_RTC30_G_gpuned_8A5C"
    _ = try scratch.directory(name)
    try raster("\(name)/\(name)_VV.tif", (0..<4).flatMap { _ in [Float(0.1), 0.3, 0.1, 0.3] })
    try raster("\(name)/\(name)_VH.tif", [Float](repeating: 0.1, count: 16))
    let source = try SceneSource(path: scratch.file(name))
    let scene = try Scene(source, sensor: .sentinel1RTC, bands: ["VV"], resolution: 20)
    let block = try scene.read(scene.grid.bounds)
    let power: [Float] = [(3 * 0.1 + 3 * 0.3 + 0.1) / 7, (3 * 0.3 + 3 * 0.1 + 0.3) / 7]
    for (value, power) in zip(block.values, power + power) { #expect(abs(value - 10 * log10(power)) < 1e-4) }
  }

  @Test("A product in the geometry of the radar is refused, wherever the path points in it")
  func groundRange() throws {
    let name = "S1A_IW_GRDH_1SDV_20230614T053448_20230614T053513_048972_05E3B2_8A5C.SAFE"
    _ = try scratch.directory(name + "/measurement")
    let image = name + "/measurement/s1a-iw-grd-vv-20230614t053448-001.tiff"
    try raster(image, picture(100))
    try raster(name + "_corrected.tif", picture(-12))
    let corrected = try SceneSource(path: scratch.file(name + "_corrected.tif"))
    #expect(throws: Never.self) {
      try Scene(corrected, sensor: .sentinel1GRD, bands: ["VV"], bandOrder: ["VV"])
    }
    for path in [name, name + "/measurement", image] {
      let source = try SceneSource(path: scratch.file(path))
      let refusal = #expect(throws: RasterError.self) {
        try Scene(source, sensor: .sentinel1GRD, bands: ["VV"])
      }
      #expect(refusal?.description.contains("Sentinel-1 GRD in radar geometry: no map coordinates") == true)
    }
  }
}
