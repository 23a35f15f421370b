extension OpticalSensor.Conditions {
  /// Returns the conditions of region A on a clear June day with a few fair-weather clouds.
  static func june2023(seed: UInt64) -> Self {
    Self(
      gain: SIMD8(repeating: 1), haze: SIMD8(0.004, 0.003, 0.002, 0.001, 0, 0, 0, 0), sun: (0.55, -0.40),
      clouds: [(316, 60, 15), (150, 352, 12), (352, 214, 10)], border: (1, 0.22, 12), seed: seed &+ 91)
  }

  /// Returns the conditions of region B in hazy September air, with a lower sun.
  static func september2023(seed: UInt64) -> Self {
    Self(
      gain: SIMD8(0.93, 0.94, 0.95, 0.93, 1.02, 1.04, 1, 1),
      haze: SIMD8(0.018, 0.0125, 0.0085, 0.005, 0.001, 0.001, 0, 0), sun: (0.75, -0.60),
      clouds: [(60, 208, 17), (214, 336, 13)], border: (-1, 0.18, -342), seed: seed &+ 92)
  }

  /// Returns the same air and sun over one chip: no cloud, no edge of the swath.
  func overChip(seed: UInt64) -> Self {
    Self(gain: gain, haze: haze, sun: sun, clouds: [], border: (0, 0, -1), seed: seed)
  }

  /// Returns the conditions of region B a year later: less haze, another edge of the swath, other clouds.
  static func september2024(seed: UInt64) -> Self {
    Self(
      gain: SIMD8(0.97, 0.97, 0.98, 0.97, 1.00, 1.01, 1, 1),
      haze: SIMD8(0.010, 0.007, 0.005, 0.003, 0.001, 0.001, 0, 0), sun: (0.72, -0.64),
      clouds: [(330, 150, 14), (180, 40, 12), (40, 352, 11)], border: (-1, 0.25, -350), seed: seed &+ 93)
  }

  /// Returns the conditions of region B in May under thick haze: bright and flat in the visible bands, which
  /// is what breaks a model of clear days.
  static func may2023(seed: UInt64) -> Self {
    Self(
      gain: SIMD8(0.66, 0.71, 0.76, 0.83, 0.94, 0.97, 1, 1),
      haze: SIMD8(0.072, 0.058, 0.047, 0.034, 0.012, 0.007, 0, 0), sun: (0.48, -0.35),
      clouds: [(250, 110, 15), (96, 330, 13)], border: (-1, 0.20, -345), seed: seed &+ 94)
  }

  /// Returns the conditions of region B at the end of August, as Landsat saw it: thin haze, other clouds,
  /// another swath.
  static func august2023(seed: UInt64) -> Self {
    Self(
      gain: SIMD8(0.95, 0.95, 0.96, 0.97, 1.00, 1.01, 1, 1),
      haze: SIMD8(0.014, 0.010, 0.007, 0.004, 0.001, 0.001, 0, 0), sun: (0.68, -0.55),
      clouds: [(300, 90, 16), (70, 262, 13)], border: (1, 0.24, 30), seed: seed &+ 95)
  }
}
