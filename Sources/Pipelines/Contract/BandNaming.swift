import Scenes
import Settings

/// A check of the names of bands, which needs the sensor's catalogue alone.
enum BandNaming {
  /// Says why a name stands for no band of a sensor, with the nearest one that there is; nil where it stands
  /// for one, or where the sensor's bands are the user's own.
  static func problem(_ name: String, of sensor: Sensor) -> String? {
    guard sensor.name != Sensor.customName else { return nil }
    let strange = lookAlikes(in: name)
    if strange.isEmpty, sensor.bandIndex(matching: name) != nil { return nil }
    return "'\(name)' is no band of \(sensor.name)" + strange + suggestion(for: name, of: sensor)
  }

  /// Says why a name in a list of all bands of a file cannot be meant: it looks like a band's and is another;
  /// nil for any other name, which stands for a band that nobody wants.
  static func lookAlike(_ name: String, of sensor: Sensor) -> String? {
    guard !lookAlikes(in: name).isEmpty, nearest(to: name, in: names(of: sensor)) != nil else { return nil }
    return problem(name, of: sensor)
  }

  /// Returns a clause with the code points of a name that plain ASCII does not have; empty where there are
  /// none.
  static func lookAlikes(in name: String) -> String {
    strangers(in: name).map { ": it holds \($0)" } ?? ""
  }

  private static func strangers(in name: String) -> String? {
    let strange = name.unicodeScalars.filter { !(0x20...0x7E).contains($0.value) }
    return strange.isEmpty ? nil : strange.prefix(3).map(TextScalars.described).joined(separator: ", ")
  }

  /// Returns "; did you mean 'B02'?", or the bands that there are.
  static func suggestion(for name: String, of sensor: Sensor) -> String {
    let question = question(about: name, in: names(of: sensor))
    return question.isEmpty ? " (its bands: \(names(of: sensor).joined(separator: ", ")))" : question
  }

  /// Returns "; did you mean 'B02'?", with the code points of the nearest name that plain ASCII does not
  /// have; empty where none is near.
  static func question(about name: String, in names: [String]) -> String {
    guard let nearest = nearest(to: name, in: names) else { return "" }
    return NearestKey.question(meaning: nearest, strangers(in: nearest).map { ", which holds \($0)" } ?? "")
  }

  /// Returns the nearest of the names; a number alone is taken for a band's.
  private static func nearest(to name: String, in names: [String]) -> String? {
    NearestKey.nearest(to: name, in: names)
      ?? (name.allSatisfy(\.isNumber) ? NearestKey.nearest(to: "B" + name, in: names) : nil)
  }

  private static func names(of sensor: Sensor) -> [String] { sensor.bands.map(\.name) }
}
