/// The tiles of a plane in which change is most likely a mode of its own, for thresholds that need to see it.
///
/// Where a hundredth of a scene changed, its histogram has one mode. Tiles whose values spread most hold both
/// change and no change; a threshold of theirs alone is one for the scene.
///
/// - Source: the split-based approach of Bovolo & Bruzzone 2007 (doi:10.1109/TGRS.2006.888861).
package struct TileSelection: PlaneSource {
  private let source: any PlaneSource
  private let side, tilesAcross: Int
  /// Whether a tile is taken, row by row.
  private let taken: [Bool]
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// The number of tiles that were taken.
  package var count: Int { taken.count(where: \.self) }

  /// Takes the tiles whose standard deviation lies a standard deviation (of the tiles') above the mean one,
  /// or else the one that spreads most.
  ///
  /// - Parameter side: pixels of a tile's side.
  /// - Throws: what reading throws.
  package init(_ source: any PlaneSource, side: Int = 64) throws {
    let across = (source.width + side - 1) / side
    var sums = [(count: Double, sum: Double, squares: Double)](
      repeating: (0, 0, 0), count: across * ((source.height + side - 1) / side))
    let width = source.width
    try source.forEachStrip { plane, first in
      for (index, value) in plane.values.enumerated() where value.isFinite {
        let tile = (first + index / width) / side * across + index % width / side
        sums[tile].count += 1
        sums[tile].sum += Double(value)
        sums[tile].squares += Double(value) * Double(value)
      }
    }
    // A tile that is mostly unobserved says little.
    let deviations = sums.map { tile -> Double? in
      guard tile.count >= Double(side * side) / 4 else { return nil }
      let mean = tile.sum / tile.count
      return max(0, tile.squares / tile.count - mean * mean).squareRoot()
    }
    let known = deviations.compactMap { $0 }
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    let spread = (known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, known.count)))
      .squareRoot()
    let most = known.max() ?? 0
    taken = deviations.map { $0.map { $0 >= min(most, mean + spread) } ?? false }
    (self.source, self.side, tilesAcross) = (source, side, across)
  }

  /// Returns the plane, not observed outside the tiles.
  package func read(rows: Range<Int>) throws -> Plane {
    var plane = try source.read(rows: rows)
    for index in plane.values.indices {
      let tile = (rows.lowerBound + index / width) / side * tilesAcross + index % width / side
      if !taken[tile] { plane.values[index] = .nan }
    }
    return plane
  }
}
