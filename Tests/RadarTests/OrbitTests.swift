import Foundation
import Radar
import TestRasters
import Testing

@Suite("Orbits, and where places on the ground are seen")
struct OrbitTests {
  private let circle = CircularOrbit(argument: 131, node: 186.5)

  private func states(_ times: StrideTo<Double>) -> [StateVector] {
    times.map { StateVector(time: $0, position: circle.position(at: $0), velocity: circle.velocity(at: $0)) }
  }

  @Test("Between state vectors of 10 s the path is that of the circle, to a millimetre")
  func between() throws {
    let orbit = try #require(Orbit(states(stride(from: -60, to: 90, by: 10)), over: 0...24))
    for time in stride(from: 0.0, through: 24, by: 1.7) {
      let arc = orbit.arc(at: time + 2)
      for moment in [time, time + 2, time + 4] {
        let off = arc.position(at: moment) - circle.position(at: moment)
        #expect(CircularOrbit.dot(off, off).squareRoot() < 1e-3)
        let turn = arc.velocity(at: moment) - circle.velocity(at: moment)
        #expect(CircularOrbit.dot(turn, turn).squareRoot() < 1e-3)
      }
    }
  }

  @Test(
    "A place is found across the path at the time and distance of the closed form, from a poor start, too")
  func zeroDoppler() throws {
    let orbit = try #require(Orbit(states(stride(from: -60, to: 90, by: 10)), over: 0...24))
    for (time, range, height) in [(3.0, 850_000.0, 100.0), (12, 900_000, 2_500), (23, 950_000, -50)] {
      let ground = circle.ground(at: time, range: range, height: height)
      let place = CircularOrbit.earthFixed(
        longitude: ground.longitude, latitude: ground.latitude, height: height)
      let expected = circle.zeroDoppler(of: place, from: time)
      #expect(abs(expected.time - time) < 1e-4)
      for start in [time + 0.001, time - 3, time + 5] {
        let found = orbit.arc(at: time).zeroDoppler(of: place, from: start)
        // 1e-7 s are a millimetre along the path.
        #expect(abs(found.time - expected.time) < 1e-7)
        let length = CircularOrbit.dot(found.sight, found.sight).squareRoot()
        #expect(abs(length - expected.range) < 1e-3)
      }
    }
  }

  @Test("State vectors that do not reach over the image, or are too few, make no orbit")
  func tooShort() {
    #expect(Orbit(states(stride(from: 0, to: 40, by: 10)), over: 0...24) != nil)
    #expect(Orbit(states(stride(from: 0, to: 30, by: 10)), over: 0...24) == nil)
    #expect(Orbit(states(stride(from: 10, to: 90, by: 10)), over: 0...24) == nil)
    let twice = states(stride(from: 0, to: 40, by: 10))
    #expect(Orbit(twice + [twice[1]], over: 0...24) == nil)
  }

  @Test("Ground range is mixed in time from the records before and after, and goes on beyond them unchanged")
  func groundRange() {
    let ground = GroundRange([
      .init(time: 2, origin: 800_000, first: 20, coefficients: [0, 2]),
      .init(time: 0, origin: 800_000, first: 10, coefficients: [0, 1, 0.001]),
      .init(time: 1, origin: 799_000, first: 0, coefficients: [5, 1]),
    ])
    func at(_ time: Double) -> Double {
      var hint = 0
      return ground.ground(800_100, at: time, hint: &hint)
    }
    #expect(abs(at(0) - 100) < 1e-9 && abs(at(-5) - 100) < 1e-9)
    #expect(abs(at(1) - 1105) < 1e-9)
    #expect(abs(at(0.25) - (0.75 * 100 + 0.25 * 1105)) < 1e-9)
    #expect(abs(at(1.5) - (1105 + 180) / 2) < 1e-9)
    #expect(abs(at(7) - 180) < 1e-9)
  }

  @Test("Places on the ellipsoid are those of WGS 84")
  func ellipsoid() {
    let foot = Ellipsoid.foot(longitude: 9.7, latitude: 49.4)
    let expected = CircularOrbit.earthFixed(longitude: 9.7, latitude: 49.4, height: 0)
    let off = foot.place - expected
    #expect(CircularOrbit.dot(off, off).squareRoot() < 1e-6)
    let raised =
      foot.place + foot.up * 500 - CircularOrbit.earthFixed(longitude: 9.7, latitude: 49.4, height: 500)
    #expect(CircularOrbit.dot(raised, raised).squareRoot() < 1e-6)
    #expect(abs(Ellipsoid.foot(longitude: 0, latitude: 90).place.z - 6_356_752.3142) < 1e-3)
  }

  @Test("The coarse grid is inverted within it and beyond its edge, across the date line, too")
  func coarseGrid() throws {
    // A bilinear map of a twisted grid.
    func place(_ line: Double, _ sample: Double) -> (longitude: Double, latitude: Double) {
      (179.8 + 0.001 * sample + 0.0002 * line + 1e-8 * line * sample, 50 - 0.001 * line + 0.0001 * sample)
    }
    let points = [0.0, 100, 300].flatMap { line in
      [0.0, 200, 400].map { sample -> GeolocationGrid.Point in
        let found = place(line, sample)
        let longitude = found.longitude > 180 ? found.longitude - 360 : found.longitude
        return .init(
          line: line, sample: sample, longitude: longitude, latitude: found.latitude, height: 100,
          incidence: 35)
      }
    }
    let grid = try #require(GeolocationGrid(points.reversed()))
    for (line, sample) in [(50.0, 50.0), (100, 200), (299, 399), (-4, -6), (304, 407)] {
      let wanted = place(line, sample)
      let found = try #require(
        grid.place(ofLongitude: wanted.longitude - 360, latitude: wanted.latitude, from: (150, 200)))
      #expect(abs(found.line - line) < 1e-3 && abs(found.sample - sample) < 1e-3)
    }
    #expect(GeolocationGrid(Array(points.dropLast())) == nil)
    #expect(GeolocationGrid(Array(points.prefix(3))) == nil)
  }
}
