import CGDAL
import Foundation

/// Small pictures of products, to be looked at without a GIS.
public enum Preview {
  /// The longest side of a picture in pixels.
  public static let largestSide = 1024

  /// Writes a class raster as a PNG in the legend's colours; no data and values without a class are
  /// transparent.
  ///
  /// - Throws: what opening and reading `path` throws; `cannotCreate` or `diskFull` naming `picture`.
  public static func write(classes path: String, legend: Legend, to picture: String) throws(RasterError) {
    let file = try RasterFile(path: path)
    let size = scaledSize(file.grid)
    let classes = try sample(file, band: 1, size: size)
    var channels = [[UInt8]](repeating: [UInt8](repeating: 0, count: classes.count), count: 4)
    let colors = Dictionary(uniqueKeysWithValues: legend.entries.map { (Double($0.value), $0.color) })
    for (index, value) in classes.enumerated() {
      guard let color = colors[value] else { continue }
      channels[0][index] = color.red
      channels[1][index] = color.green
      channels[2][index] = color.blue
      channels[3][index] = 255
    }
    try writePNG(channels, size: size, to: picture)
  }

  private static func scaledSize(_ grid: Grid) -> (width: Int, height: Int) {
    let factor = min(1, Double(largestSide) / Double(max(grid.width, grid.height)))
    return (
      max(1, Int((Double(grid.width) * factor).rounded())),
      max(1, Int((Double(grid.height) * factor).rounded()))
    )
  }

  /// Reads every n-th pixel of a band, a row at a time.
  private static func sample(_ file: RasterFile, band: Int, size: (width: Int, height: Int))
    throws(RasterError)
    -> [Double]
  {
    var values: [Double] = []
    values.reserveCapacity(size.width * size.height)
    for row in 0..<size.height {
      let source = row * file.grid.height / size.height
      let line: [Double] = try file.readValues(
        Window(column: 0, row: source, width: file.grid.width, height: 1), band: band)
      for column in 0..<size.width { values.append(line[column * file.grid.width / size.width]) }
    }
    return values
  }

  /// Writes channels of `[H, W]` bytes: three for colour, a fourth for opacity.
  private static func writePNG(_ channels: [[UInt8]], size: (width: Int, height: Int), to path: String)
    throws(RasterError)
  {
    let picture = try Dataset.inMemory(
      width: size.width, height: size.height, bands: channels.count, type: GDT_Byte)
    try GDALErrors.attempt("write the picture", path: path, code: .cannotCreate, strict: true) {
      () -> Void? in
      let meanings = [GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand]
      for (index, channel) in channels.enumerated() {
        var channel = channel
        let band = picture.band(index + 1)
        GDALSetRasterColorInterpretation(band, meanings[index])
        guard
          GDALRasterIO(
            band, GF_Write, 0, 0, Int32(size.width), Int32(size.height), &channel, Int32(size.width),
            Int32(size.height), GDT_Byte, 0, 0) == CE_None
        else { return nil }
      }
      let copy = GDALCreateCopy(GDALGetDriverByName("PNG"), path, picture.handle, 0, nil, nil, nil)
      if let copy { GDALClose(copy) }
      return copy.map { _ in () }
    }
  }
}
