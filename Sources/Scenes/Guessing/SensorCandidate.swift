import Foundation
import Rasters

/// A sensor that a scene may be of, with its bands that the scene has.
struct SensorCandidate {
  let sensor: Sensor
  /// The bands to work with: those of the scene that show the ground, in the sensor's order.
  let bands: [String]
  /// The bands of the sensor that the scene has and that are left out, with the reason.
  let leftOut: [String]
  /// The reason why the scene's numbers are not the sensor's; nil where they may be.
  let doubt: String?
  let grid: Grid
  let rank: Rank

  /// The goodness of the match of names; what is less is better.
  struct Rank: Comparable {
    /// Bands of the scene that the sensor does not know.
    let unknown: Int
    /// Bands that are not spelled as the sensor spells them.
    let respelled: Int
    /// The share of the sensor's bands that the scene lacks, in hundredths.
    let lacking: Int

    static func < (one: Rank, other: Rank) -> Bool {
      (one.unknown, one.respelled, one.lacking) < (other.unknown, other.respelled, other.lacking)
    }

    func isBetter(than other: Rank) -> Bool { self < other }
  }

  /// Why bands are left out, as a sentence; none where all are taken.
  var leftOutRemarks: [String] { leftOut.isEmpty ? [] : ["left out: \(leftOut.joined(separator: ", "))"] }

  /// Takes a sensor that the product is known to be of.
  ///
  /// - Throws: `missingBand` where none of its bands is there; what opening throws.
  init(_ sensor: Sensor, of scene: SceneSource) throws(RasterError) {
    var there: [SensorBand] = []
    for band in sensor.bands {
      do throws(RasterError) {
        _ = try Scene(scene, sensor: sensor, bands: [band.name])
        there.append(band)
      } catch {
        guard error.code == .missingBand else { throw error }
      }
    }
    guard !there.isEmpty else {
      throw RasterError(
        .missingBand, "find the bands", path: scene.path, cause: "no band of \(sensor.name) is there")
    }
    let (taken, leftOut) = Self.choice(among: there)
    let opened = try Scene(scene, sensor: sensor, bands: taken)
    self.init(sensor, taken, leftOut, doubt: nil, opened.grid, Rank(unknown: 0, respelled: 0, lacking: 0))
  }

  /// Holds a sensor against the names of a scene's bands; nil where it knows fewer than two of them, or not
  /// its only one.
  init?(named sensor: Sensor, of scene: SceneSource, _ found: SceneBandNames) {
    let matches = found.names.map { $0.flatMap { Self.band(of: sensor, called: $0) } }
    let places = matches.compactMap(\.self)
    guard places.count >= min(2, found.names.count), !places.isEmpty, Set(places).count == places.count else {
      return nil
    }
    let there = sensor.bands.indices.filter(places.contains).map { sensor.bands[$0] }
    let (taken, leftOut) = Self.choice(among: there)
    guard let opened = try? Scene(scene, sensor: sensor, bands: taken) else { return nil }
    let respelled = zip(found.names, matches).count { name, place in
      place.map { name != sensor.bands[$0].name } ?? false
    }
    let usual = Self.choice(among: sensor.bands).taken
    let lacking = usual.count { !taken.contains($0) }
    self.init(
      sensor, taken, leftOut, doubt: Self.doubt(about: opened, sensor), opened.grid,
      Rank(
        unknown: found.names.count - places.count, respelled: respelled,
        lacking: 100 * lacking / max(1, usual.count)))
  }

  /// Takes a file of bytes for an aerial picture where its bands say that they are red, green and blue; nil
  /// elsewhere.
  init?(pictureOf scene: SceneSource, _ found: SceneBandNames) {
    let colors = Set(found.bands.map(\.colorInterpretation))
    guard found.isOneFile, colors.isSuperset(of: ["Red", "Green", "Blue"]),
      let sensor = [Sensor.aerialRGB, .aerialRGBN].first(where: { $0.bands.count == found.bands.count }),
      found.bands.allSatisfy({ $0.dataType == "Byte" }),
      let opened = try? Scene(scene, sensor: sensor, bands: sensor.bands.map(\.name))
    else { return nil }
    self.init(
      sensor, sensor.bands.map(\.name), [], doubt: Self.doubt(about: opened, sensor), opened.grid,
      Rank(unknown: 0, respelled: 0, lacking: 0))
  }

  private init(
    _ sensor: Sensor, _ bands: [String], _ leftOut: [String], doubt: String?, _ grid: Grid, _ rank: Rank
  ) {
    (self.sensor, self.bands, self.leftOut) = (sensor, bands, leftOut)
    (self.doubt, self.grid, self.rank) = (doubt, grid, rank)
  }

  /// Returns the band of a sensor that a text names, by the whole of it or its first word.
  private static func band(of sensor: Sensor, called text: String) -> Int? {
    if let place = sensor.bandIndex(matching: text) { return place }
    let word = text.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.first.map(String.init)
    return word.flatMap(sensor.bandIndex)
  }

  /// Returns the bands that show the ground by day, and the others with the reason why they are left out; all
  /// where none of them do.
  private static func choice(among bands: [SensorBand]) -> (taken: [String], leftOut: [String]) {
    let reasons = bands.map { ($0, reason(against: $0)) }
    let taken = reasons.filter { $0.1 == nil }.map(\.0.name)
    if taken.isEmpty { return (bands.map(\.name), []) }
    return (taken, reasons.compactMap { band, reason in reason.map { "\(band.name) (\($0))" } })
  }

  private static func reason(against band: SensorBand) -> String? {
    if band.commonName == "pan" { return "panchromatic" }
    guard let wavelength = band.wavelength else { return nil }
    if wavelength > 3000 { return "heat" }
    if (1300...1450).contains(wavelength) { return "cirrus" }
    if (900...960).contains(wavelength) { return "water vapour" }
    return band.resolution.map { $0 >= 60 } == true ? "pixels of \(Int(band.resolution!)) m" : nil
  }

  /// Pixels that are looked at: sixteen squares of 32 x 32.
  private static let samplePixels = 1 << 14

  private static func doubt(about scene: Scene, _ sensor: Sensor) -> String? {
    if let doubt = scene.storedBands.lazy.compactMap(sensor.doubt(about:)).first { return doubt }
    guard let sample = try? SceneSample(scene, limit: samplePixels), sample.count > 0 else { return nil }
    let ranges = zip(scene.bandNames, sample.bands).map { name, values in
      let sorted = values.sorted()
      func value(at share: Double) -> Double { Double(sorted[Int(Double(sorted.count - 1) * share)]) }
      return BandRange(name: name, low: value(at: 0.025), median: value(at: 0.5), high: value(at: 0.975))
    }
    return sensor.doubt(about: ranges)
  }
}
