import Foundation
import Rasters

/// Scenes of a hundred pixels a side: parts of the sample scenes, whole or spoilt.
enum SmallScene {
  static let bands = ["B02", "B03", "B04", "B08", "B11", "B12"]
  static let side = 96

  /// The package's directory.
  static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static func sample(_ name: String) -> String {
    package.appendingPathComponent("sample-data/\(name)").path
  }

  /// Writes the part of region B's scene that begins at a column and a row.
  static func write(
    to path: String, column: Int = 140, row: Int = 140, side: Int = side,
    from name: String =
      "region-b/optical/s2_2023-09-02.tif", names: [String] = bands, grid: Grid? = nil
  ) throws {
    let source = try RasterFile(path: sample(name))
    let window = Window(column: column, row: row, width: side, height: side)
    let writer = try RasterWriter(
      path: path, grid: grid ?? source.grid.forWindow(window),
      options: .init(type: .uint16, bandNames: names, noData: 0))
    for band in 1...names.count {
      let values: [UInt16] = try source.readValues(window, band: (band - 1) % source.bands.count + 1)
      try writer.write(writer.grid.bounds, band: band, values)
    }
    try writer.close()
  }

  /// Writes a scene of one value.
  static func write<Element: RasterElement>(to path: String, filledWith value: Element, type: PixelType)
    throws
  {
    let grid = try RasterFile(path: sample("region-b/optical/s2_2023-09-02.tif")).grid
      .forWindow(Window(column: 140, row: 140, width: side, height: side))
    let writer = try RasterWriter(
      path: path, grid: grid, options: .init(type: type, bandNames: bands, noData: 0))
    for band in 1...bands.count {
      try writer.write(grid.bounds, band: band, Array(repeating: value, count: side * side))
    }
    try writer.close()
  }

  /// Writes labels for a part of region A.
  static func writeLabels(to path: String, column: Int, row: Int, side: Int) throws {
    let source = try RasterFile(path: sample("region-a/labels.tif"))
    let window = Window(column: column, row: row, width: side, height: side)
    let writer = try RasterWriter(
      path: path, grid: source.grid.forWindow(window),
      options: .init(type: .byte, bandNames: ["class"], noData: 0))
    let values: [UInt8] = try source.readValues(window, band: 1)
    try writer.write(writer.grid.bounds, band: 1, values)
    try writer.close()
  }
}
