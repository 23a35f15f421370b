import CGDAL
import Foundation
import Rasters

/// A small picture of a product or a scene, to be looked at without a GIS.
public struct Preview: Sendable {
  /// The longest side of a picture in pixels.
  public static let largestSide = 1024

  /// Columns and rows.
  public let width, height: Int
  /// Red, green, blue and opacity, each `[height, width]`.
  private var channels: [[UInt8]]

  /// Creates a transparent picture.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    channels = [[UInt8]](repeating: [UInt8](repeating: 0, count: width * height), count: 4)
  }

  /// The side below which a raster of a few large pixels is enlarged, and the one that it is enlarged to
  /// about.
  private static let (tinySide, enlargedSide) = (32, 192)

  /// Creates a class raster in the legend's colours; no data and values without a class are transparent. A
  /// tiny raster, such as one of a pixel a chip, is enlarged.
  ///
  /// - Parameter side: the longest side of the picture; larger rasters are thinned out.
  /// - Throws: what opening and reading `path` throws.
  public init(classes path: String, legend: Legend, side: Int = largestSide) throws(RasterError) {
    let file = try RasterFile(path: path)
    var size = Self.size(of: file.grid, side: side)
    let longest = max(size.width, size.height)
    if longest < Self.tinySide {
      let factor = Self.enlargedSide / longest
      size = (size.width * factor, size.height * factor)
    }
    self.init(width: size.width, height: size.height)
    let colors = Dictionary(uniqueKeysWithValues: legend.entries.map { (Double($0.value), $0.color) })
    for (index, value) in try Self.sample(file, band: 1, size: size).enumerated() {
      guard let color = colors[value] else { continue }
      paint(index, color.red, color.green, color.blue)
    }
  }

  /// Creates a picture from one band in grey, or three as red, green and blue, each from its 2 % quantile to
  /// its 98 % quantile; pixels that are not finite in one of them are transparent.
  ///
  /// - Parameter bands: `[height, width]` each.
  public init(width: Int, height: Int, bands: [[Float]]) {
    precondition(bands.count == 1 || bands.count == 3, "\(bands.count) bands for a picture")
    self.init(width: width, height: height)
    let stretched = bands.map { band -> (low: Float, range: Float) in
      let sorted = band.filter(\.isFinite).sorted()
      guard let first = sorted.first else { return (0, 1) }
      let (low, high) = (sorted[sorted.count / 50], sorted[sorted.count - 1 - sorted.count / 50])
      return (high > low ? low : first, max(high - low, .leastNormalMagnitude))
    }
    for index in 0..<width * height where bands.allSatisfy({ $0[index].isFinite }) {
      let levels = zip(bands, stretched).map { band, stretch in
        UInt8(max(0, min(255, (band[index] - stretch.low) / stretch.range * 255)))
      }
      paint(index, levels[0], levels[levels.count / 2], levels[levels.count - 1])
    }
  }

  /// Puts another picture here, transparent pixels as they are; it must fit.
  mutating func place(_ picture: Preview, _ left: Int, _ top: Int) {
    for channel in 0..<4 {
      for row in 0..<picture.height {
        let start = (top + row) * width + left
        channels[channel].replaceSubrange(
          start..<start + picture.width,
          with: picture.channels[channel][row * picture.width..<(row + 1) * picture.width])
      }
    }
  }

  mutating func paint(_ index: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    channels[0][index] = red
    channels[1][index] = green
    channels[2][index] = blue
    channels[3][index] = 255
  }

  /// Returns the size of a picture of a grid whose longest side is `side` pixels at most.
  public static func size(of grid: Grid, side: Int = largestSide) -> (width: Int, height: Int) {
    let factor = min(1, Double(side) / Double(max(grid.width, grid.height)))
    return (
      max(1, Int((Double(grid.width) * factor).rounded())),
      max(1, Int((Double(grid.height) * factor).rounded()))
    )
  }

  /// Returns the side of a pixel of this picture of a grid on the ground; nil where the grid is not in
  /// metres.
  public func metresOfPixel(of grid: Grid) -> Double? {
    grid.pixelAreaInSquareMetres.map { $0.squareRoot() * Double(grid.width) / Double(width) }
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
      // In parts: a row of a very wide raster is as much as all of another.
      var (line, first): ([Double], Int) = ([], 0)
      for column in 0..<size.width {
        let place = column * file.grid.width / size.width
        if place >= first + line.count {
          first = place
          line = try file.readValues(
            Window(column: first, row: source, width: min(1 << 20, file.grid.width - first), height: 1),
            band: band)
        }
        values.append(line[place - first])
      }
    }
    return values
  }

  /// Writes the picture as a PNG and reads it back.
  ///
  /// - Throws: `cannotCreate`, `diskFull`, `inputOutput` or `notVerified` naming `path`.
  public func write(to path: String) throws(RasterError) {
    let picture = try dataset()
    WatchedFiles.forget(path)
    try WatchedFiles.attempt("write the picture", path: path, code: .cannotCreate) {
      let copy = GDALCreateCopy(
        GDALGetDriverByName("PNG"), WatchedFiles.name(of: path), picture.handle, 0, nil, nil, nil)
      if let copy { GDALClose(copy) }
      return copy.map { _ in () }
    }
    try RasterFile.verify(path)
  }

  /// The picture as a raster in memory.
  ///
  /// - Parameter bands: 4 with opacity, 3 without.
  func dataset(bands: Int = 4) throws(RasterError) -> Dataset {
    let picture = try Dataset.inMemory(width: width, height: height, bands: bands, type: GDT_Byte)
    let meanings = [GCI_RedBand, GCI_GreenBand, GCI_BlueBand, GCI_AlphaBand]
    for (index, channel) in channels.prefix(bands).enumerated() {
      var channel = channel
      let band = picture.band(index + 1)
      try GDALErrors.attempt("draw the picture", path: nil, code: .tooLarge) { () -> Void? in
        GDALSetRasterColorInterpretation(band, meanings[index])
        return GDALRasterIO(
          band, GF_Write, 0, 0, Int32(width), Int32(height), &channel, Int32(width), Int32(height), GDT_Byte,
          0, 0) == CE_None ? () : nil
      }
    }
    return picture
  }
}
