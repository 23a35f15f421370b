import Foundation
import Host
import Settings

/// A job that a run is at, as its log and its progress file tell of it.
package struct JobAtWork: Sendable, Hashable {
  /// The job's id.
  package let id: String
  /// When it began.
  package let began: Date?
  /// Its place among the jobs that are to be done, and how many these are; nil where nothing says it.
  package let position, total: Int?
  /// Units that are done, of how many, and what they are; nil before there are any.
  package let done, of: Int?
  package let unit: String?
  /// The latest pass of a training, in words; nil without one.
  package let pass: String?

  /// `3 of 40, 412 of 1024 windows, full 3/30, loss 0.412`.
  package var words: String {
    var parts: [String] = []
    if let position, let total { parts.append("job \(position) of \(total)") }
    if let done, let unit, done > 0 || of ?? 0 > 0 {
      parts.append((of ?? 0) > 0 ? "\(done) of \(of!) \(unit)" : "\(done) \(unit)")
    }
    if let pass { parts.append(pass) }
    return parts.joined(separator: ", ")
  }

  /// The job as JSON.
  package var json: JSONValue {
    let members: [String: JSONValue?] = [
      "task": .string(id), "began": began.map { .string(Timestamp.iso($0)) },
      "position": position.map(JSONValue.int),
      "total": total.map(JSONValue.int), "done": done.map(JSONValue.int), "of": of.map(JSONValue.int),
      "unit": unit.map(JSONValue.string), "pass": pass.map(JSONValue.string),
    ]
    return .object(members.mapValues { $0 ?? .null })
  }

  /// Returns the jobs that have begun and not ended in a run.
  package static func all(in run: RecordedRun) -> [JobAtWork] {
    let (open, passes) = log(of: run)
    let progress = RunHistory.json(at: run.directory.appendingPathComponent(ProgressFile.name))
    var states: [String: JSONValue] = [:]
    if case .array(let jobs)? = progress?["jobs"] {
      for job in jobs { if let id = job["task"]?.text { states[id] = job } }
    }
    return open.map { id, event in
      let state = states[id]
      func number(_ key: String) -> Int? { (state?[key] ?? event[key])?.wholePart }
      let unit = state?["unit"]?.text
      return JobAtWork(
        id: id, began: event["time"]?.text.flatMap(Timestamp.date), position: number("position"),
        total: number("total"), done: unit?.isEmpty == false ? number("done") : nil,
        of: unit?.isEmpty == false ? number("of") : nil, unit: unit?.isEmpty == false ? unit : nil,
        pass: passes[id])
    }
  }

  /// Bytes of the longest log that is read.
  private static let longestLog = 256 << 20

  /// Returns the beginnings of jobs that have not ended, in their order, and the latest pass of each.
  private static func log(of run: RecordedRun) -> (open: [(String, JSONValue)], passes: [String: String]) {
    let path = run.directory.appendingPathComponent("run.log.jsonl").path
    guard let data = try? RegularFile.contents(of: path, limit: longestLog) else { return ([], [:]) }
    var (open, passes): ([(String, JSONValue)], [String: String]) = ([], [:])
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let event = try? JSONValue(parsing: Data(line)), let id = event["task"]?.text else { continue }
      switch event["event"]?.text {
      case "began": open.append((id, event))
      case "pass": passes[id] = words(ofPass: event)
      default: open.removeAll { $0.0 == id }
      }
    }
    return (open, passes)
  }

  private static func words(ofPass event: JSONValue) -> String {
    let training = event["training"]?.text.map { $0 + ", " } ?? ""
    let (epoch, epochs) = (event["epoch"]?.wholePart ?? 0, event["epochs"]?.wholePart ?? 0)
    let loss = event["loss"]?.double.map { ", loss \(($0 * 1000).rounded() / 1000)" } ?? ""
    return "\(training)\(event["phase"]?.text ?? "pass") \(epoch)/\(epochs)\(loss)"
  }
}

extension JSONValue {
  /// The number without its fraction; nil of what is no number, or one that no count is.
  fileprivate var wholePart: Int? { double.flatMap { Int(exactly: $0.rounded(.towardZero)) } }
}
