/// The place and velocity of a satellite at a time, earth-fixed.
package struct StateVector: Hashable, Sendable {
  /// Seconds from the first line of the image.
  package let time: Double
  /// Metres.
  package let position: EarthFixed
  /// Metres a second.
  package let velocity: EarthFixed

  package init(time: Double, position: EarthFixed, velocity: EarthFixed) {
    (self.time, self.position, self.velocity) = (time, position, velocity)
  }
}

/// The path of a satellite around the time of an image: the polynomial through the places of its state
/// vectors.
///
/// Vectors lie 10 s apart, on a path that turns by 0.0011 rad a second: of eight of them the polynomial is
/// off by less than a micrometre, were they exact.
package struct Orbit: Sendable {
  /// The time that the polynomial counts from, and the seconds of its unit.
  private let middle, unit: Double
  /// Coefficients by power of the time.
  private let coefficients: [EarthFixed]

  /// The vectors that are used, at least and at most.
  static let fewest = 4, most = 12

  /// Creates the path over the time of an image.
  ///
  /// - Parameters:
  ///   - vectors: in any order; the ones around the image are used.
  ///   - time: seconds from the first line to the last.
  /// - Returns: nil where there are less than ``fewest`` vectors, or they do not reach over the whole time.
  package init?(_ vectors: [StateVector], over time: ClosedRange<Double>) {
    let sorted = vectors.sorted { $0.time < $1.time }
    guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.time < $1.time }),
      let first = sorted.lastIndex(where: { $0.time <= time.lowerBound }),
      let last = sorted.firstIndex(where: { $0.time >= time.upperBound }),
      sorted.count >= Self.fewest, last - first < Self.most
    else { return nil }
    var range = first...last
    // Two more on each side, where there are: a polynomial is at its best in the middle of its places.
    while range.count < min(last - first + 5, Self.most, sorted.count) {
      let isLow = range.lowerBound > 0
      let isHigh = range.upperBound < sorted.count - 1
      let goesDown = isLow && (!isHigh || first - range.lowerBound <= range.upperBound - last)
      range = goesDown ? range.lowerBound - 1...range.upperBound : range.lowerBound...range.upperBound + 1
    }
    let used = Array(sorted[range])
    middle = (used[0].time + used[used.count - 1].time) / 2
    unit = (used[used.count - 1].time - used[0].time) / 2
    let times = used.map { [middle, unit] in ($0.time - middle) / unit }
    coefficients = Self.polynomial(through: used.map(\.position), at: times)
  }

  /// Returns the coefficients by power of the polynomial through some places, by Newton's divided
  /// differences.
  private static func polynomial(through places: [EarthFixed], at times: [Double]) -> [EarthFixed] {
    var differences = places
    for order in 1..<places.count {
      for index in stride(from: places.count - 1, through: order, by: -1) {
        differences[index] =
          (differences[index] - differences[index - 1]) / (times[index] - times[index - order])
      }
    }
    var powers = [EarthFixed](repeating: .zero, count: places.count)
    for index in stride(from: places.count - 1, through: 0, by: -1) {
      // powers = powers * (t - times[index]) + differences[index]
      for power in stride(from: places.count - 1, to: 0, by: -1) {
        powers[power] = powers[power - 1] - powers[power] * times[index]
      }
      powers[0] = differences[index] - powers[0] * times[index]
    }
    return powers
  }

  /// Returns the path around a time, good to a tenth of a millimetre for some seconds.
  package func arc(at time: Double) -> OrbitArc {
    let t = (time - middle) / unit
    // Taylor's coefficients by repeated synthetic division.
    var rest = coefficients
    var terms: [EarthFixed] = []
    var scale = 1.0
    for order in 0..<OrbitArc.termCount {
      guard order < rest.count else {
        terms.append(.zero)
        continue
      }
      for power in stride(from: rest.count - 2, through: order, by: -1) { rest[power] += rest[power + 1] * t }
      terms.append(rest[order] / scale)
      scale *= unit
    }
    return OrbitArc(time: time, terms: terms)
  }
}

/// A few seconds of an orbit, as a polynomial of degree 4 in time.
package struct OrbitArc: Sendable {
  static let termCount = 5

  /// The time that the polynomial counts from.
  package let time: Double
  private let p, v, a, j, s: EarthFixed

  fileprivate init(time: Double, terms: [EarthFixed]) {
    self.time = time
    (p, v, a, j, s) = (terms[0], terms[1], terms[2], terms[3], terms[4])
  }

  /// Returns the place of the satellite.
  @inline(__always)
  package func position(at time: Double) -> EarthFixed {
    let t = time - self.time
    let cubic: EarthFixed = a + t * (j + t * s)
    return p + t * (v + t * cubic)
  }

  /// Returns the velocity of the satellite.
  @inline(__always)
  package func velocity(at time: Double) -> EarthFixed {
    let t = time - self.time
    let steeper: EarthFixed = 3 * j + (4 * t) * s
    return v + t * (2 * a + t * steeper)
  }

  /// Returns the acceleration of the satellite.
  @inline(__always)
  func acceleration(at time: Double) -> EarthFixed {
    let t = time - self.time
    let steeper: EarthFixed = 6 * j + (12 * t) * s
    return 2 * a + t * steeper
  }

  /// Finds when a place lies across the path, (X - P(t)) . V(t) = 0, and how far from the satellite it is
  /// then.
  ///
  /// Newton's method: the curvature of the left side is a ten-millionth of its slope squared, so that a step
  /// of less than 0.02 s is the last that is needed.
  ///
  /// - Parameter start: a time near it, such as that of a neighbour.
  /// - Returns: seconds from the first line, and the line of sight from the satellite, whose length is the
  ///   slant range.
  @inline(__always)
  package func zeroDoppler(of place: EarthFixed, from start: Double) -> (time: Double, sight: EarthFixed) {
    var time = start
    for _ in 0..<12 {
      let velocity = velocity(at: time)
      let sight = place - position(at: time)
      let step = sight.dot(velocity) / (sight.dot(acceleration(at: time)) - velocity.dot(velocity))
      time -= step
      if !(abs(step) > 0.02) { break }
    }
    return (time, place - position(at: time))
  }
}
