import Foundation

/// Whether a task has anything to do, and why.
public enum Standing: Sendable, Hashable {
  /// Done before, under the same key, and its files are there.
  case upToDate
  /// Its cached files are gone, but nothing that is to be done would read them.
  case notNeeded
  /// To be done; the reason in a few words ("new", "input 'scene' changed").
  case toDo(String)
  /// Cannot be done; the reason.
  case refused(TaskFailure)
}

extension Ledger {
  /// The standing of each task of a plan, in its order.
  public func standings(of tasks: [PlannedTask]) -> [Standing] {
    var standings = tasks.map(standing)
    var wanted: Set<String> = []
    var withDependants: Set<String> = []
    // From the last task to the first: what is to be done asks for what it depends on.
    for index in tasks.indices.reversed() {
      let task = tasks[index]
      if case .toDo = standings[index] {
        let isAskedFor = wanted.contains(task.id) || !withDependants.contains(task.id)
        if task.placement == .cache && !isAskedFor {
          standings[index] = .notNeeded
        } else {
          wanted.formUnion(task.dependencies)
        }
      }
      withDependants.formUnion(task.dependencies)
    }
    return standings
  }

  private func standing(of task: PlannedTask) -> Standing {
    if let refusal = task.refusal { return .refused(refusal) }
    if let entry = entry(task: task.id, key: task.key) {
      let missing = missingFiles(of: entry)
      guard let first = missing.first else { return .upToDate }
      return .toDo(
        missing.count == 1 ? "\(first) is gone" : "\(first) and \(missing.count - 1) more are gone")
    }
    guard let before = latest(task: task.id) else { return .toDo("new") }
    guard let components = before.components else { return .toDo("another version of terrane did it") }
    let changes = task.components.differences(from: components)
    return .toDo(changes.isEmpty ? "its files were replaced" : changes.joined(separator: ", "))
  }
}

extension KeyComponents {
  /// What differs from the components of an earlier key, in words.
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
    for name in Set(versions.keys).union(earlier.versions.keys).sorted()
    where versions[name] != earlier.versions[name] {
      changes.append("\(name) \(earlier.versions[name] ?? "none") -> \(versions[name] ?? "none")")
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
