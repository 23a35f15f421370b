import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Reports of products")
struct SceneReportTests {
  let scratch = Scratch()
  private let folder = "S2B_MSIL2A_20230614T101031_N0509_R022_T32TQM_20230614T150000.SAFE"

  /// Lays a product of 40 x 40 m: B02 of 10 m, B11 and the scene classification of 20 m, of which the
  /// north-eastern pixel is cloud.
  private func product(_ more: String = "") throws -> SceneSource {
    let images = "\(folder)/GRANULE/L2A_T32TQM/IMG_DATA"
    for (band, metres) in [("R10m/x_B02_10m", 10), ("R20m/x_B11_20m", 20), ("R20m/x_SCL_20m", 20)] {
      let side = 40 / metres
      let grid = Grid(
        width: side, height: side,
        transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: Double(metres)), crs: utm)
      _ = try scratch.directory("\(images)/\(band.prefix(4))")
      let values = (0..<side * side).map { pixel -> UInt16 in
        band.contains("SCL") ? (pixel == 1 ? 9 : 4) : UInt16(2000 + 100 * pixel)
      }
      try scratch.raster(
        "\(images)/\(band).tif", grid: grid, bands: [values], options: .init(type: .uint16, bandNames: [""]))
    }
    try scratch.write(
      """
      <a><DATATAKE_SENSING_START>2023-06-14T10:10:31.024Z</DATATAKE_SENSING_START>
      <PROCESSING_BASELINE>05.09</PROCESSING_BASELINE><SPACECRAFT_NAME>Sentinel-2B</SPACECRAFT_NAME>
      <PRODUCT_URI>\(folder)</PRODUCT_URI><BOA_QUANTIFICATION_VALUE unit="none">20000</BOA_QUANTIFICATION_VALUE>
      <BOA_ADD_OFFSET band_id="1">-1000</BOA_ADD_OFFSET><BOA_ADD_OFFSET band_id="11">-500</BOA_ADD_OFFSET>
      <Cloud_Coverage_Assessment>12.5</Cloud_Coverage_Assessment>\(more)</a>
      """, to: folder + "/MTD_MSIL2A.xml")
    return try SceneSource(path: scratch.file(folder))
  }

  @Test("What a product is, its rules, its mask's shares, its values and a pixel of it")
  func report() throws {
    let report = try #require(try SceneReport(product(), at: (600_025, 5_199_995)))
    #expect(report.product == "Sentinel-2, level 2A" && report.platform == "Sentinel-2B")
    #expect(report.version == "05.09" && report.time == "2023-06-14T10:10:31Z" && report.ground == "T32TQM")
    #expect(report.statedCloudShare == 0.125 && report.sensor == "sentinel-2-l2a")
    #expect(report.bands.map(\.name) == ["B02", "B11"] && report.bands.map(\.metres) == [10, 20])
    #expect(report.bands.map(\.scale) == [5e-5, 5e-5] && report.bands.map(\.offset) == [-0.05, -0.025])
    #expect(report.bands.allSatisfy { $0.noData == 0 && $0.saturated == 65535 })
    #expect(report.shares == ["visible": 0.75, "cloud": 0.25])
    // 2000, 2200, 2300 are visible of B11.
    #expect(report.bands[1].quantiles.map { ($0 * 1e4).rounded() } == [750, 750, 850, 900, 900])
    let place = try #require(report.bands[0].place)
    #expect(place.column == 2 && place.row == 0 && place.stored == 2200 && place.physical == nil)
    #expect(report.hiddenFor == "cloud")
    let text = report.description
    #expect(
      text.hasPrefix(folder + "\n  Sentinel-2, level 2A, Sentinel-2B, version 05.09, 2023-06-14T10:10:31Z"))
    #expect(text.contains("B02: reflectance = 5e-05 x stored - 0.05, 0 no data, 65535 saturated"))
    #expect(text.contains("75 % visible, 25 % cloud") && text.contains("the mask  hides it: cloud"))
  }

  @Test("Images that its metadata name and that are not there; a place outside; what is no product")
  func refusals() throws {
    let source = try product(
      "<IMAGE_FILE>GRANULE/L2A_T32TQM/IMG_DATA/R10m/x_B02_10m</IMAGE_FILE>"
        + "<IMAGE_FILE>GRANULE/L2A_T32TQM/IMG_DATA/R10m/x_B03_10m</IMAGE_FILE>")
    let report = try #require(try SceneReport(source))
    #expect(report.namedFiles == 2 && report.missingFiles.map { $0.hasSuffix("x_B03_10m.jp2") } == [true])
    #expect(report.description.contains("incomplete (1 of 2 files missing)"))
    let outside = #expect(throws: RasterError.self) { try SceneReport(source, at: (0, 0)) }
    #expect(outside?.code == .gridMismatch)
    try scratch.raster(
      "plain.tif", grid: utmGrid(2, 2), bands: [[UInt16](repeating: 1, count: 4)],
      options: .init(type: .uint16, bandNames: [""]))
    #expect(try SceneReport(SceneSource(path: scratch.file("plain.tif"))) == nil)
  }

  @Test("An image that has not arrived is not replaced by a coarser one of its band")
  func halfArrived() throws {
    let source = try product(
      "<IMAGE_FILE>GRANULE/L2A_T32TQM/IMG_DATA/R20m/x_B11_20m</IMAGE_FILE>"
        + "<IMAGE_FILE>GRANULE/L2A_T32TQM/IMG_DATA/R10m/x_B08_10m</IMAGE_FILE>"
        + "<IMAGE_FILE>GRANULE/L2A_T32TQM/IMG_DATA/R10m/x_B11_10m</IMAGE_FILE>")
    let error = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .sentinel2L2A, bands: ["B11"])
    }
    #expect(error?.code == .missingBand)
    #expect(
      error?.description.contains("incomplete: 2 of 3 files that its metadata name are not there") == true)
    #expect(error?.description.contains("x_B11_10m.jp2") == true)
    // A band whose own images are all there can be read.
    #expect(try Scene(source, sensor: .sentinel2L2A, bands: ["B02"]).bandCount == 1)
  }

  @Test("A file that states another scale than its product is refused, quoting both")
  func contradiction() throws {
    let source = try product()
    let path = try #require(source.files.first { $0.contains("B02") })
    let grid = try RasterFile(path: path).grid
    try FileManager.default.removeItem(atPath: path)
    try scratch.raster(
      String(path.dropFirst(scratch.path.count + 1)), grid: grid,
      bands: [[UInt16](repeating: 3000, count: 16)],
      options: .init(type: .uint16, bandNames: [""], metadata: ["BOA_ADD_OFFSET": "0"]))
    let error = #expect(throws: RasterError.self) {
      try Scene(source, sensor: .sentinel2L2A, bands: ["B02"])
    }
    #expect(
      error?.code == .unsupported && error?.description.contains("the file says 0.0001 x stored") == true)
    #expect(error?.description.contains("5e-05 x stored - 0.05") == true)
  }
}
