/// A landscape sampled at 5 m: what sensors see, and what is true at 10 m.
struct GroundTruth {
  /// Samples along a side.
  static let samples = 2 * Region.side
  /// `[samples, samples]` surfaces.
  let surfaces: [Surface]
  /// `[side, side]` classes: what covers most of a pixel's four samples.
  let classes: [UInt8]
  /// `[samples, samples]` relative heights.
  let heights: [Double]

  init(_ landscape: Landscape) {
    let samples = Self.samples
    var surfaces: [Surface] = []
    var covers: [LandCover] = []
    var heights: [Double] = []
    surfaces.reserveCapacity(samples * samples)
    for row in 0..<samples {
      for column in 0..<samples {
        let (x, y) = (Double(column) / 2 + 0.25, Double(row) / 2 + 0.25)
        let ground = landscape.ground(x, y)
        surfaces.append(ground.surface)
        covers.append(ground.cover)
        heights.append(landscape.height(x, y))
      }
    }
    self.surfaces = surfaces
    self.heights = heights
    classes = Self.majority(covers)
  }

  private static func majority(_ covers: [LandCover]) -> [UInt8] {
    (0..<Region.side * Region.side).map { pixel in
      let (row, column) = (pixel / Region.side * 2, pixel % Region.side * 2)
      var votes = [Int](repeating: 0, count: 7)
      for sample in [
        row * samples + column, row * samples + column + 1, (row + 1) * samples + column,
        (row + 1) * samples + column + 1,
      ] { votes[Int(covers[sample].rawValue)] += 1 }
      // Of equal votes the smaller class value wins, always the same way.
      return UInt8(votes.indices.max { (votes[$0], $1) < (votes[$1], $0) }!)
    }
  }
}
