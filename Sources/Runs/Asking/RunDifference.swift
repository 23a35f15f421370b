import Foundation
import Settings

/// What differs between two runs: settings, versions, scenes, how jobs ended, and what they found.
package struct RunDifference: Sendable {
  /// A part that is compared.
  package struct Part: Sendable {
    /// The name for programs and for people.
    package let name: String
    /// What differs, each with both values; nil where one run has none.
    package var changes: [Change]
  }

  /// Something that is not the same in both runs.
  package struct Change: Sendable, Hashable {
    /// What it is.
    package let subject: String
    /// The values in the two runs, as they are shown.
    package let before, after: String?
  }

  /// The parts, also those in which nothing differs.
  package let parts: [Part]
  private let before, after: RecordedRun

  /// Compares two runs.
  package init(_ before: RecordedRun, _ after: RecordedRun) {
    (self.before, self.after) = (before, after)
    parts = [
      Part(name: "pipeline", changes: Self.heads(before, after)),
      Part(name: "settings", changes: Self.settings(before.settings, after.settings)),
      Part(name: "versions", changes: Self.changes(before.versions, after.versions)),
      Part(name: "scenes", changes: Self.changes(Self.scenes(before), Self.scenes(after))),
      Part(name: "jobs", changes: Self.changes(Self.jobs(before), Self.jobs(after))),
      Part(name: "scores", changes: Self.changes(Self.scores(before), Self.scores(after))),
      Part(name: "areas", changes: Self.changes(Self.areas(before), Self.areas(after))),
    ]
  }

  private static func changes(_ before: [String: String], _ after: [String: String]) -> [Change] {
    Set(before.keys).union(after.keys).sorted().filter { before[$0] != after[$0] }
      .map { Change(subject: $0, before: before[$0], after: after[$0]) }
  }

  private static func heads(_ before: RecordedRun, _ after: RecordedRun) -> [Change] {
    func head(_ run: RecordedRun) -> [String: String] {
      var members = ["file": run.pipeline, "exit code": run.exitCode.map { "\($0)" } ?? "none"]
      members["arguments"] = run.arguments.dropFirst().joined(separator: " ")
      return members
    }
    return changes(head(before), head(after))
  }

  // MARK: - Settings

  private static func settings(_ before: JSONValue?, _ after: JSONValue?) -> [Change] {
    changes(flat(before ?? .null), flat(after ?? .null))
  }

  /// Returns the values of a tree by their paths: `stages[2].fine-tune.epochs`.
  private static func flat(_ value: JSONValue, _ path: String = "") -> [String: String] {
    switch value {
    case .object(let members):
      members.reduce(into: [:]) {
        $0.merge(flat($1.value, path.isEmpty ? $1.key : "\(path).\($1.key)")) { $1 }
      }
    case .array(let items) where items.contains { $0.members != nil }:
      items.enumerated().reduce(into: [:]) { $0.merge(flat($1.element, "\(path)[\($1.offset + 1)]")) { $1 } }
    default: [path: value.text ?? value.canonical]
    }
  }

  // MARK: - What runs were about, and found

  private static func scenes(_ run: RecordedRun) -> [String: String] {
    Dictionary(run.scenes.map { ($0.name, words($0.status)) }, uniquingKeysWith: { $1 })
  }

  /// Whether a job was done in the run or before says nothing of what became of it.
  private static func words(_ status: SceneRecord.Status) -> String {
    status == .done || status == .upToDate ? "mapped" : status.rawValue
  }

  private static func jobs(_ run: RecordedRun) -> [String: String] {
    Dictionary(
      (run.tasks + run.otherFailures).map { task in
        let reason = task.failure.map { ": \($0.reason)" } ?? ""
        return (task.id, task.status.isSuccess ? "key \(task.key.prefix(16))" : task.status.rawValue + reason)
      }, uniquingKeysWith: { $1 })
  }

  private static func scores(_ run: RecordedRun) -> [String: String] {
    var scores: [String: String] = [:]
    for task in run.tasks {
      for headline in FindingKey.headlines {
        if let score = task.findings[headline.key]?.number {
          scores["\(task.id) \(headline.name)"] = rounded(score, 1e4)
        }
      }
      // The table of an evaluation: a row a model.
      for row in task.findings.first(where: { $0.key == "model-scores" })?.table?.rows ?? [] {
        for (figure, value) in row {
          guard let score = value.double else { continue }
          scores["\(row["model"]?.text ?? task.id) \(figure)"] = rounded(score, 1e4)
        }
      }
    }
    return scores
  }

  private static func areas(_ run: RecordedRun) -> [String: String] {
    var areas: [String: String] = [:]
    for task in run.tasks {
      // Of a map that is cleaned before it is published a later task has other areas of the same classes.
      for row in (task.findings[.cleanedAreas] ?? task.findings[.classAreas])?.table?.rows ?? [] {
        let hectares = row["hectares"]?.double
        guard let name = row["class"]?.text, let area = hectares ?? row["pixels"]?.double else { continue }
        areas["\(task.subject): \(name)"] = rounded(area, 10) + (hectares == nil ? " pixels" : " ha")
      }
      for key in [FindingKey.changedHectares, .changedPixels] {
        guard let area = task.findings[key]?.number else { continue }
        areas["\(task.subject): changed"] = rounded(area, 10) + (key == .changedHectares ? " ha" : " pixels")
        break
      }
    }
    return areas
  }

  private static func rounded(_ value: Double, _ steps: Double) -> String {
    let rounded = (value * steps).rounded() / steps
    return Int(exactly: rounded).map { "\($0)" } ?? "\(rounded)"
  }

  // MARK: - Showing

  /// The most changes of a part that are shown to people.
  private static let mostShown = 40

  /// The difference in lines for people, each no wider than `width` where that is possible.
  package func lines(width: Int) -> [String] {
    var lines = ["before   \(before.id)", "after    \(after.id)"]
    for part in parts where !part.changes.isEmpty {
      lines.append("")
      lines.append("\(part.name):")
      for change in part.changes.prefix(Self.mostShown) { lines += Self.lines(change, width) }
      let rest = part.changes.count - Self.mostShown
      if rest > 0 { lines.append("  and \(rest) more; --json lists them") }
    }
    if parts.allSatisfy(\.changes.isEmpty) { lines.append("nothing differs but times") }
    return lines
  }

  private static func lines(_ change: Change, _ width: Int) -> [String] {
    let values = "\(change.before ?? "none") -> \(change.after ?? "none")"
    let line = "  \(change.subject): \(values)"
    if line.count <= width { return [line] }
    return ["  \(change.subject):", "    \(change.before ?? "none")", "    -> \(change.after ?? "none")"]
  }

  /// The difference as JSON.
  package var json: JSONValue {
    var members: [String: JSONValue] = ["before": .string(before.id), "after": .string(after.id)]
    for part in parts {
      members[part.name] = .array(
        part.changes.map {
          [
            "subject": .string($0.subject), "before": $0.before.map(JSONValue.string) ?? .null,
            "after": $0.after.map(JSONValue.string) ?? .null,
          ]
        })
    }
    return .object(members)
  }
}
