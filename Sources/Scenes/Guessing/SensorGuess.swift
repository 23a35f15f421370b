import Foundation
import Rasters

/// The sensor that a scene is probably of, found from its product, the names of its bands, its name and its
/// numbers; `custom` where they do not tell.
public struct SensorGuess: Sendable {
  /// The sensor; with the bands of the scene where it is a custom one.
  public let sensor: Sensor
  /// The bands to work with, in the sensor's order.
  public let bands: [String]
  /// The names of all bands of the file in their order, where the file names them not well enough.
  public let bandOrder: [String]?
  /// The grounds of the guess and what else it could be, in sentences.
  public let remarks: [String]
  /// The grid of the bands.
  public let grid: Grid

  /// Looks at a scene: its headers, and some of its pixels.
  ///
  /// - Throws: the refusal of a scene that has one; what opening its files throws; `missingBand` for a
  ///   product none of whose bands are there.
  public init(_ scene: SceneSource) throws(RasterError) {
    if let refusal = scene.refusal { throw refusal }
    if let product = scene.product, !product.sensors.isEmpty {
      var failure: RasterError?
      for sensor in product.sensors.compactMap(Sensor.named) {
        do throws(RasterError) {
          let candidate = try SensorCandidate(sensor, of: scene)
          self.init(
            candidate,
            ["by its product: \(product.words), which '\(sensor.name)' reads"] + candidate.leftOutRemarks)
          return
        } catch { failure = failure ?? error }
      }
      if scene.metadata != nil, let failure { throw failure }
    }
    try self.init(byNames: scene)
  }

  private init(_ candidate: SensorCandidate, _ remarks: [String]) {
    (sensor, bands, bandOrder) = (candidate.sensor, candidate.bands, nil)
    (self.remarks, grid) = (remarks, candidate.grid)
  }

  /// Finds the sensor by the names of bands, the name of the scene and its numbers.
  private init(byNames scene: SceneSource) throws(RasterError) {
    let found = try SceneBandNames(scene)
    let hints = SensorHints(scene)
    var all = Sensor.all.compactMap { SensorCandidate(named: $0, of: scene, found) }
    if all.isEmpty, let picture = SensorCandidate(pictureOf: scene, found) { all = [picture] }
    let hinted = all.filter { hints.sensors.contains($0.sensor.name) }
    let ranked = (hinted.isEmpty ? all : hinted).sorted { $0.rank < $1.rank }
    let sound = ranked.filter { $0.doubt == nil }
    if let best = sound.first {
      let equals = sound.dropFirst().filter { !($0.rank > best.rank) && !best.rank.isBetter(than: $0.rank) }
      let rivals = equals.filter { !$0.sensor.hasNumbers(of: best.sensor) }
      if rivals.isEmpty {
        self.init(
          best, Self.grounds(of: best, equals.map(\.sensor.name), hint: hinted.isEmpty ? nil : hints.bearer))
        return
      }
      let names = ([best] + equals).map { "'\($0.sensor.name)'" }.joined(separator: ", ")
      try self.init(
        customFor: scene, found, because: "its bands could be those of \(names), whose numbers differ")
      return
    }
    try self.init(customFor: scene, found, because: Self.doubts(ranked.first, found, hints))
  }

  /// - Parameters:
  ///   - equals: the sensors that fit as well, whose numbers mean the same.
  ///   - hint: what bears a name that speaks of the sensor; nil where nothing does.
  private static func grounds(of best: SensorCandidate, _ equals: [String], hint: String?) -> [String] {
    var remarks = [
      "guessed by the names of its bands" + (hint.map { " and \($0)" } ?? "") + "; its numbers fit"
    ]
    if !equals.isEmpty {
      remarks.append(
        "it could be \(equals.prefix(4).joined(separator: ", ")) as well, which has the same numbers")
    }
    return remarks + best.leftOutRemarks
  }

  private static func doubts(
    _ best: SensorCandidate?, _ found: SceneBandNames, _ hints: SensorHints
  ) -> String {
    if let best, let doubt = best.doubt {
      return "its bands are called as those of \(best.sensor.name), but it has \(doubt)"
    }
    return found.names.contains { $0 != nil }
      ? "no sensor that is known has bands of these names" : "its bands have no names"
  }

  /// Takes the bands as they are.
  private init(
    customFor scene: SceneSource, _ found: SceneBandNames, because reason: String
  ) throws(RasterError) {
    let remark = "which sensor it is of is not known: \(reason); 'custom' takes numbers as they are stored"
    if let names = found.whole {
      let wanted = names.filter { !Self.isMask($0) }
      let custom = Sensor.custom(bands: wanted)
      if wanted.count > 0, let opened = try? Scene(scene, sensor: custom, bands: wanted) {
        (sensor, bands, bandOrder, grid) = (custom, wanted, nil, opened.grid)
        remarks = [remark] + Self.leftOut(names.filter(Self.isMask))
        return
      }
    }
    guard found.isOneFile else {
      throw RasterError(
        .missingBand, "find the bands", path: scene.path,
        cause:
          "\(scene.files.count) files of which nothing says which band each holds; name them, or stack them in one file"
      )
    }
    let names = found.bands.indices.map { "band\($0 + 1)" }
    let custom = Sensor.custom(bands: names)
    let opened = try Scene(scene, sensor: custom, bands: names, bandOrder: names)
    (sensor, bands, bandOrder, grid) = (custom, names, names, opened.grid)
    remarks = [remark, "say in 'band-order' what the bands are, in the order of the file"]
  }

  private static func leftOut(_ names: [String]) -> [String] {
    names.isEmpty ? [] : ["left out, for they measure nothing: \(names.joined(separator: ", "))"]
  }

  /// Returns whether a name is that of a band that says something of pixels and measures nothing.
  private static func isMask(_ name: String) -> Bool {
    let word = name.lowercased()
    return ["fmask", "mask", "qa", "scl", "cloud", "quality", "udm"].contains { word.contains($0) }
  }
}

extension Sensor {
  /// Whether stored numbers mean the same.
  fileprivate func hasNumbers(of other: Sensor) -> Bool {
    (scale, offset, unit, scalesByProduct) == (other.scale, other.offset, other.unit, other.scalesByProduct)
  }
}
