/// A river that winds across the region and a lake beside it.
struct Waters {
  private let bends: FractalNoise
  private let shore: FractalNoise
  private let isNorthSouth: Bool
  private let course: Double
  private let lake: (x: Double, y: Double, radius: Double)

  /// Creates a river and a lake.
  ///
  /// - Parameters:
  ///   - course: row (or column, for a river from north to south) that the river keeps to, in pixels.
  ///   - lake: centre and mean radius in pixels.
  init(seed: UInt64, isNorthSouth: Bool, course: Double, lake: (Double, Double, Double)) {
    bends = FractalNoise(seed: seed &+ 41, wavelength: 130, octaves: 3)
    shore = FractalNoise(seed: seed &+ 42, wavelength: 48, octaves: 4)
    self.isNorthSouth = isNorthSouth
    self.course = course
    self.lake = (lake.0, lake.1, lake.2)
  }

  /// Returns the pixels from the river's edge; negative in the river.
  func fromRiver(_ x: Double, _ y: Double) -> Double {
    let (along, across) = isNorthSouth ? (y, x) : (x, y)
    let centre = course + 46 * bends.at(along, 17) + 7 * bends.at(along * 3, 400)
    // The winding course is met at an angle: the vertical distance is too long by about a fifth on average.
    let width = 3.2 + 1.6 * bends.at(along * 2, 900)
    return abs(across - centre) * 0.8 - max(1.8, width)
  }

  /// Returns the pixels from the lake's shore, which lies `rise` pixels further out in a wet year; negative
  /// in the lake.
  func fromLake(_ x: Double, _ y: Double, rise: Double) -> Double {
    let (dx, dy) = (x - lake.x, (y - lake.y) * 1.25)
    return (dx * dx + dy * dy).squareRoot() - lake.radius - rise - 13 * shore.at(x, y)
  }
}
