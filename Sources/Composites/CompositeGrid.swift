import Numerics
import Rasters

/// The grid of a composite, found from those of its scenes.
package enum CompositeGrid {
  /// Returns the grid that most scenes have, of several the first one's; nil where there is none.
  package static func common(of grids: [Grid]) -> Grid? {
    grouped(grids) { $0.isSame(as: $1) }.first
  }

  /// Returns a grid over the ground of all scenes, with the pixels of most of them; nil where there is none.
  ///
  /// - Throws: `RasterError` where the ground of one has no place on that grid; `tooLarge` where they lie so
  ///   far
  ///   apart that the grid would be empty for the most part.
  package static func mosaic(of grids: [Grid]) throws(RasterError) -> Grid? {
    guard let grid = grouped(grids, by: { $0.hasPixels(of: $1) }).first else { return nil }
    guard let transform = grid.transform else { return grid }
    return try covering(grids, by: transform, crs: grid.crs)
  }

  /// Returns a grid over the ground of all scenes whose corners are whole multiples of its pixels.
  ///
  /// - Parameters:
  ///   - crs: its system; that of most scenes where nil.
  ///   - resolution: the side of a pixel in units of the map; nil for that of most scenes of the system.
  /// - Throws: as ``mosaic(of:)``.
  package static func covering(_ grids: [Grid], crs: CRS?, resolution: Double?) throws(RasterError) -> Grid? {
    guard let common = grouped(grids, by: { $0.hasPixels(of: $1) }).first else { return nil }
    guard let system = crs ?? common.crs else {
      throw RasterError(
        .noCRS, "lay a grid over the scenes", cause: "they have no coordinate reference system")
    }
    let own = grids.filter { $0.crs.map { $0.isSame(as: system) } ?? false }
    let size =
      resolution ?? grouped(own, by: { $0.hasPixels(of: $1) }).first?.transform.map { abs($0.columnX) }
    guard let size else {
      throw RasterError(
        .gridMismatch, "lay a grid over the scenes",
        cause: "none of them is in \(system): 'grid.resolution' is missing")
    }
    return try covering(grids, by: GeoTransform(originX: 0, originY: 0, pixelSize: size), crs: system)
  }

  /// Scenes of which a grid shows nothing but gaps are no mosaic.
  private static let mostGaps = 16.0

  /// Returns the grid of whole pixels of a lattice that covers the ground of all grids.
  private static func covering(_ grids: [Grid], by lattice: GeoTransform, crs: CRS?) throws(RasterError)
    -> Grid
  {
    let attempted = "lay a grid over the scenes"
    guard let inverse = lattice.inverse else {
      throw RasterError(.gridMismatch, attempted, cause: "its pixels have no size")
    }
    var (columns, rows): ([Double], [Double]) = ([], [])
    var pixels = 0.0
    for grid in grids {
      let projection = try MapProjection(from: grid.crs, to: crs, path: attempted)
      guard let transform = grid.transform else {
        throw RasterError(.gridMismatch, attempted, cause: "one of them has no position on the map")
      }
      var outline: [(x: Double, y: Double)] = []
      let steps = 16
      for step in 0...steps {
        let share = Double(step) / Double(steps)
        let (x, y) = (share * Double(grid.width), share * Double(grid.height))
        for (column, row) in [(x, 0), (x, Double(grid.height)), (0, y), (Double(grid.width), y)] {
          guard let place = projection.apply(transform.apply(column: column, row: row)) else { continue }
          outline.append(inverse.apply(column: place.x, row: place.y))
        }
      }
      guard let left = outline.map(\.x).min(), let right = outline.map(\.x).max(),
        let top = outline.map(\.y).min(), let bottom = outline.map(\.y).max()
      else { throw RasterError(.gridMismatch, attempted, cause: "one of them has no place in its system") }
      columns += [left, right]
      rows += [top, bottom]
      pixels += (right - left) * (bottom - top)
    }
    // A hundredth of a pixel is none.
    let slack = 0.01
    let (left, top) = ((columns.min()! + slack).rounded(.down), (rows.min()! + slack).rounded(.down))
    let (right, bottom) = ((columns.max()! - slack).rounded(.up), (rows.max()! - slack).rounded(.up))
    let (width, height) = (right - left, bottom - top)
    guard width * height <= mostGaps * pixels, max(width, height) <= Double(Int32.max) else {
      throw RasterError(
        .tooLarge, attempted,
        cause:
          "\(Int(bounded: width)) x \(Int(bounded: height)) pixels would be empty for the most part: the scenes lie far "
          + "apart")
    }
    let (x, y) = lattice.apply(column: left, row: top)
    return Grid(
      width: max(1, Int(width)), height: max(1, Int(height)),
      transform: GeoTransform(
        originX: x, columnX: lattice.columnX, rowX: lattice.rowX, originY: y, columnY: lattice.columnY,
        rowY: lattice.rowY), crs: crs)
  }

  /// Returns the first of those that are alike, for each kind, the kind with the most members first; of kinds
  /// with as many the one that comes first.
  private static func grouped(_ grids: [Grid], by isAlike: (Grid, Grid) -> Bool) -> [Grid] {
    var kinds: [(grid: Grid, count: Int)] = []
    for grid in grids {
      if let index = kinds.firstIndex(where: { isAlike($0.grid, grid) }) {
        kinds[index].count += 1
      } else {
        kinds.append((grid, 1))
      }
    }
    let most = kinds.map(\.count).max() ?? 0
    return kinds.filter { $0.count == most }.map(\.grid)
  }
}

extension Grid {
  /// Whether another grid's pixels lie on this one's, continued without end, to 1/100 pixel.
  fileprivate func hasPixels(of other: Grid) -> Bool {
    guard let transform, let theirs = other.transform, let inverse = transform.inverse else {
      return isSame(as: other)
    }
    switch (crs, other.crs) {
    case (nil, nil): break
    case (let mine?, let their?) where mine.isSame(as: their): break
    default: return false
    }
    return [(0, 0), (other.width, 0), (0, other.height)].allSatisfy { column, row in
      let place = theirs.apply(column: Double(column), row: Double(row))
      let (own, whole) = (
        inverse.apply(column: place.x, row: place.y),
        inverse.apply(column: theirs.originX, row: theirs.originY)
      )
      return abs(own.x - whole.x - Double(column)) < 0.01 && abs(own.y - whole.y - Double(row)) < 0.01
        && abs(own.x - own.x.rounded()) < 0.01 && abs(own.y - own.y.rounded()) < 0.01
    }
  }
}
