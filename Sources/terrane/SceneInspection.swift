import Foundation
import Host
import Rasters
import Runs
import Scenes

/// Describes a delivered product for `terrane inspect`, or the scenes of a directory in a line each.
struct SceneInspection: FileInspection {
  let subject = "a product"
  /// Map coordinates at which pixels are looked at; nil where none were asked for.
  var position: (x: Double, y: Double)?
  /// Whether the report is JSON.
  var isJSON = false

  func report(on url: URL) throws -> String? {
    if let source = try? SceneSource(path: url.path), let report = try SceneReport(source, at: position) {
      return isJSON ? try Self.json(report) : report.description
    }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory), isDirectory.boolValue
    else { return nil }
    let found = try SceneSearch().found(in: url.path)
    let scenes = found.scenes.sorted { ($0.name, $0.path) < ($1.name, $1.path) } + found.refused
    guard scenes.contains(where: { $0.delivery?.product != nil || $0.refusal != nil && $0.files.isEmpty })
    else {
      return nil
    }
    guard !isJSON else {
      return try "["
        + scenes.compactMap { scene in
          try SceneReport(scene, at: position).map(Self.json)
        }.joined(separator: ",\n") + "]"
    }
    let others = found.others.map { other in
      "\(URL(fileURLWithPath: other.path).lastPathComponent): no scene: \(other.reason)".visibleLine
    }
    return (scenes.map(Self.line) + others).joined(separator: "\n")
  }

  /// A line on one scene of several.
  private static func line(_ scene: SceneSource) -> String {
    if let refusal = scene.refusal {
      return "\(scene.fileName): \(refusal.cause ?? refusal.description)".visibleLine
    }
    let delivery = scene.delivery
    let facts = [
      delivery?.product?.words ?? "no product that is known", delivery?.version.map { "version \($0)" },
      scene.acquisition?.day.description, scene.ground, delivery?.incompleteness(),
      delivery?.product?.sensors.first.map { "sensor \($0)" },
    ]
    return "\(scene.fileName): \(facts.compactMap(\.self).joined(separator: ", "))".visibleLine
  }

  private static func json(_ report: SceneReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    encoder.keyEncodingStrategy = .custom { keys in
      HyphenatedKey(keys.last!.stringValue)
    }
    return String(decoding: try encoder.encode(report), as: UTF8.self)
  }

  /// A key as terrane's other JSON writes it, `stated-cloud-share`; names of words are left as they are.
  private struct HyphenatedKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(_ name: String) {
      stringValue = name.reduce(into: "") { text, letter in
        text += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
      }
    }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
