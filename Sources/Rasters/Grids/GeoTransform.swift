/// The affine map from pixel coordinates to map coordinates, in GDAL's order of six numbers.
///
/// `x = originX + column * columnX + row * rowX` and `y = originY + column * columnY + row * rowY`, where (0,
/// 0) is the outer corner of the first pixel. Rotated, sheared and south-up grids are ordinary cases.
public struct GeoTransform: Hashable, Sendable, CustomStringConvertible {
  /// Map x of the outer corner of the first pixel.
  public let originX: Double
  /// Change of map x for one column.
  public let columnX: Double
  /// Change of map x for one row; zero unless the grid is rotated.
  public let rowX: Double
  /// Map y of the outer corner of the first pixel.
  public let originY: Double
  /// Change of map y for one column; zero unless the grid is rotated.
  public let columnY: Double
  /// Change of map y for one row; negative on a north-up grid.
  public let rowY: Double

  /// Creates a transform from GDAL's six coefficients, in their order.
  public init(
    originX: Double, columnX: Double, rowX: Double, originY: Double, columnY: Double, rowY: Double
  ) {
    self.originX = originX
    self.columnX = columnX
    self.rowX = rowX
    self.originY = originY
    self.columnY = columnY
    self.rowY = rowY
  }

  /// Creates a north-up grid of square pixels.
  public init(originX: Double, originY: Double, pixelSize: Double) {
    self.init(
      originX: originX, columnX: pixelSize, rowX: 0, originY: originY, columnY: 0, rowY: -pixelSize)
  }

  /// Creates a transform from GDAL's array; traps unless it holds six numbers.
  public init(_ coefficients: [Double]) {
    precondition(coefficients.count == 6, "a geotransform of \(coefficients.count) numbers")
    self.init(
      originX: coefficients[0], columnX: coefficients[1], rowX: coefficients[2], originY: coefficients[3],
      columnY: coefficients[4], rowY: coefficients[5])
  }

  /// GDAL's array of six coefficients.
  public var coefficients: [Double] { [originX, columnX, rowX, originY, columnY, rowY] }

  /// Returns the map coordinates of a pixel position; (0.5, 0.5) is the centre of the first pixel.
  public func apply(column: Double, row: Double) -> (x: Double, y: Double) {
    (originX + column * columnX + row * rowX, originY + column * columnY + row * rowY)
  }

  /// The signed area of one pixel in squared map units: negative on a north-up grid, zero where degenerate.
  public var determinant: Double { columnX * rowY - rowX * columnY }

  /// The area of one pixel in squared map units.
  public var pixelArea: Double { abs(determinant) }

  /// Whether columns run exactly east and rows exactly south.
  public var isNorthUp: Bool { rowX == 0 && columnY == 0 && columnX > 0 && rowY < 0 }

  /// Whether map coordinates are those of the pixels: what writers put where there is no position.
  var isPixelCoordinates: Bool {
    coefficients == [0, 1, 0, 0, 0, 1] || coefficients == [0, 1, 0, 0, 0, -1]
  }

  /// The map from map coordinates to pixel coordinates, nil where the transform is degenerate.
  ///
  /// The result is read like any transform: `apply(column: x, row: y)` gives (column, row).
  public var inverse: GeoTransform? {
    let d = determinant
    guard d != 0, d.isFinite else { return nil }
    return GeoTransform(
      originX: (rowX * originY - originX * rowY) / d, columnX: rowY / d, rowX: -rowX / d,
      originY: (originX * columnY - columnX * originY) / d, columnY: -columnY / d, rowY: columnX / d)
  }

  /// Returns the transform of a sub-window: the same map coordinates, counted from the window's first pixel.
  public func forWindow(_ window: Window) -> GeoTransform {
    let (x, y) = apply(column: Double(window.column), row: Double(window.row))
    return GeoTransform(
      originX: x, columnX: columnX, rowX: rowX, originY: y, columnY: columnY, rowY: rowY)
  }

  /// The six coefficients in brackets.
  public var description: String { "\(coefficients)" }
}
