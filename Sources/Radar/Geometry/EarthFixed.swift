import Foundation

/// A place or a direction in earth-fixed coordinates, metres from the centre of the earth.
package typealias EarthFixed = SIMD3<Double>

extension SIMD3<Double> {
  /// Returns the sum of the products of coordinates.
  @inline(__always)
  func dot(_ other: Self) -> Double { x * other.x + y * other.y + z * other.z }

  /// Returns the vector across both.
  func cross(_ other: Self) -> Self {
    Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }

  /// The distance from the origin.
  @inline(__always)
  var length: Double { dot(self).squareRoot() }
}

/// The ellipsoid of WGS 84.
package enum Ellipsoid {
  /// The longer half axis in metres.
  package static let equatorialRadius = 6_378_137.0
  /// The square of the first eccentricity.
  package static let squaredEccentricity = 6.69437999014e-3

  /// Returns the place at height 0, and the direction in which heights are counted.
  ///
  /// - Parameters:
  ///   - longitude: degrees east.
  ///   - latitude: degrees north, geodetic.
  package static func foot(longitude: Double, latitude: Double) -> (place: EarthFixed, up: EarthFixed) {
    let (l, p) = (longitude * .pi / 180, latitude * .pi / 180)
    let up = EarthFixed(cos(p) * cos(l), cos(p) * sin(l), sin(p))
    let normal = equatorialRadius / (1 - squaredEccentricity * up.z * up.z).squareRoot()
    return (EarthFixed(normal * up.x, normal * up.y, normal * (1 - squaredEccentricity) * up.z), up)
  }
}
