import Foundation
import Settings

/// The record that a run leaves for people and monitors: `runs/<UTC>-<id>/` with the resolved settings, a log
/// of one JSON record a line and the summary. `runs/latest` points to the newest.
///
/// A run with nothing to do leaves a record as well: a monitor must be able to tell it from a run that never
/// was.
public final class RunRecord {
  /// The id of the run: the UTC time it began and four random digits.
  public let runID: String
  /// The run's directory.
  public let directory: URL
  private let began: Date
  private let plan: Plan
  private let arguments: [String]

  /// Returns a new id for a run that begins at `date`.
  public static func newID(_ date: Date = Date()) -> String {
    let digits = String(UInt16.random(in: .min ... .max), radix: 16)
    return Timestamp.compact(date) + "-" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// Makes the run's directory with the resolved settings and a summary that says `running`.
  ///
  /// - Parameters:
  ///   - arguments: the command as given.
  ///   - began: when the process began.
  /// - Throws: `SystemError` where the directory cannot be made or written.
  public init(output: URL, runID: String, plan: Plan, arguments: [String], began: Date) throws {
    self.runID = runID
    self.plan = plan
    self.arguments = arguments
    self.began = began
    let runs = output.appendingPathComponent("runs")
    directory = runs.appendingPathComponent(runID)
    // What a killed run has left there and cannot be removed is in nobody's way.
    for earlier in (try? DurableFiles.names(in: runs)) ?? [] {
      try? DurableFiles.sweep(runs.appendingPathComponent(earlier))
    }
    try? DurableFiles.sweep(runs)
    try DurableFiles.makeDirectory(directory)
    try DurableFiles.write(
      Data(plan.pipeline.resolved.pretty.utf8), to: directory.appendingPathComponent("resolved.json"))
    try write(.object(head(state: "running", ended: nil)))
    try DurableFiles.link(runs.appendingPathComponent("latest"), to: runID)
  }

  /// Replaces the summary by that of the finished run.
  ///
  /// - Parameters:
  ///   - code: what the process ends with; the report's own exit code without it.
  ///   - scenes: the scenes of the run, those that were left for a later one last.
  ///   - leftOut: the entries of the directory of scenes that the run left out.
  ///   - pairing: what people should know of the pairs that were looked for.
  ///   - reporting: writes what people read, when the summary is there.
  public func finish(
    _ report: RunReport, ending code: ExitCode? = nil, scenes: [RecordedScene],
    leftOut: [RecordedEntry] = [], pairing: String? = nil, reporting: (URL) -> Void = { _ in }
  ) throws {
    let now = Date()
    var members = head(state: "finished", ended: now)
    members["exit-code"] = .int(Int((code ?? report.exitCode).rawValue))
    members["counts"] = .object(Self.counts(report.outcomes).mapValues(JSONValue.int))
    members["warnings"] = .int(report.outcomes.reduce(0) { $0 + ($1.output?.warnings.count ?? 0) })
    members["stages"] = .array(stages(report.outcomes))
    members["scenes"] = Self.summary(of: scenes, report.outcomes)
    members["left-out"] = .array(leftOut.map(\.json))
    if let pairing { members["pairing"] = .string(pairing) }
    members["failures"] = .array(
      report.failures.map { job, failure in
        [
          "task": .string(job.id), "subject": .string(job.subject), "reason": .string(failure.reason),
          "exit-code": .int(Int(failure.exitCode.rawValue)),
        ]
      })
    try write(.object(members))
    reporting(directory)
    try RunChecksums.write(in: directory)
  }

  /// The suffix of the names of directories whose records a verification has found changed.
  package static let asideSuffix = ".changed"

  /// Sets records of runs aside that a verification has found changed: they cannot be made anew.
  static func setAside(_ damaged: Set<String>, below output: URL) {
    for path in damaged {
      let parts = path.split(separator: "/")
      guard parts.count > 2, parts[0] == "runs" else { continue }
      let directory = output.appendingPathComponent("runs/\(parts[1])").path
      _ = rename(directory, directory + asideSuffix)
    }
  }

  /// Replaces the summary by one that says why the run broke off, where it could not even go on with other
  /// jobs.
  public func breakOff(_ failure: RunFailure) {
    var members = head(state: "broken-off", ended: Date())
    members["exit-code"] = .int(Int(failure.exitCode.rawValue))
    members["reason"] = .string(failure.reason)
    // The reason is on its way to stderr too; the disk may be what is wrong. Where the sums of what the run
    // ended with stay, that summary stays as well.
    do {
      try RunChecksums.remove(from: directory)
      try write(.object(members))
    } catch {}
  }

  private func write(_ summary: JSONValue) throws {
    try DurableFiles.write(
      Data(summary.pretty.utf8), to: directory.appendingPathComponent("summary.json"))
  }

  private func head(state: String, ended: Date?) -> [String: JSONValue] {
    [
      "run": .string(runID), "state": .string(state), "pipeline": .string(plan.pipeline.url.path),
      "name": .string(plan.pipeline.name), "arguments": .array(arguments.map(JSONValue.string)),
      "process": .int(Int(getpid())), "began": .string(Timestamp.iso(began)),
      "ended": ended.map { .string(Timestamp.iso($0)) } ?? .null,
      "seconds": ended.map { .number(Self.milliseconds($0.timeIntervalSince(began))) } ?? .null,
      "versions": .object(plan.versions.mapValues(JSONValue.string)),
      "peak-memory": ended == nil ? .null : .int(Self.peakMemory),
    ]
  }

  /// The most memory that this process has held at once, in bytes.
  private static var peakMemory: Int {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return usage.ru_maxrss
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return usage.ru_maxrss << 10
    #endif
  }

  /// Counts the jobs by the way in which they ended; every way is listed, also with 0.
  package static func counts(_ outcomes: [JobOutcome]) -> [String: Int] {
    var counts = ["done": 0, "up-to-date": 0, "failed": 0, "blocked": 0, "not-reached": 0]
    for outcome in outcomes { counts[outcome.status.word, default: 0] += 1 }
    return counts
  }

  private func stages(_ outcomes: [JobOutcome]) -> [JSONValue] {
    plan.pipeline.stages.map { label in
      let own = outcomes.filter { $0.job.stage == label }
      return [
        "stage": .string(label),
        "counts": .object(Self.counts(own).mapValues(JSONValue.int)),
        "seconds": .number(Self.milliseconds(own.reduce(0) { $0 + $1.seconds })),
        "tasks": .array(own.map(job)),
      ]
    }
  }

  private func job(_ outcome: JobOutcome) -> JSONValue {
    var members: [String: JSONValue] = [
      "subject": .string(outcome.job.subject), "status": .string(outcome.status.word),
      "key": .string(outcome.job.key), "seconds": .number(Self.milliseconds(outcome.seconds)),
    ]
    if case .blocked(let id) = outcome.status { members["blocked-by"] = .string(id) }
    if let output = outcome.output {
      members["findings"] = output.findings.json
      members["warnings"] = .array(output.warnings.map(JSONValue.string))
      members["files"] = .array(
        output.files.map {
          ["path": .string($0.path), "bytes": .int($0.bytes), "sha256": .string($0.sha256)]
        })
      members["versions"] = .object(output.versions.mapValues(JSONValue.string))
    }
    return .object(members)
  }

  /// Each scene's status: the worst of the jobs that are about it, with the reason where it failed.
  private static func summary(of scenes: [RecordedScene], _ outcomes: [JobOutcome]) -> JSONValue {
    var members: [String: JSONValue] = [:]
    let bySubject = Dictionary(
      grouping: outcomes.filter { $0.job.placement != .models }, by: \.job.subject)
    for scene in scenes {
      let (status, reason) = state(of: scene, bySubject)
      members[scene.name] = [
        "path": .string(scene.path), "status": .string(status),
        "reason": reason.map(JSONValue.string) ?? .null,
      ]
    }
    return .object(members)
  }

  private static func state(
    of scene: RecordedScene, _ bySubject: [String: [JobOutcome]]
  ) -> (status: String, reason: String?) {
    if let reason = scene.waitingReason { return ("arriving", reason) }
    // Scenes of pairs may be compared without a map of either.
    let own = bySubject[scene.name] ?? scene.comparisons.flatMap { bySubject[$0] ?? [] }
    if own.isEmpty { return ("unused", scene.unusedReason) }
    var status = own.contains { $0.status == .done } ? "done" : "up-to-date"
    var reason: String?
    for outcome in own {
      switch outcome.status {
      case .failed(let failure): (status, reason) = ("quarantined", failure.reason)
      case .blocked(let id) where status != "quarantined":
        (status, reason) = ("blocked", "\(id) did not succeed")
      case .notReached where status != "quarantined" && status != "blocked": status = "not-reached"
      default: break
      }
    }
    return (status, reason)
  }

  private static func milliseconds(_ seconds: Double) -> Double {
    (seconds * 1000).rounded() / 1000
  }
}

/// An entry of the directory of scenes that a run left out, as its record tells of it.
public struct RecordedEntry: Sendable, Hashable {
  /// The path of the file or directory.
  public let path: String
  /// The kind of reason, a word for programs.
  public let kind: String
  /// The reason for people.
  public let reason: String

  /// Creates an entry.
  public init(path: String, kind: String, reason: String) {
    (self.path, self.kind, self.reason) = (path, kind, reason)
  }

  fileprivate var json: JSONValue {
    ["path": .string(path), "kind": .string(kind), "reason": .string(reason)]
  }
}

/// A scene of a run, as its record tells of it.
public struct RecordedScene: Sendable {
  /// The scene's name, unique in the run; jobs about it alone have it as their subject.
  public let name: String
  /// The scene's path.
  public let path: String
  /// The subjects of its comparisons with other scenes, which tell of it where no job is about it alone.
  public let comparisons: [String]
  /// The reason why no job may be about it; nil where that needs no words.
  public let unusedReason: String?
  /// The reason why it was left for a later run; nil where it was not.
  public let waitingReason: String?

  /// Creates a scene.
  public init(
    name: String, path: String, comparisons: [String] = [], unusedReason: String? = nil,
    waitingReason: String? = nil
  ) {
    (self.name, self.path, self.comparisons) = (name, path, comparisons)
    (self.unusedReason, self.waitingReason) = (unusedReason, waitingReason)
  }
}
