import Foundation
import Host
import Settings

extension FileOrigin {
  /// The origin in lines for people.
  ///
  /// - Parameter present: what is to be said of the present state; none where nothing is known of it.
  package func lines(present: [String]) -> [String] {
    var lines: [String] = []
    if let recorded {
      let state = isWhole == true ? "as it was made" : "CHANGED since it was made"
      lines.append("\(recorded.path): \(recorded.bytes) bytes, \(state)")
      lines.append(Self.line("sha256", recorded.sha256))
    } else {
      lines.append("\(entry.directory): \(entry.files.count) files")
    }
    lines.append(Self.line("job", entry.job))
    lines.append(Self.line("key", String(entry.key.prefix(16))))
    lines.append(Self.line("made", Self.made(entry)))
    lines.append(Self.line("in run", entry.run + (run == nil ? ", whose record is gone" : "")))
    if let pipeline = run?.pipeline { lines.append(Self.line("pipeline", pipeline)) }
    lines += Self.inputLines(entry)
    lines += Self.settingLines(entry)
    lines.append(Self.line("versions", Self.versions(entry)))
    for (place, step) in chain.enumerated() {
      let margin = String(repeating: "  ", count: step.depth - 1)
      lines.append(Self.line(place == 0 ? "builds on" : "", margin + step.words))
      if let earlier = step.entry {
        lines += ([Self.made(earlier)] + Self.inputs(earlier)).map { Self.line("", margin + "  " + $0) }
      }
    }
    for warning in entry.warnings.prefix(6) { lines.append(Self.line("note", warning)) }
    return lines + present
  }

  /// A line with a word in front, in a column of its own.
  package static func line(_ word: String, _ text: String) -> String {
    word + String(repeating: " ", count: max(1, 11 - word.count)) + text
  }

  private static func made(_ entry: Ledger.Entry) -> String {
    let time = entry.recorded.map { Timestamp.local(Date(timeIntervalSince1970: $0)) }
    let threads = entry.threads.map { ", \($0) \($0 == 1 ? "thread" : "threads")" } ?? ""
    return [time, "in \(Elapsed.text(entry.seconds))\(threads)"].compactMap(\.self).joined(separator: ", ")
  }

  private static func inputs(_ entry: Ledger.Entry) -> [String] {
    (entry.components?.inputs ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.prefix(16))" }
  }

  private static func inputLines(_ entry: Ledger.Entry) -> [String] {
    inputs(entry).enumerated().map { line($0.offset == 0 ? "inputs" : "", $0.element) }
  }

  private static func settingLines(_ entry: Ledger.Entry) -> [String] {
    guard let components = entry.components else { return [line("settings", "written by another version")] }
    func lines(_ word: String, _ value: JSONValue) -> [String] {
      (value.members ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.canonical)" }
        .enumerated().map { line($0.offset == 0 ? word : "", $0.element) }
    }
    return lines("settings", components.settings) + lines("shared", components.shared)
  }

  private static func versions(_ entry: Ledger.Entry) -> String {
    (entry.versions ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
  }

  /// The origin as JSON.
  ///
  /// - Parameter present: the present state of the job, and its inputs as they are now; nil where it is not
  ///   known.
  package func json(present: JSONValue) -> JSONValue {
    [
      "file": path.map(JSONValue.string) ?? .null, "output": .string(output.path),
      "bytes": recorded.map { .int($0.bytes) } ?? .null,
      "sha256": recorded.map { .string($0.sha256) } ?? .null,
      "whole": isWhole.map(JSONValue.bool) ?? .null, "job": Self.json(entry),
      "pipeline": run.map { .string($0.pipeline) } ?? .null,
      "builds-on": .array(chain.map { $0.entry.map(Self.json) ?? ["task": .string($0.words)] }),
      "present": present,
    ]
  }

  private static func json(_ entry: Ledger.Entry) -> JSONValue {
    let components = entry.components
    return [
      "task": .string(entry.job), "key": .string(entry.key), "run": .string(entry.run),
      "seconds": .number(entry.seconds), "threads": entry.threads.map(JSONValue.int) ?? .null,
      "recorded": entry.recorded.map { .string(Timestamp.iso(Date(timeIntervalSince1970: $0))) } ?? .null,
      "inputs": .object((components?.inputs ?? [:]).mapValues(JSONValue.string)),
      "settings": components?.settings ?? .null, "shared": components?.shared ?? .null,
      "upstream": .array((components?.upstream ?? []).map(JSONValue.string)),
      "versions": .object((entry.versions ?? [:]).mapValues(JSONValue.string)),
      "warnings": .array(entry.warnings.map(JSONValue.string)),
    ]
  }
}
