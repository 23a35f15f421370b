/// The few labels that somebody draws in a new place: small squares, labelled completely.
struct FewLabels {
  /// The side of a square in pixels.
  static let side = 24
  static let count = 10

  /// The first column and row of each square.
  let corners: [(column: Int, row: Int)]

  /// Chooses squares apart from each other so that the rarest class has as many pixels as it can.
  ///
  /// - Parameter truth: `[side, side]`; 0 where nothing can be labelled, which no square may touch.
  init(truth: [UInt8], seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    var best: (corners: [(Int, Int)], score: Double)?
    for _ in 0..<300 {
      guard let corners = Self.draw(truth, &random) else { continue }
      var counts = [Double](repeating: 0, count: LandCover.allCases.count + 1)
      for corner in corners { for value in Self.values(truth, at: corner) { counts[Int(value)] += 1 } }
      // Small classes count most: a sum of roots is largest for even shares.
      let score = counts.dropFirst().reduce(0) { $0 + $1.squareRoot() }
      if score > best?.score ?? 0 { best = (corners, score) }
    }
    corners = best!.corners.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map { (column: $0.0, row: $0.1) }
  }

  /// Returns the truth inside the squares, 0 elsewhere.
  func labels(from truth: [UInt8]) -> [UInt8] {
    var labels = [UInt8](repeating: 0, count: truth.count)
    for corner in corners {
      for row in corner.row..<corner.row + Self.side {
        let line = row * Region.side + corner.column
        labels.replaceSubrange(line..<line + Self.side, with: truth[line..<line + Self.side])
      }
    }
    return labels
  }

  private static func draw(_ truth: [UInt8], _ random: inout SeededNumbers) -> [(Int, Int)]? {
    var corners: [(Int, Int)] = []
    for _ in 0..<400 where corners.count < count {
      let corner = (
        Int(random.uniform() * Double(Region.side - side)), Int(random.uniform() * Double(Region.side - side))
      )
      let isApart = corners.allSatisfy { abs($0.0 - corner.0) > 2 * side || abs($0.1 - corner.1) > 2 * side }
      guard isApart, !values(truth, at: corner).contains(0) else { continue }
      corners.append(corner)
    }
    return corners.count == count ? corners : nil
  }

  private static func values(_ truth: [UInt8], at corner: (Int, Int)) -> [UInt8] {
    (corner.1..<corner.1 + side).flatMap { row in
      truth[row * Region.side + corner.0..<row * Region.side + corner.0 + side]
    }
  }
}
