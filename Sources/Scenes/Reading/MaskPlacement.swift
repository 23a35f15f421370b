import Numerics
import Rasters

/// The way from the pixels of a grid to those of a mask.
struct MaskPlacement {
  /// Pixels of the mask for one of the grid, and the mask's place of the grid's first corner.
  private let (scaleX, startX, scaleY, startY): (Double, Double, Double, Double)
  private let width, height: Int
  /// Metres of a pixel of the mask; nil where nobody knows them.
  private let metres: (x: Double, y: Double)?

  /// Differences of positions that are rounding, in pixels of the mask.
  private static let slack = 1e-3

  /// - Throws: `gridMismatch` where one of the grids has a place that the other lacks, or is turned against it.
  init(of grid: Grid, on mask: Grid, path: String) throws(RasterError) {
    func refusal(_ cause: String) -> RasterError {
      RasterError(.gridMismatch, "lay the mask on the scene", path: path, cause: cause)
    }
    (width, height) = (mask.width, mask.height)
    switch (mask.crs, grid.crs) {
    case (nil, nil): break
    case (let own?, let other?) where own.isSame(as: other): break
    case (let own, let other):
      throw refusal(
        "coordinate reference system \(own.map(\.description) ?? "none") against "
          + "\(other.map(\.description) ?? "none")")
    }
    guard let from = grid.transform, let to = mask.transform, let inverse = to.inverse else {
      guard grid.transform == nil, mask.transform == nil else {
        throw refusal("one of them has no position on the map")
      }
      (scaleX, startX) = (Double(mask.width) / Double(grid.width), 0)
      (scaleY, startY) = (Double(mask.height) / Double(grid.height), 0)
      metres = nil
      return
    }
    func place(_ column: Double, _ row: Double) -> (x: Double, y: Double) {
      let map = from.apply(column: column, row: row)
      return inverse.apply(column: map.x, row: map.y)
    }
    let (corner, right, below) = (place(0, 0), place(1, 0), place(0, 1))
    guard abs(right.y - corner.y) * Double(grid.width) < 0.1,
      abs(below.x - corner.x) * Double(grid.height) < 0.1
    else {
      throw refusal("it is turned against the scene")
    }
    (scaleX, startX) = (right.x - corner.x, corner.x)
    (scaleY, startY) = (below.y - corner.y, corner.y)
    let unit = mask.crs?.metresPerUnit
    metres = unit.map { (abs(to.columnX) * $0, abs(to.rowY) * $0) }
  }

  /// Whether the size of a pixel of the mask in metres is known.
  var knowsMetres: Bool { metres != nil }

  /// Returns a distance in metres as pixels of the mask.
  func reach(_ distance: Double) -> (Double, Double) {
    guard distance > 0, let metres, metres.x > 0, metres.y > 0 else { return (0, 0) }
    return (distance / metres.x, distance / metres.y)
  }

  /// Returns the mask's columns below each column; none where it has none there.
  func columns(of range: Range<Int>) -> [Range<Int>] {
    range.map { Self.below($0, scale: scaleX, start: startX, extent: width) }
  }

  /// Returns the mask's rows below each row; none where it has none there.
  func rows(of range: Range<Int>) -> [Range<Int>] {
    range.map { Self.below($0, scale: scaleY, start: startY, extent: height) }
  }

  private static func below(_ pixel: Int, scale: Double, start: Double, extent: Int) -> Range<Int> {
    let (one, other) = (start + Double(pixel) * scale, start + Double(pixel + 1) * scale)
    let (low, high) = (min(one, other), max(one, other))
    let first, last: Int
    if high - low <= 1 + slack {
      first = Int(bounded: ((low + high) / 2).rounded(.down))
      last = first + 1
    } else {
      first = Int(bounded: (low + slack).rounded(.down))
      last = Int(bounded: (high - slack).rounded(.up))
    }
    let bounds = max(first, 0)..<max(max(first, 0), min(last, extent))
    return bounds.lowerBound >= extent ? 0..<0 : bounds
  }
}
