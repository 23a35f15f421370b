import CGDAL
import Foundation
import Rasters
import Testing

/// A small Sentinel-1 product in ground range, drawn from a circular orbit over a plain of 100 m with a hill,
/// with the heights of its ground.
///
/// It is 320 lines of 480 samples of 10 m, whose numbers are 150 (VV) and 70 (VH) but for squares of five by
/// five pixels around places that are known on the map.
package struct DrawnRadarProduct {
  /// A place on the map, and where it is in the image.
  package struct Target: Sendable {
    package let longitude, latitude, height, line, sample: Double
  }

  /// The form of what the receiver's noise is stated in.
  package enum Noise: Sendable {
    /// By range and azimuth, by range only, or not at all.
    case azimuth, range, none
  }

  package static let name = "S1A_IW_GRDH_1SDV_20230614T053448_20230614T053513_048972_05E3B2_8A5C"
  package let lines = 320, samples = 480
  package let interval = 0.0015, spacing = 10.0, near = 850_000.0
  package let orbit = CircularOrbit(argument: 131, node: 186.5)
  /// The folder, and the raster of heights.
  package let folder, heights: String
  package private(set) var targets: [Target] = []

  /// The middle of the hill, in degrees.
  package let top: (longitude: Double, latitude: Double)
  private let hill: Double
  private let originPlace: CircularOrbit.Place

  /// Draws the product into a directory.
  ///
  /// - Parameters:
  ///   - hill: metres of the hill over the plain; it is 900 m wide.
  ///   - undulation: metres of the geoid, which the heights of the raster are less by.
  ///   - noise: how the receiver's noise is stated.
  package init(
    in directory: String, hill: Double = 500, undulation: Double = 0, noise: Noise = .azimuth
  ) throws {
    folder = directory + "/" + Self.name + ".SAFE"
    self.hill = hill
    let middle = Double(lines) * interval / 2
    let first = orbit.ground(at: middle, range: near, height: 0)
    originPlace = CircularOrbit.earthFixed(longitude: first.longitude, latitude: first.latitude, height: 0)
    heights = directory + "/heights.tif"
    let centre = orbit.ground(at: middle, range: near + 1_400, height: 100)
    top = centre
    for place in ["measurement", "annotation/calibration"] {
      try FileManager.default.createDirectory(
        atPath: folder + "/" + place, withIntermediateDirectories: true)
    }
    try drawHeights(less: undulation)
    for (east, north) in [(0.0, 0.0), (0.008, 0.003), (-0.015, -0.006)] {
      targets.append(target(longitude: top.longitude + east, latitude: top.latitude + north))
    }
    for (part, number, number2) in [("vv", 150.0, 3000.0), ("vh", 70.0, 1500.0)] {
      try draw(part, number, number2, noise)
    }
  }

  // MARK: - What is known of it

  /// The height of the ground above the ellipsoid.
  package func elevation(longitude: Double, latitude: Double) -> Double {
    let east = (longitude - top.longitude) * 111_320 * cos(latitude * .pi / 180)
    let north = (latitude - top.latitude) * 111_132
    return 100 + hill * exp(-(east * east + north * north) / (2 * 900 * 900))
  }

  /// The number by which amplitude is divided.
  package func gain(line: Double, sample: Double) -> Double { 400 + 0.1 * sample + 0.01 * line }

  /// The receiver's noise as both forms state it together.
  package func noise(line: Double, sample: Double) -> Double {
    (3000 - 2 * sample) * (1 + 0.0005 * line)
  }

  /// Returns where a place on the ground is in the image, in closed form.
  package func target(longitude: Double, latitude: Double) -> Target {
    let height = elevation(longitude: longitude, latitude: latitude)
    let place = CircularOrbit.earthFixed(longitude: longitude, latitude: latitude, height: height)
    let seen = orbit.zeroDoppler(of: place)
    return Target(
      longitude: longitude, latitude: latitude, height: height, line: seen.time / interval,
      sample: Self.value(of: toGround, at: seen.range - near) / spacing)
  }

  // MARK: - Ground range

  private func alongGround(_ range: Double) -> Double {
    let found = orbit.ground(at: Double(lines) * interval / 2, range: range, height: 0)
    let place = CircularOrbit.earthFixed(longitude: found.longitude, latitude: found.latitude, height: 0)
    let way = place - originPlace
    return CircularOrbit.dot(way, way).squareRoot()
  }

  private var knots: (slants: [Double], grounds: [Double]) {
    let slants = [0.0, 1000, 2000, 3000, 4000]
    return (slants, slants.map { alongGround(near + $0) })
  }

  /// Coefficients of ground range by powers of slant range less ``near``, and the other way round.
  package var toGround: [Double] { Self.polynomial(knots.slants, knots.grounds) }
  private var toSlant: [Double] { Self.polynomial(knots.grounds, knots.slants) }

  private static func polynomial(_ xs: [Double], _ ys: [Double]) -> [Double] {
    var differences = ys
    for order in 1..<xs.count {
      for index in stride(from: xs.count - 1, through: order, by: -1) {
        differences[index] = (differences[index] - differences[index - 1]) / (xs[index] - xs[index - order])
      }
    }
    var powers = [Double](repeating: 0, count: xs.count)
    for index in xs.indices.reversed() {
      for power in stride(from: xs.count - 1, to: 0, by: -1) {
        powers[power] = powers[power - 1] - powers[power] * xs[index]
      }
      powers[0] = differences[index] - powers[0] * xs[index]
    }
    return powers
  }

  private static func value(of polynomial: [Double], at x: Double) -> Double {
    polynomial.reversed().reduce(0) { $0 * x + $1 }
  }

  // MARK: - Files

  private func drawHeights(less undulation: Double) throws {
    let ends =
      [(0.0, near - 1_500), (0, near + 5_000), (Double(lines) * interval, near - 1_500)].map {
        orbit.ground(at: $0.0, range: $0.1, height: 100)
      } + [orbit.ground(at: Double(lines) * interval, range: near + 5_000, height: 100)]
    let step = 1.0 / 3600
    let (west, north) = (ends.map(\.longitude).min()! - 0.01, ends.map(\.latitude).max()! + 0.01)
    let width = Int((ends.map(\.longitude).max()! + 0.01 - west) / step)
    let height = Int((north - ends.map(\.latitude).min()! + 0.01) / step)
    let grid = Grid(
      width: width, height: height, transform: GeoTransform(originX: west, originY: north, pixelSize: step),
      crs: try CRS.epsg(4326))
    let writer = try RasterWriter(
      path: heights, grid: grid, options: .init(type: .float32, bandNames: ["height"], noData: -9999))
    try writer.write(
      grid.bounds,
      (0..<width * height).map { index -> Float in
        let longitude = west + (Double(index % width) + 0.5) * step
        let latitude = north - (Double(index / width) + 0.5) * step
        return Float(elevation(longitude: longitude, latitude: latitude) - undulation)
      })
    try writer.close()
  }

  private func draw(_ part: String, _ number: Double, _ bright: Double, _ noise: Noise) throws {
    let stem = "s1a-iw-grd-\(part)-20230614t053448-20230614t053513-048972-05e3b2-00\(part == "vv" ? 1 : 2)"
    var values = [UInt16](repeating: UInt16(number), count: lines * samples)
    for row in 0..<lines { for column in 0..<8 { values[row * samples + column] = 0 } }
    for target in targets {
      for row in -2...2 {
        for column in -2...2 {
          values[(Int(target.line.rounded()) + row) * samples + Int(target.sample.rounded()) + column] =
            UInt16(bright)
        }
      }
    }
    let writer = try RasterWriter(
      path: folder + "/measurement/\(stem).tiff", grid: Grid(width: samples, height: lines),
      options: .init(type: .uint16, bandNames: [""]))
    try writer.write(Window(column: 0, row: 0, width: samples, height: lines), values)
    try writer.close()
    func put(_ text: String, _ path: String) throws {
      try text.write(toFile: folder + "/annotation/" + path, atomically: false, encoding: .utf8)
    }
    try put(annotation(part), stem + ".xml")
    try put(calibration, "calibration/calibration-\(stem).xml")
    switch noise {
    case .none: break
    case .range: try put(rangeNoise, "calibration/noise-\(stem).xml")
    case .azimuth: try put(azimuthNoise, "calibration/noise-\(stem).xml")
    }
  }

  private func clock(_ seconds: Double) -> String {
    let micro = Int((seconds * 1e6).rounded())
    let whole = Int((Double(micro) / 1e6).rounded(.down))
    let total = 5 * 3600 + 34 * 60 + 48 + whole
    return String(
      format: "2023-06-14T%02d:%02d:%02d.%06d", total / 3600, total / 60 % 60, total % 60,
      micro - whole * 1_000_000)
  }

  private func annotation(_ part: String) -> String {
    let states = stride(from: -60.0, to: 70, by: 10).map { t -> String in
      let (p, v) = (orbit.position(at: t), orbit.velocity(at: t))
      func vector(_ x: CircularOrbit.Place) -> String { "<x>\(x.x)</x><y>\(x.y)</y><z>\(x.z)</z>" }
      return "<orbit><time>\(clock(t))</time><frame>Earth Fixed</frame><position>\(vector(p))</position>"
        + "<velocity>\(vector(v))</velocity></orbit>"
    }.joined()
    let conversions = [-1.0, 2.0].map { t in
      "<coordinateConversion><azimuthTime>\(clock(t))</azimuthTime><sr0>\(near)</sr0><srgrCoefficients count=\"5\">"
        + toGround.map { "\($0)" }.joined(separator: " ")
        + "</srgrCoefficients><gr0>0.0</gr0></coordinateConversion>"
    }.joined()
    let places = [0, 106, 212, lines - 1].flatMap { line in
      [0, 120, 240, 360, samples - 1].map { sample -> String in
        let t = Double(line) * interval
        let range = Self.value(of: toSlant, at: Double(sample) * spacing) + near
        let g = orbit.ground(at: t, range: range, height: 100)
        let angle = orbit.incidence(at: t, longitude: g.longitude, latitude: g.latitude, height: 100)
        return
          "<geolocationGridPoint><line>\(line)</line><pixel>\(sample)</pixel><latitude>\(g.latitude)</latitude>"
          + "<longitude>\(g.longitude)</longitude><height>100.0</height><incidenceAngle>\(angle)</incidenceAngle>"
          + "</geolocationGridPoint>"
      }
    }.joined()
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <product><adsHeader><productType>GRD</productType><polarisation>\(part.uppercased())</polarisation></adsHeader>
      <generalAnnotation><orbitList count="13">\(states)</orbitList></generalAnnotation>
      <imageAnnotation><imageInformation><productFirstLineUtcTime>\(clock(0))</productFirstLineUtcTime>
      <rangePixelSpacing>\(spacing)</rangePixelSpacing><azimuthTimeInterval>\(interval)</azimuthTimeInterval>
      <numberOfSamples>\(samples)</numberOfSamples><numberOfLines>\(lines)</numberOfLines></imageInformation></imageAnnotation>
      <coordinateConversion><coordinateConversionList>\(conversions)</coordinateConversionList></coordinateConversion>
      <geolocationGrid><geolocationGridPointList>\(places)</geolocationGridPointList></geolocationGrid></product>
      """
  }

  private static let columns = [0, 100, 250, 400, 479]

  private func vector(_ tag: String, _ line: Int, _ lists: [(String, (Double) -> Double)]) -> String {
    let columns = Self.columns
    return "<\(tag)><line>\(line)</line><pixel>\(columns.map { "\($0)" }.joined(separator: " "))</pixel>"
      + lists.map { name, value in
        "<\(name)>\(columns.map { String(format: "%.6e", value(Double($0))) }.joined(separator: " "))</\(name)>"
      }.joined() + "</\(tag)>"
  }

  private var calibration: String {
    "<calibration><calibrationVectorList>"
      + [0, 200, 400].map { line in
        vector(
          "calibrationVector", line,
          [
            ("sigmaNought", { gain(line: Double(line), sample: $0) }),
            ("gamma", { 0.9 * gain(line: Double(line), sample: $0) }),
          ])
      }.joined() + "</calibrationVectorList></calibration>"
  }

  private var azimuthNoise: String {
    let factors = [0.0, 100, 250].map { String(format: "%.6e", 1 + 0.0005 * $0) }.joined(separator: " ")
    let late = [250.0, 319].map { String(format: "%.6e", 1 + 0.0005 * $0) }.joined(separator: " ")
    func block(_ lines: ClosedRange<Int>, _ places: String, _ factors: String) -> String {
      "<noiseAzimuthVector><swath>IW1</swath><firstAzimuthLine>\(lines.lowerBound)</firstAzimuthLine>"
        + "<firstRangeSample>0</firstRangeSample><lastAzimuthLine>\(lines.upperBound)</lastAzimuthLine>"
        + "<lastRangeSample>\(samples - 1)</lastRangeSample><line>\(places)</line>"
        + "<noiseAzimuthLut>\(factors)</noiseAzimuthLut></noiseAzimuthVector>"
    }
    return "<noise><noiseRangeVectorList>"
      + [0, 320].map { vector("noiseRangeVector", $0, [("noiseRangeLut", { 3000 - 2 * $0 })]) }.joined()
      + "</noiseRangeVectorList><noiseAzimuthVectorList>" + block(0...250, "0 100 250", factors)
      + block(251...319, "250 319", late) + "</noiseAzimuthVectorList></noise>"
  }

  private var rangeNoise: String {
    "<noise><noiseVectorList>"
      + [0, 320].map { vector("noiseVector", $0, [("noiseLut", { 3000 - 2 * $0 })]) }.joined()
      + "</noiseVectorList></noise>"
  }
}
