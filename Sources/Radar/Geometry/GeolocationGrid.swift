/// The coarse grid of places on the ground that an annotation gives for some lines and samples.
package struct GeolocationGrid: Sendable {
  /// A place that the annotation gives.
  package struct Point: Hashable, Sendable {
    /// Where it is in the image.
    package let line, sample: Double
    /// Degrees.
    package let longitude, latitude: Double
    /// Metres above the ellipsoid.
    package let height: Double
    /// Degrees from the vertical at which the place is seen.
    package let incidence: Double

    package init(
      line: Double, sample: Double, longitude: Double, latitude: Double, height: Double, incidence: Double
    ) {
      (self.line, self.sample, self.height, self.incidence) = (line, sample, height, incidence)
      (self.longitude, self.latitude) = (longitude, latitude)
    }
  }

  /// The lines and samples of the grid, ascending.
  private let lines, samples: [Double]
  /// Row by row; longitudes lie within half a turn of the first one.
  package let points: [Point]

  /// Arranges points, in any order, as a grid; nil where they make none of at least 2 x 2.
  package init?(_ points: [Point]) {
    lines = Set(points.map(\.line)).sorted()
    samples = Set(points.map(\.sample)).sorted()
    guard lines.count > 1, samples.count > 1, points.count == lines.count * samples.count else { return nil }
    let sorted = points.sorted { ($0.line, $0.sample) < ($1.line, $1.sample) }
    for (index, point) in sorted.enumerated()
    where point.line != lines[index / samples.count] || point.sample != samples[index % samples.count] {
      return nil
    }
    self.points = sorted.map { point in
      let turns = ((point.longitude - sorted[0].longitude) / 360).rounded()
      return Point(
        line: point.line, sample: point.sample, longitude: point.longitude - 360 * turns,
        latitude: point.latitude, height: point.height, incidence: point.incidence)
    }
  }

  /// The middle of all points, in degrees.
  package var middle: (longitude: Double, latitude: Double) {
    let count = Double(points.count)
    return (
      points.reduce(0) { $0 + $1.longitude } / count, points.reduce(0) { $0 + $1.latitude } / count
    )
  }

  /// The mean height of the points in metres.
  package var meanHeight: Double { points.reduce(0) { $0 + $1.height } / Double(points.count) }

  /// The least and the greatest height of the points.
  package var heights: ClosedRange<Double> {
    let heights = points.map(\.height)
    return heights.min()!...heights.max()!
  }

  /// The angles, in degrees, at which the points are seen.
  package var incidences: ClosedRange<Double> {
    let angles = points.map(\.incidence)
    return angles.min()!...angles.max()!
  }

  /// Finds where a place is in the image, by Newton's method on the bilinear cells of the grid, which go on
  /// beyond its edge.
  ///
  /// - Parameter start: a position near it.
  /// - Returns: nil where the method does not come to rest.
  package func place(
    ofLongitude longitude: Double, latitude: Double, from start: (line: Double, sample: Double)
  ) -> (line: Double, sample: Double)? {
    let turns = ((longitude - points[0].longitude) / 360).rounded()
    let longitude = longitude - 360 * turns
    var (line, sample) = start
    for _ in 0..<40 {
      let row = Self.cell(of: line, in: lines)
      let column = Self.cell(of: sample, in: samples)
      let corner = points[row * samples.count + column]
      let (right, below) = (
        points[row * samples.count + column + 1], points[(row + 1) * samples.count + column]
      )
      let across = points[(row + 1) * samples.count + column + 1]
      let (height, width) = (lines[row + 1] - lines[row], samples[column + 1] - samples[column])
      let (v, u) = ((line - lines[row]) / height, (sample - samples[column]) / width)
      func mixed(_ value: (Point) -> Double) -> (value: Double, down: Double, right: Double) {
        let (a, b, c, d) = (value(corner), value(right), value(below), value(across))
        return (
          a + (b - a) * u + (c - a) * v + (a - b - c + d) * u * v, ((c - a) + (a - b - c + d) * u) / height,
          ((b - a) + (a - b - c + d) * v) / width
        )
      }
      let (x, y) = (mixed(\.longitude), mixed(\.latitude))
      let determinant = x.down * y.right - x.right * y.down
      guard determinant != 0 else { return nil }
      let (errorX, errorY) = (longitude - x.value, latitude - y.value)
      let (stepDown, stepRight) = (
        (errorX * y.right - errorY * x.right) / determinant, (errorY * x.down - errorX * y.down) / determinant
      )
      guard stepDown.isFinite, stepRight.isFinite else { return nil }
      line += stepDown
      sample += stepRight
      if abs(stepDown) < 1e-4, abs(stepRight) < 1e-4 { return (line, sample) }
    }
    return nil
  }

  private static func cell(of value: Double, in places: [Double]) -> Int {
    let next = places.firstIndex { $0 > value } ?? places.count - 1
    return min(max(next - 1, 0), places.count - 2)
  }
}
