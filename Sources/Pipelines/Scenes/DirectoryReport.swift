import Foundation
import Scenes

/// What was found in the directory of scenes, and what was left out of it.
public struct DirectoryReport: Sendable, Hashable {
  /// The directory.
  let directory: String
  /// The number of scenes that are worked on.
  let sceneCount: Int
  /// The products of which files are missing that the pipeline needs: they wait, or fail.
  let incomplete: [String]
  /// The entries that are left out, by path.
  public let leftOut: [LeftOut]
  /// Whether a product was left out without being asked for: of a sensor that nobody has chosen.
  public let refusesProducts: Bool

  /// One line that counts all entries; nil where nothing is left out and nothing is incomplete.
  public var line: String? {
    counts.map { "\(URL(fileURLWithPath: directory).lastPathComponent): \($0)" }
  }

  /// The entries by what became of them, and why the first ones were left out; nil where there are none.
  var reasons: String? {
    counts.map { counts in
      let first = sentences.prefix(3).joined(separator: "; ")
      return counts + (first.isEmpty ? "" : ". \(first)") + (leftOut.count > 3 ? "; ..." : "")
    }
  }

  /// The entries by what became of them; nil where nothing is left out and nothing is incomplete.
  var counts: String? {
    guard !leftOut.isEmpty || !incomplete.isEmpty else { return nil }
    let parts =
      [(sceneCount, sceneCount == 1 ? "scene" : "scenes", nil)]
      + LeftOut.Kind.allCases.filter { $0 != .noScene }.map(part)
      + [(incomplete.count, "incomplete", names(incomplete)), part(.noScene)]
    let words = parts.filter { $0.0 > 0 || $0.1.hasPrefix("scene") }.map { count, noun, names in
      "\(count) \(noun)" + (names.map { " (\($0))" } ?? "")
    }
    let total = sceneCount + incomplete.count + leftOut.count
    return "\(total) \(total == 1 ? "entry" : "entries"): " + words.joined(separator: ", ")
  }

  /// The entries that are left out, a sentence each: `X.SAFE: Sentinel-2, level 1C ...`. What is no scene comes
  /// last.
  public var sentences: [String] { sentences(about: leftOut) }

  /// Those of ``sentences`` that are about scenes.
  public var productSentences: [String] { sentences(about: leftOut.filter { $0.kind != .noScene }) }

  private func sentences(about entries: [LeftOut]) -> [String] {
    let ranks = Dictionary(uniqueKeysWithValues: zip(LeftOut.Kind.allCases, 0...))
    return entries.sorted { (ranks[$0.kind]!, $0.path) < (ranks[$1.kind]!, $1.path) }
      .map { "\(shortened($0.path)): \($0.reason)" }
  }

  private func part(_ kind: LeftOut.Kind) -> (Int, String, String?) {
    let own = leftOut.filter { $0.kind == kind }
    switch kind {
    case .otherSensor: return (own.count, own.count == 1 ? "of another sensor" : "of other sensors", nil)
    case .otherDate: return (own.count, "outside the dates", nil)
    case .otherGround: return (own.count, own.count == 1 ? "of another ground" : "of other grounds", nil)
    case .tooCloudy: return (own.count, "too cloudy", nil)
    case .duplicate: return (own.count, own.count == 1 ? "duplicate" : "duplicates", names(own.map(\.path)))
    case .noScene: return (own.count, "no scene", names(own.map(\.path)))
    }
  }

  /// Returns the first three names.
  private func names(_ paths: [String]) -> String {
    paths.prefix(3).map(shortened).joined(separator: ", ") + (paths.count > 3 ? ", ..." : "")
  }

  /// Returns a path as it is below the directory.
  private func shortened(_ path: String) -> String {
    path.hasPrefix(directory + "/") ? String(path.dropFirst(directory.count + 1)) : path
  }
}
