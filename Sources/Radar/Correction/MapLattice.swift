import Rasters

/// Numbers that depend smoothly on the place on the map, computed at every so many pixels of a window and
/// mixed linearly between these.
///
/// Places on the ellipsoid 320 m apart are joined by a line that lies 2 mm below it: projections and sines
/// are needed at one pixel of a thousand. The distance is halved until numbers in the middles of the cells
/// are as good as is asked for.
struct MapLattice {
  /// The numbers at the middles of some pixels.
  typealias Fields = (_ xs: [Double], _ ys: [Double]) throws(RasterError) -> [[Double]]

  /// Pixels from one place to the next.
  let step: Int
  /// Places across and down.
  let columns, rows: Int
  /// Numbers of a place.
  let fieldCount: Int
  /// `[rows, columns, fields]`.
  private let values: [Double]

  private static let longestStep = 32
  /// Cells whose middles are looked at.
  private static let checks = 200

  /// Computes the numbers for a window of a grid, which may reach beyond it.
  ///
  /// - Parameters:
  ///   - fields: gives `[fields][places]` for map coordinates.
  ///   - tolerances: the largest error of each number.
  init(
    _ window: Window, of transform: GeoTransform, tolerances: [Double], _ fields: Fields
  ) throws(RasterError) {
    fieldCount = tolerances.count
    var step = Self.longestStep
    while true {
      let (across, down) = ((window.width + step - 1) / step + 1, (window.height + step - 1) / step + 1)
      func places(_ indices: [(column: Double, row: Double)]) throws(RasterError) -> [[Double]] {
        let points = indices.map { place in
          transform.apply(
            column: Double(window.column) + place.column * Double(step) + 0.5,
            row: Double(window.row) + place.row * Double(step) + 0.5)
        }
        return try fields(points.map(\.x), points.map(\.y))
      }
      let nodes = (0..<across * down).map { (column: Double($0 % across), row: Double($0 / across)) }
      let found = try places(nodes)
      let cells = (across - 1) * (down - 1)
      let checked = stride(from: 0, to: cells, by: max(1, cells / Self.checks)).map {
        ($0 % (across - 1), $0 / (across - 1))
      }
      let middles = step == 1 ? [] : try places(checked.map { (Double($0.0) + 0.5, Double($0.1) + 0.5) })
      let isGood = middles.indices.allSatisfy { field in
        checked.indices.allSatisfy { index in
          let node = checked[index].1 * across + checked[index].0
          let plane = found[field]
          let mean = (plane[node] + plane[node + 1] + plane[node + across] + plane[node + across + 1]) / 4
          // What is not a number is so whatever the step.
          return !(abs(mean - middles[field][index]) > tolerances[field])
        }
      }
      if isGood {
        (self.step, columns, rows) = (step, across, down)
        var values = [Double](repeating: 0, count: nodes.count * found.count)
        for (field, plane) in found.enumerated() {
          for (node, value) in plane.enumerated() { values[node * found.count + field] = value }
        }
        self.values = values
        return
      }
      step /= 2
    }
  }

  /// Returns the numbers along a row of pixels, counted from the window's first: `[columns, fields]`.
  func row(_ row: Int) -> [Double] {
    let above = row / step
    let share = Double(row - above * step) / Double(step)
    let width = columns * fieldCount
    let start = above * width
    // The last row of places is none of pixels, unless the step is one.
    let next = min(above + 1, rows - 1) * width
    return (0..<width).map { values[start + $0] + share * (values[next + $0] - values[start + $0]) }
  }

  /// The numbers of all places, `[fields]` each.
  var nodes: [[Double]] {
    (0..<columns * rows).map { Array(values[$0 * fieldCount..<($0 + 1) * fieldCount]) }
  }
}
