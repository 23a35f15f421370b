import Foundation
import Settings

/// Whether a job has anything to do, and why.
public enum JobState: Sendable, Hashable {
  /// The job was done before, under the same key, and its files are there.
  case upToDate
  /// The job's cached files are gone, but nothing that is to be done would read them.
  case notNeeded
  /// The job is to be done; the reason in a few words ("new", "input 'scene' changed").
  case toDo(String)
  /// The job cannot be done; the reason.
  case refused(RunFailure)
}

extension Ledger {
  /// Returns the state of each job of a plan, in its order.
  ///
  /// - Parameter versions: those of terrane, its kernels and libraries; what others made is then to be done.
  ///   Nil where it is fine as it is.
  /// - Throws: `RunCancelled` where a signal asked the run to end; a deadline that comes while a job's files
  ///   are read refuses that job.
  public func states(of jobs: [Job], refreshing versions: [String: String]? = nil) throws
    -> [JobState]
  {
    var states = try jobs.map { try state(of: $0, refreshing: versions) }
    var wanted: Set<String> = []
    var withDependants: Set<String> = []
    // From the last job to the first: what is to be done asks for what it depends on.
    for index in jobs.indices.reversed() {
      let job = jobs[index]
      if case .toDo = states[index] {
        let isAskedFor = wanted.contains(job.id) || !withDependants.contains(job.id)
        if job.placement == .cache && !isAskedFor {
          states[index] = .notNeeded
        } else {
          wanted.formUnion(job.dependencies)
        }
      }
      withDependants.formUnion(job.dependencies)
    }
    return states
  }

  private func state(of job: Job, refreshing versions: [String: String]?) throws -> JobState {
    if let refusal = job.refusal { return .refused(refusal) }
    if let entry = entry(job: job.id, key: job.key) {
      let faults: [FileFault]
      do { faults = try self.faults(of: entry) } catch is RunCancelled where hashes.isLate {
        return .refused(.unread)
      }
      if let first = faults.first {
        let others = faults.count == 1 ? "" : ", and so on (\(faults.count) files)"
        return .toDo(first.description + others)
      }
      guard let versions, let made = entry.versions, made != versions else {
        return versions == nil || entry.versions != nil
          ? .upToDate : .toDo("another version of terrane did it")
      }
      let changes = Set(versions.keys).union(made.keys).sorted().filter { versions[$0] != made[$0] }
      return .toDo(
        changes.map { "\($0) \(made[$0] ?? "none") -> \(versions[$0] ?? "none")" }.joined(separator: ", "))
    }
    guard let before = latest(job: job.id) else { return .toDo("new") }
    guard let components = before.components else { return .toDo("another version of terrane did it") }
    let changes = job.components.differences(from: components)
    return .toDo(changes.isEmpty ? "its files were replaced" : changes.joined(separator: ", "))
  }
}

extension KeyComponents {
  /// Describes the differences from the components of an earlier key.
  public func differences(from earlier: KeyComponents) -> [String] {
    // Read back from its text like the earlier one, so that 1.0 and 1 are the same number in both.
    let read = (try? JSONDecoder().decode(KeyComponents.self, from: Data(canonical.utf8))) ?? self
    let (settings, shared) = (read.settings, read.shared)
    var changes: [String] = []
    for part in Set(inputs.keys).union(earlier.inputs.keys).sorted()
    where inputs[part] != earlier.inputs[part] {
      changes.append("input '\(part)' \(Self.verb(inputs[part], earlier.inputs[part]))")
    }
    changes += Self.differences(settings, earlier.settings, "")
    changes += Self.differences(shared, earlier.shared, "")
    if revision != earlier.revision {
      changes.append("the stage computes otherwise than before (revision \(earlier.revision) -> \(revision))")
    }
    if upstream != earlier.upstream { changes.append("what it builds on changed") }
    if stage != earlier.stage { changes.append("the stage changed") }
    return changes
  }

  private static func differences(_ now: JSONValue, _ before: JSONValue, _ path: String) -> [String] {
    if now == before { return [] }
    guard case .object(let new) = now, case .object(let old) = before else {
      return ["\(path) \(before.canonical) -> \(now.canonical)"]
    }
    return Set(new.keys).union(old.keys).sorted().flatMap { key in
      differences(new[key] ?? .null, old[key] ?? .null, path.isEmpty ? key : "\(path).\(key)")
    }
  }

  private static func verb(_ now: String?, _ before: String?) -> String {
    before == nil ? "added" : now == nil ? "removed" : "changed"
  }
}
