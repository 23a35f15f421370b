/// Change in regions: a region is all that touches above a threshold, and it is change if its core lies above
/// a higher one.
///
/// Specks that only just pass the threshold have no core. Regions touch along sides of pixels.
///
/// - Source: hysteresis of Canny 1986 (doi:10.1109/TPAMI.1986.4767851).
package struct HysteresisThreshold {
  /// The multiple of the threshold that a core reaches.
  package static let standardCore = 1.5

  /// The threshold that all values of a region exceed, and the one that its largest value exceeds.
  package let threshold, core: Double
  private let source: any PlaneSource
  /// Whether a label of ``RegionLabels`` is of a region with a core.
  private let kept: [Bool]

  /// Finds the regions of a plane.
  ///
  /// - Throws: what reading throws.
  /// - Complexity: one pass; memory grows with the number of regions, not of pixels.
  package init(_ source: any PlaneSource, threshold: Double, core: Double) throws {
    (self.source, self.threshold, self.core) = (source, threshold, core)
    var labels = RegionLabels(width: source.width)
    var regions = DisjointSets()
    var hasCore: [Bool] = []
    try source.forEachStrip { plane, _ in
      for row in 0..<plane.height {
        let values = plane.values[row * plane.width..<(row + 1) * plane.width]
        labels.next(values, above: threshold) { regions.join($0, $1) }
        while regions.count < labels.count { regions.add() }
        while hasCore.count < labels.count { hasCore.append(false) }
        for (label, value) in zip(labels.row, values) where label >= 0 && Double(value) > core {
          hasCore[label] = true
        }
      }
    }
    for label in hasCore.indices where hasCore[label] { hasCore[regions.root(of: label)] = true }
    kept = hasCore.indices.map { hasCore[regions.root(of: $0)] }
  }

  /// Calls `body` with the mask of strips of rows from top to bottom.
  ///
  /// - Throws: what reading or `body` throws.
  package func forEachStrip(
    _ body: (_ mask: [PostClassification.Mask], _ magnitude: Plane, _ firstRow: Int) throws -> Void
  )
    throws
  {
    var labels = RegionLabels(width: source.width)
    try source.forEachStrip { plane, first in
      var mask: [PostClassification.Mask] = []
      mask.reserveCapacity(plane.values.count)
      for row in 0..<plane.height {
        let values = plane.values[row * plane.width..<(row + 1) * plane.width]
        labels.next(values, above: threshold) { _, _ in }
        for (label, value) in zip(labels.row, values) {
          mask.append(value.isNaN ? .notObserved : label >= 0 && kept[label] ? .changed : .unchanged)
        }
      }
      try body(mask, plane, first)
    }
  }
}

/// Labels of what lies above a threshold, row by row: that of the pixel to the left, or else of the one
/// above, or else a new one.
///
/// A label does not depend on which of them later turn out to be one region, so that a second pass finds the
/// same.
private struct RegionLabels {
  /// The labels of the last row, -1 where there is none.
  private(set) var row: [Int]
  /// Labels so far.
  private(set) var count = 0

  init(width: Int) { row = Array(repeating: -1, count: width) }

  /// Goes to the next row; tells which labels touch.
  mutating func next(_ values: ArraySlice<Float>, above threshold: Double, _ touch: (Int, Int) -> Void) {
    var left = -1
    for (column, value) in values.enumerated() {
      let above = row[column]
      if Double(value) > threshold {
        if left >= 0 && above >= 0 && left != above { touch(left, above) }
        if left < 0 { left = above }
        if left < 0 {
          left = count
          count += 1
        }
      } else {
        left = -1
      }
      row[column] = left
    }
  }
}

/// Sets of numbers that are joined two by two.
private struct DisjointSets {
  private var parents: [Int] = []
  var count: Int { parents.count }

  /// Adds a set of the next number.
  mutating func add() { parents.append(parents.count) }

  mutating func root(of element: Int) -> Int {
    var element = element
    while parents[element] != element {
      parents[element] = parents[parents[element]]
      element = parents[element]
    }
    return element
  }

  mutating func join(_ one: Int, _ other: Int) {
    while count <= max(one, other) { add() }
    let (one, other) = (root(of: one), root(of: other))
    parents[max(one, other)] = min(one, other)
  }
}
