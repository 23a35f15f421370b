import Foundation

/// Surface reflectance in the six bands B02, B03, B04, B08, B11, B12, and radar backscatter in VV and VH as
/// power.
struct Surface {
  /// Six bands; two lanes are spare.
  var reflectance: SIMD8<Double>
  /// VV and VH, linear.
  var backscatter: SIMD2<Double>

  /// Creates a surface from reflectance and backscatter in decibels.
  init(
    _ b02: Double, _ b03: Double, _ b04: Double, _ b08: Double, _ b11: Double, _ b12: Double, vv: Double,
    vh: Double
  ) {
    reflectance = SIMD8(b02, b03, b04, b08, b11, b12, 0, 0)
    backscatter = SIMD2(Self.power(vv), Self.power(vh))
  }

  /// Returns a mixture: `share` of this surface and the rest of another.
  func mixed(with other: Surface, share: Double) -> Surface {
    var mixture = self
    mixture.reflectance = reflectance * share + other.reflectance * (1 - share)
    mixture.backscatter = backscatter * share + other.backscatter * (1 - share)
    return mixture
  }

  /// Returns this surface, lighter or darker.
  func brightened(by factor: Double) -> Surface {
    var surface = self
    surface.reflectance *= factor
    return surface
  }

  private static func power(_ decibels: Double) -> Double { pow(10, decibels / 10) }
}

extension Surface {
  // Rough values of spectral libraries and of Sentinel-1 statistics in June; the season is applied to them
  // afterwards.
  static let clearWater = Surface(0.045, 0.048, 0.032, 0.020, 0.010, 0.008, vv: -21, vh: -28)
  static let turbidWater = Surface(0.070, 0.092, 0.085, 0.055, 0.018, 0.012, vv: -19, vh: -27)
  static let broadleaf = Surface(0.030, 0.056, 0.032, 0.345, 0.155, 0.070, vv: -9.5, vh: -14.5)
  static let conifer = Surface(0.024, 0.038, 0.025, 0.225, 0.095, 0.043, vv: -9, vh: -14)
  static let cropCanopy = Surface(0.033, 0.068, 0.036, 0.410, 0.185, 0.088, vv: -10.5, vh: -16.5)
  static let ripeCereal = Surface(0.062, 0.096, 0.102, 0.290, 0.255, 0.165, vv: -12.5, vh: -19)
  static let pasture = Surface(0.042, 0.074, 0.054, 0.315, 0.215, 0.120, vv: -13, vh: -20)
  static let stubble = Surface(0.090, 0.124, 0.154, 0.255, 0.320, 0.260, vv: -13.5, vh: -21)
  static let darkSoil = Surface(0.068, 0.086, 0.108, 0.160, 0.235, 0.205, vv: -12, vh: -20.5)
  static let lightSoil = Surface(0.108, 0.142, 0.180, 0.245, 0.325, 0.290, vv: -14, vh: -22.5)
  static let gravel = Surface(0.140, 0.168, 0.190, 0.225, 0.270, 0.245, vv: -12.5, vh: -21)
  static let rock = Surface(0.115, 0.138, 0.160, 0.200, 0.260, 0.235, vv: -11, vh: -19.5)
  static let reed = Surface(0.042, 0.070, 0.056, 0.250, 0.165, 0.092, vv: -10, vh: -17.5)
  static let sedge = Surface(0.046, 0.076, 0.064, 0.285, 0.190, 0.108, vv: -11.5, vh: -18.5)
  static let asphalt = Surface(0.082, 0.090, 0.097, 0.125, 0.145, 0.132, vv: -15, vh: -23)
  static let tile = Surface(0.082, 0.105, 0.150, 0.205, 0.250, 0.225, vv: -2.5, vh: -10)
  static let slate = Surface(0.095, 0.105, 0.115, 0.140, 0.165, 0.155, vv: -2.5, vh: -10)
  static let metalRoof = Surface(0.250, 0.270, 0.285, 0.315, 0.320, 0.290, vv: 0, vh: -9)
  static let yard = Surface(0.120, 0.135, 0.150, 0.190, 0.225, 0.205, vv: -10, vh: -18)
  static let garden = Surface(0.040, 0.068, 0.050, 0.285, 0.175, 0.098, vv: -10.5, vh: -16)
}
