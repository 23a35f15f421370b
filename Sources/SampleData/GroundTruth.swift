/// A landscape sampled at 5 m: what sensors see, and what is true at 10 m.
struct GroundTruth {
  /// The pixels of a side.
  let side: Int
  /// Samples along a side.
  var samples: Int { 2 * side }
  /// The surfaces at the samples, `[samples, samples]`.
  let surfaces: [Surface]
  /// The classes of the pixels, `[side, side]`: each covers most of a pixel's four samples.
  let classes: [UInt8]
  /// The relative heights at the samples, `[samples, samples]`.
  let heights: [Double]

  /// Samples a square of a landscape, all of a region unless said otherwise.
  ///
  /// - Parameter corner: the upper left corner in pixels from the region's.
  init(_ landscape: Landscape, corner: (x: Int, y: Int) = (0, 0), side: Int = Region.side) {
    self.side = side
    let samples = 2 * side
    var surfaces: [Surface] = []
    var covers: [LandCover] = []
    var heights: [Double] = []
    surfaces.reserveCapacity(samples * samples)
    for row in 0..<samples {
      for column in 0..<samples {
        let (x, y) = (
          Double(2 * corner.x + column) / 2 + 0.25, Double(2 * corner.y + row) / 2 + 0.25
        )
        let ground = landscape.ground(x, y)
        surfaces.append(ground.surface)
        covers.append(ground.cover)
        heights.append(landscape.height(x, y))
      }
    }
    self.surfaces = surfaces
    self.heights = heights
    classes = Self.majority(covers, side: side)
  }

  /// Returns the class that covers most of every `step x step` pixels, `[side / step, side / step]`.
  func classes(of step: Int) -> [UInt8] {
    let coarse = side / step
    return (0..<coarse * coarse).map { pixel in
      let first = pixel / coarse * step * side + pixel % coarse * step
      return Self.mostFrequent((0..<step * step).map { classes[first + $0 / step * side + $0 % step] })
    }
  }

  private static func majority(_ covers: [LandCover], side: Int) -> [UInt8] {
    let samples = 2 * side
    return (0..<side * side).map { pixel in
      let (row, column) = (pixel / side * 2, pixel % side * 2)
      return mostFrequent(
        [
          row * samples + column, row * samples + column + 1, (row + 1) * samples + column,
          (row + 1) * samples + column + 1,
        ].map { covers[$0].rawValue })
    }
  }

  /// Returns the most frequent value; of equally many the smaller value wins, always the same way.
  private static func mostFrequent(_ values: [UInt8]) -> UInt8 {
    var votes = [Int](repeating: 0, count: 7)
    for value in values { votes[Int(value)] += 1 }
    return UInt8(votes.indices.max { (votes[$0], $1) < (votes[$1], $0) }!)
  }
}
