import Foundation
import Scenes
import Settings

/// The choice among the scenes of a directory, `data.select` of a pipeline file: what is mapped of them.
public struct SceneChoice: Sendable, Hashable {
  /// The names of the sensors whose products are taken; nil for the pipeline's own and, where
  /// ``matchesBands``, those whose bands stand for its.
  let sensors: [String]?
  /// Whether products of other sensors are taken that have the wanted bands by wavelength.
  let matchesBands: Bool
  /// The first day of the scenes; nil where there is no such end.
  let firstDay: Day?
  /// The last day of the scenes; nil where there is no such end.
  let lastDay: Day?
  /// The pieces of ground whose products are taken, `T32UPU`; nil for all.
  let grounds: [String]?
  /// The largest share of clouds that a product may state, of 1; nil for any.
  let mostCloud: Double?
  /// What becomes of products that show one acquisition.
  let duplicates: Duplicates

  /// A way with several products of one acquisition.
  public enum Duplicates: String, CaseIterable, Sendable {
    /// The newest is taken.
    case newest
    /// All are taken.
    case all
    /// None is taken, and the run ends.
    case refuse
  }

  /// Whether the file says which sensors' products are taken, so that leaving out others is what was asked
  /// for.
  var namesSensors: Bool { sensors != nil || matchesBands }

  /// Reads the settings of `data.select`.
  init(_ reader: SettingsReader) {
    let words = reader.read(
      "sensors", .list(.word(of: [Self.matching] + Sensor.all.map(\.name))), default: nil, isRequired: false,
      "the sensors whose products are taken; the pipeline's own without it. 'matching': all those with the wanted bands by wavelength, in the same unit and at the same level"
    )
    matchesBands = words?.contains(Self.matching) ?? false
    sensors = matchesBands ? nil : words
    if let words, words.isEmpty { reader.problem("sensors", "'sensors' is empty") }
    if matchesBands, words!.count > 1 {
      reader.problem("sensors", "'matching' stands alone: it takes the pipeline's own sensor, too")
    }
    let days = reader.optionalString(
      "dates", matching: "(\\d{4}-\\d{2}-\\d{2})?\\.\\.(\\d{4}-\\d{2}-\\d{2})?",
      like: "2023-05-01..2023-09-30",
      "the first and the last day of the scenes; one may be left open (2023-05-01..)")
    (firstDay, lastDay) = days.map { Self.days($0, reader) } ?? (nil, nil)
    grounds = reader.optionalStrings(
      "grounds", "the grounds whose products are taken: tiles (T32UPU), or Landsat's path and row (193026)")
    if let grounds, grounds.isEmpty { reader.problem("grounds", "'grounds' is empty") }
    let cloud = reader.optionalString(
      "max-cloud", matching: "\\d+(\\.\\d+)?\\s?%", like: "60%",
      "the largest share of clouds, by the product's own figure; products that state none are taken")
    mostCloud = cloud.flatMap { Double($0.prefix { $0.isNumber || $0 == "." }) }.map { $0 / 100 }
    if let mostCloud, mostCloud > 1 { reader.problem("max-cloud", "'max-cloud' is more than 100 %") }
    duplicates = reader.choice(
      "duplicates", default: .newest,
      "what becomes of products of one acquisition: the newest is taken, all are, or the run ends")
  }

  private static let matching = "matching"

  private static func days(_ text: String, _ reader: SettingsReader) -> (first: Day?, last: Day?) {
    let ends = text.components(separatedBy: "..")
    let days = ends.map(Day.init)
    for (end, day) in zip(ends, days) where !end.isEmpty && day == nil {
      reader.problem("dates", "the calendar has no \(end)")
    }
    if ends == ["", ""] { reader.problem("dates", "'dates' names no day") }
    if let first = days[0], let last = days[1], last < first {
      reader.problem("dates", "\(last) is before \(first)")
    }
    return (days[0], days[1])
  }
}
