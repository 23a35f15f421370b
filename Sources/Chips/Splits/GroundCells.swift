import Classes
import Numerics
import Rasters

/// The pixels of the first region of each coordinate system, continued without end: the cells in which all
/// regions of the system are measured, so that labels of two scenes can be held against each other.
struct GroundCells: Sendable {
  private var grounds: [Ground] = []

  package init(_ regions: [LabelledRegion]) {
    for region in regions where system(of: region.ground) == nil { grounds.append(region.ground) }
  }

  private func system(of ground: Ground) -> Int? {
    grounds.firstIndex { $0.sharesCoordinates(with: ground) }
  }

  /// Returns the placement of a region on the cells; nil where it shares its coordinates with no region that
  /// they were made from.
  func placement(of region: LabelledRegion) -> CellPlacement? {
    guard let system = system(of: region.ground), let cells = grounds[system].transform.inverse else {
      return nil
    }
    return CellPlacement(system: system, region: region, cells: cells)
  }
}

/// The placement of the pixels of one region on the cells of its coordinate system.
struct CellPlacement: Sendable {
  /// The number of the coordinate system; cells of two systems have nothing to do with each other.
  let system: Int
  private let window: Window
  private let map, cells: GeoTransform
  /// The distance from a pixel's centre to the edge of what it covers, in cells, a thousandth less: pixels
  /// that only touch a cell do not cover it, whatever the rounding.
  private let reach: (columns: Double, rows: Double)

  package init(system: Int, region: LabelledRegion, cells: GeoTransform) {
    (self.system, self.cells) = (system, cells)
    (window, map) = (region.window, region.ground.transform)
    let half = 0.5 * 0.999
    reach = (
      half
        * (abs(cells.columnX * map.columnX + cells.rowX * map.columnY)
          + abs(cells.columnX * map.rowX + cells.rowX * map.rowY)),
      half
        * (abs(cells.columnY * map.columnX + cells.rowY * map.columnY)
          + abs(cells.columnY * map.rowX + cells.rowY * map.rowY))
    )
  }

  /// Returns the centre of the pixel at `place` of the region's labels, in cells.
  private func center(of place: Int) -> (column: Double, row: Double) {
    let position = map.apply(
      column: Double(window.column + place % window.width) + 0.5,
      row: Double(window.row + place / window.width) + 0.5)
    let center = cells.apply(column: position.x, row: position.y)
    return (center.x, center.y)
  }

  /// Returns the cell that holds the centre of the pixel at `place`.
  func cell(of place: Int) -> (column: Int, row: Int) {
    let center = center(of: place)
    return (Int(bounded: center.column.rounded(.down)), Int(bounded: center.row.rounded(.down)))
  }

  /// Returns the cells that the pixel at `place` covers in part: one on a grid like that of the cells,
  /// several where the grid is shifted, turned or coarser.
  func footprint(of place: Int) -> Window {
    let center = center(of: place)
    let (left, top) = (
      (center.column - reach.columns).rounded(.down), (center.row - reach.rows).rounded(.down)
    )
    let (right, bottom) = (
      (center.column + reach.columns).rounded(.down), (center.row + reach.rows).rounded(.down)
    )
    return Window(
      column: Int(bounded: left), row: Int(bounded: top), width: Int(bounded: right - left) + 1,
      height: Int(bounded: bottom - top) + 1)
  }

  /// Returns the smallest rectangle of cells that holds all labels; nil where there are none.
  func bounds(of labels: [UInt8]) -> Window? {
    var (left, right, top, bottom) = (Int.max, -1, Int.max, -1)
    for row in 0..<window.height {
      let line = labels[row * window.width..<(row + 1) * window.width]
      guard let first = line.firstIndex(where: { $0 != ClassIndex.none }),
        let last = line.lastIndex(where: { $0 != ClassIndex.none })
      else { continue }
      (left, right) = (min(left, first - line.startIndex), max(right, last - line.startIndex))
      (top, bottom) = (min(top, row), row)
    }
    guard bottom >= 0 else { return nil }
    return [(left, top), (right, top), (left, bottom), (right, bottom)]
      .map { footprint(of: $0.1 * window.width + $0.0) }
      .reduce(Window(column: 0, row: 0, width: 0, height: 0)) { $0.union($1) }
  }
}
