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

  /// The class that covers most of every `step x step` pixels, `[side / step, side / step]`.
  func classes(of step: Int) -> [UInt8] {
    let side = Region.side / step
    return (0..<side * side).map { pixel in
      let first = pixel / side * step * Region.side + pixel % side * step
      return Self.mostFrequent((0..<step * step).map { classes[first + $0 / step * Region.side + $0 % step] })
    }
  }

  private static func majority(_ covers: [LandCover]) -> [UInt8] {
    (0..<Region.side * Region.side).map { pixel in
      let (row, column) = (pixel / Region.side * 2, pixel % Region.side * 2)
      return mostFrequent(
        [
          row * samples + column, row * samples + column + 1, (row + 1) * samples + column,
          (row + 1) * samples + column + 1,
        ].map { covers[$0].rawValue })
    }
  }

  /// Of equally many the smaller value wins, always the same way.
  private static func mostFrequent(_ values: [UInt8]) -> UInt8 {
    var votes = [Int](repeating: 0, count: 7)
    for value in values { votes[Int(value)] += 1 }
    return UInt8(votes.indices.max { (votes[$0], $1) < (votes[$1], $0) }!)
  }
}
