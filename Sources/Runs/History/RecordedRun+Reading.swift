import Foundation
import Settings

extension RecordedRun {
  /// Reads the record of a run; nil where the JSON is none.
  ///
  /// - Parameters:
  ///   - summary: what `summary.json` holds.
  ///   - directory: the run's directory, whose name is the run's id.
  package init?(_ summary: JSONValue, in directory: URL) {
    guard let state = State(summary) else { return nil }
    (self.state, self.directory) = (state, directory)
    id = directory.lastPathComponent
    pipeline = summary["pipeline"]?.text ?? ""
    name = summary["name"]?.text ?? ""
    arguments = summary["arguments"].texts
    workingDirectory = summary["working-directory"]?.text
    process = summary["process"]?.whole
    (began, ended) = (summary["began"]?.moment, summary["ended"]?.moment)
    seconds = summary["seconds"]?.double
    exitCode = summary["exit-code"]?.whole
    peakMemory = summary["peak-memory"]?.whole
    versions = summary["versions"].textMembers
    let failures = Dictionary(
      summary["failures"].items.compactMap { failure -> (String, RecordedTask.Failure)? in
        guard let task = failure["task"]?.text else { return nil }
        return (task, .init(reason: failure["reason"]?.text ?? "", exitCode: failure["exit-code"]?.whole))
      }, uniquingKeysWith: { first, _ in first })
    let stages = summary["stages"].items.map { RecordedStage($0, failures: failures) }
    self.stages = stages
    let known = Set(stages.flatMap(\.tasks).map(\.id))
    otherFailures = failures.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }
      .map { RecordedTask(failed: $0.key, $0.value) }
    scenes = (summary["scenes"]?.members ?? [:]).map { SceneRecord(name: $0, $1) }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    leftOut = summary["left-out"].items.map {
      RecordedEntry(
        path: $0["path"]?.text ?? "", kind: $0["kind"]?.text ?? "", reason: $0["reason"]?.text ?? "")
    }
    pairing = summary["pairing"]?.text
  }
}

extension RecordedRun.State {
  fileprivate init?(_ summary: JSONValue) {
    switch summary["state"]?.text {
    case "running": self = .running
    case "broken-off": self = .brokenOff(reason: summary["reason"]?.text ?? "")
    case "finished": self = .finished
    default: return nil
    }
  }
}

extension SceneRecord {
  fileprivate init(name: String, _ json: JSONValue) {
    self.name = name
    path = json["path"]?.text ?? ""
    status = json["status"]?.text.flatMap(Status.init) ?? .unknown
    reason = json["reason"]?.text
  }
}

extension RecordedStage {
  fileprivate init(_ json: JSONValue, failures: [String: RecordedTask.Failure]) {
    let label = json["stage"]?.text ?? ""
    self.label = label
    seconds = json["seconds"]?.double ?? 0
    tasks = json["tasks"].items.map { RecordedTask($0, stage: label, failures: failures) }
  }
}

extension RecordedTask {
  /// Creates a task of which nothing but its failure is recorded.
  fileprivate init(failed id: String, _ failure: Failure) {
    let parts = id.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    (self.id, stage, subject) = (id, parts[0], parts.count > 1 ? parts[1] : "")
    (status, self.failure) = (.failed, failure)
    (key, seconds, blockedBy) = ("", 0, nil)
    (findings, warnings, files, versions) = ([], [], [], [:])
  }

  fileprivate init(_ json: JSONValue, stage: String, failures: [String: Failure]) {
    self.stage = stage
    subject = json["subject"]?.text ?? ""
    id = "\(stage):\(subject)"
    status = json["status"]?.text.flatMap(Status.init) ?? .unknown
    key = json["key"]?.text ?? ""
    seconds = json["seconds"]?.double ?? 0
    failure = failures[id]
    blockedBy = json["blocked-by"]?.text
    findings = (json["findings"]?.members ?? [:]).sorted { $0.key < $1.key }
      .compactMap { Finding(key: $0, $1) }
    warnings = json["warnings"].texts
    files = json["files"].items.compactMap { file in
      guard let path = file["path"]?.text else { return nil }
      return ProducedFile(path: path, bytes: file["bytes"]?.whole ?? 0, sha256: file["sha256"]?.text ?? "")
    }
    versions = json["versions"].textMembers
  }
}

extension JSONValue {
  /// The whole number; nil for other values.
  fileprivate var whole: Int? { if case .int(let value) = self { value } else { nil } }

  /// The moment that a text names; nil for other values.
  fileprivate var moment: Date? { text.flatMap(Timestamp.date) }
}

extension JSONValue? {
  /// The items of an array; none of anything else.
  fileprivate var items: [JSONValue] { if case .array(let items)? = self { items } else { [] } }

  /// The texts of an array; none of anything else.
  fileprivate var texts: [String] { items.compactMap(\.text) }

  /// The texts of an object by their keys; none of anything else.
  fileprivate var textMembers: [String: String] { (self?.members ?? [:]).compactMapValues(\.text) }
}
