/// A piece of ground sampled twice a pixel: the colours, heights and slopes that an aerial camera sees.
struct Scenery {
  /// The ground, or the thing that stands on it, at one sample.
  struct Spot {
    /// Red, green and blue in grey levels of 0 ... 255, level and in full sun.
    var color: SIMD3<Double>
    /// Pixels above the street.
    var height = 0.0
    /// The growth of the height to the right and downwards, in pixels a pixel.
    var slope = SIMD2<Double>()
  }

  /// Samples along a pixel.
  static let density = 2
  /// Pixels around the picture: what stands there throws its shadow into it.
  static let margin = 20

  /// Samples along a side, margins included.
  let samples: Int
  /// The spots of the samples, `[samples, samples]`.
  private(set) var spots: [Spot]
  /// The place of the first sample in pixels.
  private let first: (x: Double, y: Double)

  /// Samples the ground.
  ///
  /// - Parameters:
  ///   - side: pixels of the picture.
  ///   - corner: the place of the picture's upper left corner in pixels.
  ///   - ground: what lies at a place before anything is put on it.
  init(side: Int, corner: (x: Double, y: Double), ground: (Double, Double) -> Spot) {
    samples = (side + 2 * Self.margin) * Self.density
    let half = 0.5 / Double(Self.density)
    first = (corner.x - Double(Self.margin) + half, corner.y - Double(Self.margin) + half)
    spots = []
    spots.reserveCapacity(samples * samples)
    for row in 0..<samples {
      for column in 0..<samples { spots.append(ground(x(of: column), y(of: row))) }
    }
  }

  /// Puts something on the ground: `thing` says what it makes of a spot, for places up to `reach` pixels
  /// away.
  mutating func put(
    atX x: Double, y: Double, reach: Double, _ thing: (Double, Double, inout Spot) -> Void
  ) {
    let rows = range(around: y - first.y, reach)
    let columns = range(around: x - first.x, reach)
    for row in rows {
      for column in columns { thing(self.x(of: column), self.y(of: row), &spots[row * samples + column]) }
    }
  }

  private func x(of column: Int) -> Double { first.x + Double(column) / Double(Self.density) }
  private func y(of row: Int) -> Double { first.y + Double(row) / Double(Self.density) }

  private func range(around centre: Double, _ reach: Double) -> Range<Int> {
    let low = Int(((centre - reach) * Double(Self.density)).rounded(.down))
    let high = Int(((centre + reach) * Double(Self.density)).rounded(.up)) + 1
    return min(samples, max(0, low))..<min(samples, max(0, high))
  }
}
