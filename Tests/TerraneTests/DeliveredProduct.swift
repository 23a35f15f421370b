import Foundation
import Rasters

/// Products as agencies deliver them, of which the pixels come from the sample scenes: 96 x 96 pixels of 10 m, or
/// of 30 m, with a cloud in one corner and no data in another.
enum DeliveredProduct {
  private static let side = SmallScene.side

  /// Writes the folder of a Sentinel-2 product of level 2A, baseline 05.09, into a directory.
  ///
  /// - Returns: its name without `.SAFE`.
  @discardableResult
  static func sentinel2(
    in directory: URL, day: String = "20230902", tile: String = "T32UPU", cloudShare: Int = 20
  ) throws -> String {
    let name = "S2A_MSIL2A_\(day)T102601_N0509_R108_\(tile)_\(day)T165902"
    let images = directory.appendingPathComponent("\(name).SAFE/GRANULE/L2A_\(tile)_A041656/IMG_DATA")
    for (index, band) in SmallScene.bands.enumerated() {
      let metres = band == "B11" || band == "B12" ? 20 : 10
      let values = try sample(band: index + 1, everyPixel: metres / 10)
      try write(
        images.appendingPathComponent("R\(metres)m/\(tile)_\(day)T102601_\(band)_\(metres)m.tif"), metres,
        values.map { $0 == 0 ? 0 : $0 + 1000 })
    }
    let classes = (0..<48 * 48).map { pixel -> UInt16 in
      let (column, row) = (pixel % 48, pixel / 48)
      return row < 12 && column >= 36 ? 9 : 4
    }
    try write(images.appendingPathComponent("R20m/\(tile)_\(day)T102601_SCL_20m.tif"), 20, classes)
    let offsets = (0..<13).map { "<BOA_ADD_OFFSET band_id=\"\($0)\">-1000</BOA_ADD_OFFSET>" }.joined()
    try Data(
      """
      <x><PROCESSING_BASELINE>05.09</PROCESSING_BASELINE><PRODUCT_URI>\(name).SAFE</PRODUCT_URI>
      <SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
      <DATATAKE_SENSING_START>\(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))T10:26:01.024Z</DATATAKE_SENSING_START>
      <BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>\(offsets)
      <Cloud_Coverage_Assessment>\(cloudShare)</Cloud_Coverage_Assessment></x>
      """.utf8
    ).write(to: directory.appendingPathComponent("\(name).SAFE/MTD_MSIL2A.xml"))
    return name
  }

  /// Writes the folder of a Landsat 8 product of collection 2, level 2, into a directory.
  ///
  /// - Parameter brightness: what reflectance is multiplied by in rows 60 to 83 of columns 20 to 43.
  /// - Returns: its name.
  @discardableResult
  static func landsat8(in directory: URL, day: String, brightness: Double = 1) throws -> String {
    let name = "LC08_L2SP_193026_\(day)_20231001_02_T1"
    let folder = directory.appendingPathComponent(name)
    for (index, band) in ["B2", "B3", "B4", "B5", "B6", "B7"].enumerated() {
      let values = try sample(band: index + 1, everyPixel: 1).enumerated().map { pixel, value -> UInt16 in
        guard value != 0 else { return 0 }
        let isChanged = (60..<84).contains(pixel / side) && (20..<44).contains(pixel % side)
        let factor = isChanged ? brightness : 1
        return UInt16((Double(value) * 1e-4 * factor + 0.2) / 2.75e-5)
      }
      try write(folder.appendingPathComponent("\(name)_SR_\(band).TIF"), 30, values)
    }
    let quality = (0..<side * side).map { pixel -> UInt16 in
      pixel / side < 24 && pixel % side >= 72 ? 22280 : 21824
    }
    try write(folder.appendingPathComponent("\(name)_QA_PIXEL.TIF"), 30, quality)
    try Data(
      """
      GROUP = LANDSAT_METADATA_FILE
        GROUP = PRODUCT_CONTENTS
          LANDSAT_PRODUCT_ID = "\(name)"
          PROCESSING_LEVEL = "L2SP"
          COLLECTION_NUMBER = 2
        END_GROUP = PRODUCT_CONTENTS
        GROUP = IMAGE_ATTRIBUTES
          SPACECRAFT_ID = "LANDSAT_8"
          SENSOR_ID = "OLI_TIRS"
          DATE_ACQUIRED = \(day.prefix(4))-\(day.dropFirst(4).prefix(2))-\(day.suffix(2))
          CLOUD_COVER = 12.5
        END_GROUP = IMAGE_ATTRIBUTES
      END_GROUP = LANDSAT_METADATA_FILE
      END
      """.utf8
    ).write(to: folder.appendingPathComponent("\(name)_MTL.txt"))
    return name
  }

  /// The pixels of a part of the sample scene, every one of so many each way.
  private static func sample(band: Int, everyPixel step: Int) throws -> [UInt16] {
    let source = try RasterFile(path: SmallScene.sample("region-b/optical/s2_2023-09-02.tif"))
    let values: [UInt16] = try source.readValues(
      Window(column: 140, row: 140, width: side, height: side), band: band)
    return stride(from: 0, to: side, by: step).flatMap { row in
      stride(from: 0, to: side, by: step).map { column in values[row * side + column] }
    }
  }

  private static func write(_ url: URL, _ metres: Int, _ values: [UInt16]) throws {
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    let side = Int(Double(values.count).squareRoot())
    let grid = Grid(
      width: side, height: side,
      transform: GeoTransform(originX: 600_000, originY: 5_400_000, pixelSize: Double(metres)),
      crs: try CRS.epsg(32632))
    let writer = try RasterWriter(path: url.path, grid: grid, options: .init(type: .uint16, bandNames: [""]))
    try writer.write(grid.bounds, band: 1, values)
    try writer.close()
  }
}
