import Foundation
import Numerics

extension Grid {
  /// Pixels whose sizes differ by less than this share are of one size.
  private static let slack = 0.01

  /// The most pixels that one becomes, across and down: beyond, a map shows nothing that the scene does.
  private static let mostPixelsOfOne = 64.0
  /// The most pixels that become one: all of them are in memory at once.
  private static let mostPixelsBelowOne = 0x1p22
  /// The most pixels of a scene that is brought to another size.
  private static let mostPixels = 1e11

  private static func text(_ metres: Double) -> String { "\(metres.rounded(toPlaces: 6))" }

  /// Returns the grid of the same ground in pixels of another size; nil where they have that size already.
  ///
  /// What is left of the last row and column, less than a pixel, is dropped.
  ///
  /// - Parameters:
  ///   - metres: the size of a pixel on the ground, above 0.
  ///   - path: named in errors.
  /// - Returns: the grid, and how many of these pixels one of its pixels is wide and high.
  /// - Throws: `gridMismatch` where pixels have no size in metres, the scene is smaller than one of the new
  ///   ones, a pixel would become more than 64 x 64 or one would be made of more than 2^22, or the scene
  ///   would have more than 10^11 pixels.
  package func resampled(to metres: Double, path: String) throws(RasterError) -> (
    grid: Grid, ratio: (x: Double, y: Double)
  )? {
    guard let transform, let unit = crs?.metresPerUnit else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "the size of its pixels in metres is not known: it needs a projected system that is true to "
          + "scale, as UTM is")
    }
    func length(_ x: Double, _ y: Double) -> Double { hypot(x, y) * unit }
    let ratio = (
      x: metres / length(transform.columnX, transform.columnY),
      y: metres / length(transform.rowX, transform.rowY)
    )
    if abs(ratio.x - 1) < Self.slack && abs(ratio.y - 1) < Self.slack { return nil }
    let finest = 1 / Self.mostPixelsOfOne
    guard ratio.x >= finest, ratio.y >= finest else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "its pixels of \(Self.text(length(transform.columnX, transform.columnY))) x "
          + "\(Self.text(length(transform.rowX, transform.rowY))) m would become more than "
          + "\(Int(Self.mostPixelsOfOne)) x \(Int(Self.mostPixelsOfOne)) each")
    }
    let (columns, rows) = (
      Int(bounded: Double(width) / ratio.x + 1e-6), Int(bounded: Double(height) / ratio.y + 1e-6)
    )
    guard Double(columns) * Double(rows) <= Self.mostPixels, max(columns, rows) <= Int32.max else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "it would have \(columns) x \(rows) pixels, more than 10^11 in all")
    }
    guard columns > 0 && rows > 0 else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "it is smaller than one such pixel")
    }
    guard ratio.x * ratio.y <= Self.mostPixelsBelowOne else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "one such pixel would be made of more than \(Int(Self.mostPixelsBelowOne)) of its own")
    }
    return (
      Grid(
        width: columns, height: rows,
        transform: GeoTransform(
          originX: transform.originX, columnX: transform.columnX * ratio.x, rowX: transform.rowX * ratio.y,
          originY: transform.originY, columnY: transform.columnY * ratio.x, rowY: transform.rowY * ratio.y),
        crs: crs),
      ratio
    )
  }
}
