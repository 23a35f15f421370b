import Foundation
import Scenes
import Settings

/// The reading of a scene as an entry of `data` states it, where it differs from that of the file's other
/// scenes.
public struct SceneReading: Sendable, Hashable {
  /// The scene's sensor, where it is not the pipeline's.
  public var sensor: String?
  /// All bands of the scene's file in file order.
  public var bandOrder: [String]?
  /// Whether bands that the sensor lacks are mixed, by wavelength, from those beside them.
  public var interpolates = false
  /// The entry's statement about stored numbers, which wins over all that products and files state.
  public var numbers: WrittenNumbers?

  /// Creates the reading of a scene of another sensor.
  init(sensor: String) { self.sensor = sensor }

  /// Reads the keys of an entry; nil where it has none of them.
  init?(_ reader: SettingsReader) {
    sensor = reader.optionalWord(
      "sensor", of: Sensor.all.map(\.name) + [Sensor.customName],
      "the scene's own sensor: the pipeline's bands are found on it by wavelength")
    bandOrder = reader.optionalStrings(
      "band-order",
      "all bands of the scene's file in file order, by its own sensor's names; a band that is not among them stands for none"
    )
    let missing = reader.choice(
      "missing-bands", of: MissingBands.self, default: .refuse,
      "what stands for a band that the scene's own sensor lacks: nothing, or a mixture of those beside it")
    interpolates = missing == .interpolate
    if reader.has("missing-bands") && !reader.has("sensor") {
      reader.problem("missing-bands", "'missing-bands' belongs to 'sensor'")
    }
    if sensor == Sensor.customName && bandOrder == nil {
      reader.problem("sensor", with: "band-order", "'sensor: custom' needs a 'band-order'")
    }
    if let known = sensor.flatMap(Sensor.named), known.name != Sensor.customName {
      for (index, name) in (bandOrder ?? []).enumerated() {
        BandNaming.lookAlike(name, of: known).map { reader.problem("band-order", element: index, $0) }
      }
    }
    numbers = WrittenNumbers(reader)
    if sensor == nil && bandOrder == nil && numbers == nil { return nil }
  }

  private enum MissingBands: String, CaseIterable { case refuse, interpolate }

  /// The reading as it counts in keys.
  var canonical: JSONValue {
    var members: [String: JSONValue] = [
      "sensor": sensor.map(JSONValue.string) ?? .null,
      "band-order": bandOrder.map { .array($0.map(JSONValue.string)) } ?? .null,
      "interpolates": .bool(interpolates),
    ]
    // A setting that nobody wrote changes no key.
    members["numbers"] = numbers?.canonical
    return .object(members)
  }

  /// Returns the sensor that reads the scene of a pipeline over `own`.
  func sensor(besides own: Sensor) -> Sensor {
    guard let sensor, sensor != own.name || sensor == Sensor.customName else { return own }
    return sensor == Sensor.customName ? .custom(bands: bandOrder ?? []) : Sensor.named(sensor) ?? own
  }
}
