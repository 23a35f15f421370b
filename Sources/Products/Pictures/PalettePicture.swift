import CGDAL
import Foundation
import Rasters

/// A small picture of a raster whose values have a colour each, as a PNG with a palette: a third of the size
/// of one in true colours.
package struct PalettePicture {
  /// Columns and rows.
  package let width, height: Int
  /// Values, `[height, width]`.
  package let values: [UInt8]
  private let colors: [UInt8: Color]

  /// Reads a raster of classes; values without a class are transparent.
  ///
  /// - Parameter side: the longest side of the picture; larger rasters are read from their overviews.
  package init(classes file: RasterFile, legend: Legend, side: Int) throws(RasterError) {
    try self.init(
      file, side: side,
      colors: Dictionary(uniqueKeysWithValues: legend.entries.map { ($0.value, $0.color) }))
  }

  /// Reads a raster whose values have these colours; others are transparent.
  package init(_ file: RasterFile, side: Int, colors: [UInt8: Color]) throws(RasterError) {
    (width, height) = Preview.size(of: file.grid, side: side)
    values = try file.readThinned(bands: [1], width: width, height: height)[0]
    self.colors = colors
  }

  /// The picture as the bytes of a PNG.
  ///
  /// - Throws: `tooLarge` where there is no room for it.
  package func png() throws(RasterError) -> Data {
    let raster = try Dataset.inMemory(width: width, height: height, bands: 1, type: GDT_Byte)
    var values = values
    try GDALErrors.attempt("draw the picture", path: nil, code: .tooLarge) { () -> Void? in
      let table = GDALCreateColorTable(GPI_RGB)
      defer { GDALDestroyColorTable(table) }
      for value in UInt8.min...UInt8.max {
        let color = colors[value]
        var entry = GDALColorEntry(
          c1: Int16(color?.red ?? 0), c2: Int16(color?.green ?? 0), c3: Int16(color?.blue ?? 0),
          c4: color == nil ? 0 : 255)
        GDALSetColorEntry(table, Int32(value), &entry)
      }
      let band = raster.band(1)
      guard GDALSetRasterColorTable(band, table) == CE_None else { return nil }
      return GDALRasterIO(
        band, GF_Write, 0, 0, Int32(width), Int32(height), &values, Int32(width), Int32(height), GDT_Byte, 0,
        0) == CE_None ? () : nil
    }
    return try raster.encoded(as: "PNG", options: [])
  }
}
