import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Images that were copied out of their products: no metadata file, folders of any name.
@Suite("Images of products whose metadata did not come along")
struct ProductsWithoutMetadataTests {
  let scratch = Scratch()
  private static let landsat = "LC08_L2SP_193026_20230614_20230622_02_T1"
  private static let safe = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000"

  /// Writes 12 x 12 pixels: fill in the first row, a saturated one behind it, elsewhere 2000.
  private func image(_ path: String) throws {
    try scratch.raster(
      path, grid: utmGrid(12, 12),
      bands: [[UInt16](repeating: 0, count: 12) + [65535] + [UInt16](repeating: 2000, count: 131)],
      options: .init(type: .uint16, bandNames: [""]))
  }

  /// Writes classes of which the last pixel is `hidden`.
  private func classes(_ path: String, clear: UInt16, hidden: UInt16) throws {
    try scratch.raster(
      path, grid: utmGrid(12, 12), bands: [[UInt16](repeating: clear, count: 143) + [hidden]],
      options: .init(type: .uint16, bandNames: [""]))
  }

  private func sentinel2(_ folder: String) throws -> String {
    _ = try scratch.directory(folder)
    for band in ["B02", "B11"] { try image("\(folder)/T32TQM_20230614T101031_\(band)_20m.tif") }
    try classes("\(folder)/T32TQM_20230614T101031_SCL_20m.tif", clear: 4, hidden: 9)
    return scratch.file(folder)
  }

  /// The reflectance of each pixel of the first band; nil where it is no measurement.
  private func values(
    _ path: String, _ sensor: Sensor, _ bands: [String], numbers: WrittenNumbers? = nil
  ) throws -> [Float?] {
    let scene = try Scene(try SceneSource(path: path), sensor: sensor, bands: bands, numbers: numbers)
    let block = try scene.read(scene.grid.bounds)
    return (0..<144).map { block.valid[$0] ? block.values[$0] : nil }
  }

  /// Fill, the saturated number and the cloud are no measurement.
  private func isRead(_ values: [Float?], as value: Float) -> Bool {
    values.prefix(13).allSatisfy { $0 == nil } && values[143] == nil
      && values[13..<143].allSatisfy { $0.map { abs($0 - value) < 1e-6 } == true }
  }

  @Test(
    "Numbers of Sentinel-2 are refused where only the metadata file knows their offset",
    arguments: ["copied", safe, safe + ".SAFE", "copied/" + safe])
  func offset(folder: String) throws {
    let path = try sentinel2(folder)
    let refusal = #expect(throws: RasterError.self) { try values(path, .sentinel2L2A, ["B02", "B11"]) }
    #expect(refusal?.code == .unsupported && refusal?.path?.hasSuffix("_B02_20m.tif") == true)
    #expect(refusal?.description.contains("an offset that MTD_MSIL2A.xml or MTD_MSIL1C.xml states") == true)
    let numbers = WrittenNumbers(scale: nil, offset: -0.1, noData: nil)
    #expect(isRead(try values(path, .sentinel2L2A, ["B02", "B11"], numbers: numbers), as: 0.1))
    let alone = path + "/T32TQM_20230614T101031_B11_20m.tif"
    #expect(throws: RasterError.self) { try values(alone, .sentinel2L2A, ["B11"]) }
  }

  @Test("Numbers of before baseline 04.00 carry none")
  func noOffset() throws {
    let path = try sentinel2(Self.safe.replacing("N0509", with: "N0214"))
    #expect(isRead(try values(path, .sentinel2L2A, ["B02", "B11"]), as: 0.2))
    let source = try SceneSource(path: path)
    #expect(source.product?.sensors == ["sentinel-2-l2a"] && source.ground == "T32TQM")
    #expect(source.acquisition?.day.description == "2023-06-14")
    #expect(source.delivery?.version == "02.14")
  }

  @Test("Images of two acquisitions are no product")
  func twoDates() throws {
    let path = try sentinel2("copied")
    try image("copied/T32TQM_20230619T101031_B02_20m.tif")
    #expect(try SceneSearch().scenes(in: path).count == 4)
  }

  @Test(
    "A folder of a product without the ending, or with it in lower case, is one",
    arguments: ["product", safe, safe + ".safe"])
  func renamed(folder: String) throws {
    let images = try sentinel2("\(folder)/GRANULE/L2A_T32TQM/IMG_DATA/R20m")
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: folder + "/MTD_MSIL2A.xml")
    #expect(isRead(try values(scratch.file(folder), .sentinel2L2A, ["B02", "B11"]), as: 0.1))
    let found = try SceneSearch().scenes(in: scratch.file("."))
    #expect(found.map(\.path) == [scratch.file(folder)] || found.count == 1)
    #expect(images.hasSuffix("R20m"))
  }

  @Test("A part of a product, down to one image, is masked by the classes of its granule")
  func parts() throws {
    let granule = Self.safe + ".SAFE/GRANULE/L2A_T32TQM"
    _ = try sentinel2(granule + "/IMG_DATA/R20m")
    _ = try scratch.directory(granule + "/IMG_DATA/R10m")
    let image = granule + "/IMG_DATA/R10m/T32TQM_20230614T101031_B02_10m.tif"
    try self.image(image)
    try scratch.write(
      "<a><BOA_ADD_OFFSET band_id=\"1\">-1000</BOA_ADD_OFFSET></a>", to: Self.safe + ".SAFE/MTD_MSIL2A.xml")
    for path in [granule, granule + "/IMG_DATA", granule + "/IMG_DATA/R10m", image] {
      #expect(isRead(try values(scratch.file(path), .sentinel2L2A, ["B02"]), as: 0.1), "\(path)")
    }
  }

  @Test("Landsat images in a folder of any name are read by their names, a single one as well")
  func landsat() throws {
    _ = try scratch.directory("copied")
    for band in ["SR_B4", "SR_B5"] { try image("copied/\(Self.landsat)_\(band).TIF") }
    try classes("copied/\(Self.landsat)_QA_PIXEL.TIF", clear: 21824, hidden: 22280)
    let source = try SceneSource(path: scratch.file("copied"))
    #expect(source.product?.sensors == ["landsat-8-oli-c2-l2"] && source.ground == "193026")
    #expect(source.acquisition?.day.description == "2023-06-14")
    let rule = Float(2000 * 0.0000275 - 0.2)
    for path in ["copied", "copied/\(Self.landsat)_SR_B4.TIF"] {
      let values = try values(scratch.file(path), .landsat8L2, ["B4"])
      #expect(values[0] == nil && values[143] == nil)
      #expect(values[13..<143].allSatisfy { abs($0! - rule) < 1e-6 })
    }
    #expect(throws: RasterError.self) { try values(scratch.file("copied"), .landsat7L2, ["B4"]) }
  }

  @Test("Landsat images of two products in one folder are refused, naming both")
  func twoProducts() throws {
    let other = Self.landsat.replacing("193026", with: "193027")
    _ = try scratch.directory("copied")
    for product in [Self.landsat, other] { try image("copied/\(product)_SR_B4.TIF") }
    try scratch.write("GROUP = X\nEND", to: "copied/\(Self.landsat)_MTL.txt")
    let refusal = #expect(throws: RasterError.self) {
      try values(scratch.file("copied"), .landsat8L2, ["B4"])
    }
    #expect(
      refusal?.description.contains("images of 2 products lie in it (\(Self.landsat), \(other))") == true)
  }
}
