extension Grid {
  /// Pixels whose sizes differ by less than this share are of one size.
  private static let slack = 0.01

  /// The same ground in pixels of another size; nil where they have that size already.
  ///
  /// What is left of the last row and column, less than a pixel, is dropped.
  ///
  /// - Parameters:
  ///   - metres: the size of a pixel on the ground, above 0.
  ///   - path: named in errors.
  /// - Returns: the grid, and how many of these pixels one of its pixels is wide and high.
  /// - Throws: `gridMismatch` where pixels have no size in metres, or the scene is smaller than one of the new ones.
  func resampled(to metres: Double, path: String) throws(RasterError) -> (
    grid: Grid, ratio: (x: Double, y: Double)
  )? {
    guard let transform, let unit = crs?.metresPerUnit else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "the size of its pixels in metres is not known: it needs a projected system")
    }
    func length(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() * unit }
    let ratio = (
      x: metres / length(transform.columnX, transform.columnY),
      y: metres / length(transform.rowX, transform.rowY)
    )
    if abs(ratio.x - 1) < Self.slack && abs(ratio.y - 1) < Self.slack { return nil }
    let (columns, rows) = (Int(Double(width) / ratio.x + 1e-6), Int(Double(height) / ratio.y + 1e-6))
    guard columns > 0 && rows > 0 else {
      throw RasterError(
        .gridMismatch, "bring the scene to \(metres) m", path: path,
        cause: "it is smaller than one such pixel")
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
