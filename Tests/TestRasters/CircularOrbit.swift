import Foundation

/// A satellite on a circle around the earth, in earth-fixed coordinates: what a radar image shows of it is
/// known in closed form.
package struct CircularOrbit: Sendable {
  package typealias Place = SIMD3<Double>

  private static let equator = 6_378_137.0, flatness = 6.69437999014e-3
  private let radius = equator + 693_000, inclination = 98.18 * Double.pi / 180
  private let spin = 7.2921159e-5
  private let argument, node, rate: Double

  /// - Parameters: degrees along the circle from the equator, and of its crossing, at time 0.
  package init(argument: Double, node: Double) {
    (self.argument, self.node) = (argument * .pi / 180, node * .pi / 180)
    rate = (3.986004418e14 / (radius * radius * radius)).squareRoot()
  }

  package func position(at t: Double) -> Place {
    let (u, o) = (argument + rate * t, node - spin * t)
    return radius
      * Place(
        cos(o) * cos(u) - sin(o) * cos(inclination) * sin(u),
        sin(o) * cos(u) + cos(o) * cos(inclination) * sin(u),
        sin(inclination) * sin(u))
  }

  package func velocity(at t: Double) -> Place { (position(at: t + 0.01) - position(at: t - 0.01)) / 0.02 }

  /// When a place lies across the path, and how far it is then.
  package func zeroDoppler(of place: Place, from start: Double = 0) -> (time: Double, range: Double) {
    var t = start
    for _ in 0..<30 {
      let (p, v) = (position(at: t), velocity(at: t))
      t += Self.dot(place - p, v) / Self.dot(v, v)
    }
    let sight = place - position(at: t)
    return (t, Self.dot(sight, sight).squareRoot())
  }

  /// The place to the right of the path, of a height, that is seen at a time and slant range: degrees east
  /// and north.
  package func ground(at t: Double, range: Double, height: Double) -> (longitude: Double, latitude: Double) {
    let (p, v) = (position(at: t), velocity(at: t))
    let down = p / -Self.dot(p, p).squareRoot()
    let along = v / Self.dot(v, v).squareRoot()
    let right = Self.cross(along, down * -1)
    var (low, high) = (10 * Double.pi / 180, 65 * Double.pi / 180)
    var found = (longitude: 0.0, latitude: 0.0, height: 0.0)
    for _ in 0..<80 {
      let angle = (low + high) / 2
      var x = p + range * (cos(angle) * down + sin(angle) * right)
      x -= along * Self.dot(x - p, along)
      let sight = x - p
      x = p + sight * (range / Self.dot(sight, sight).squareRoot())
      found = Self.geographic(x)
      if found.height < height { low = angle } else { high = angle }
    }
    return (found.longitude, found.latitude)
  }

  /// The angle in degrees from the vertical of a place at which it is seen.
  package func incidence(at t: Double, longitude: Double, latitude: Double, height: Double) -> Double {
    let place = Self.earthFixed(longitude: longitude, latitude: latitude, height: height)
    let up = Self.earthFixed(longitude: longitude, latitude: latitude, height: height + 1) - place
    let sight = position(at: t) - place
    return acos(Self.dot(sight, up) / (Self.dot(sight, sight) * Self.dot(up, up)).squareRoot()) * 180 / .pi
  }

  package static func earthFixed(longitude: Double, latitude: Double, height: Double) -> Place {
    let (p, l) = (latitude * .pi / 180, longitude * .pi / 180)
    let n = equator / (1 - flatness * sin(p) * sin(p)).squareRoot()
    return Place(
      (n + height) * cos(p) * cos(l), (n + height) * cos(p) * sin(l), (n * (1 - flatness) + height) * sin(p))
  }

  private static func geographic(_ x: Place) -> (longitude: Double, latitude: Double, height: Double) {
    let r = (x.x * x.x + x.y * x.y).squareRoot()
    var (p, h) = (atan2(x.z, r * (1 - flatness)), 0.0)
    for _ in 0..<8 {
      let n = equator / (1 - flatness * sin(p) * sin(p)).squareRoot()
      h = r / cos(p) - n
      p = atan2(x.z, r * (1 - flatness * n / (n + h)))
    }
    return (atan2(x.y, x.x) * 180 / .pi, p * 180 / .pi, h)
  }

  package static func dot(_ a: Place, _ b: Place) -> Double { (a * b).sum() }
  private static func cross(_ a: Place, _ b: Place) -> Place {
    Place(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}
