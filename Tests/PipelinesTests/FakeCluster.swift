import Foundation
import Runs
import Slurm
import Synchronization

/// A cluster in this process: it remembers arrays, and carries out elements while it is asked for the queue.
final class FakeCluster: SlurmPrograms, @unchecked Sendable {
  /// What becomes of something that the cluster is given.
  enum Fate: Equatable {
    case fine, lost, killed, unanswered
    /// `sbatch` ends with an error and these words.
    case refused(String)
    /// The element waits for this reason until it is taken back.
    case stuck(String)
  }

  struct Element {
    let name: String
    let number: Int
    let index: Int
    let after: [Int]
    var state = "PENDING"
    var reason = "None"
  }

  struct State {
    var elements: [Element] = []
    var shards: [String: (file: URL, outcomes: URL, refreshes: Bool)] = [:]
    var next = 100
    var submissions = 0
    var arguments: [[String]] = []
  }

  let state = Mutex(State())
  private let site: Site
  /// What becomes of the n-th submission, from 0.
  private let fateOfSubmission: @Sendable (Int) -> Fate
  /// What becomes of an element, by the jobs that it is told.
  private let fateOfElement: @Sendable ([String], _ submission: String) -> Fate
  private let begun = Mutex<[String: Int]>([:])
  /// The versions of terrane on the nodes.
  private let versions: [String: String]
  /// The most elements that the cluster takes of a user at once.
  private let mostQueued: Int

  init(
    _ site: Site, versions: [String: String] = ["terrane": "1"], mostQueued: Int = .max,
    submission: @escaping @Sendable (Int) -> Fate = { _ in .fine },
    element: @escaping @Sendable ([String], String) -> Fate = { _, _ in .fine }
  ) {
    (self.site, self.versions, self.mostQueued) = (site, versions, mostQueued)
    (fateOfSubmission, fateOfElement) = (submission, element)
  }

  /// What `sbatch` says of a limit that it does not name.
  static let policy = """
    sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's \
    size and/or time limits)
    """

  /// How often each job was begun.
  var beginnings: [String: Int] { begun.withLock { $0 } }

  func call(_ program: String, _ arguments: [String]) throws(SlurmFailure) -> SlurmCommand.Result {
    state.withLock { $0.arguments.append([program] + arguments) }
    switch program {
    case "sbatch": return try submit(arguments)
    case "squeue":
      turn()
      let names = arguments.first { $0.hasPrefix("--name=") }!.dropFirst(7).split(separator: ",").map(
        String.init)
      let text = state.withLock { state in
        state.elements.filter { names.contains($0.name) }.map {
          "\($0.name)|\($0.number)|\($0.index)|\($0.state)|\($0.reason)"
        }.joined(separator: "\n")
      }
      return .init(output: text)
    case "scontrol": return .init(output: "MaxArraySize            = 4\n")
    case "scancel":
      state.withLock { state in
        for index in state.elements.indices
        where arguments.contains("\(state.elements[index].number)_\(state.elements[index].index)") {
          state.elements[index].state = "CANCELLED"
        }
      }
      return .init()
    default: return .init()
    }
  }

  private func submit(_ arguments: [String]) throws(SlurmFailure) -> SlurmCommand.Result {
    func value(_ option: String) -> String? {
      arguments.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
    }
    let words = value("wrap")!.split(separator: " ").map { $0.trimmingCharacters(in: ["'"]) }
    func word(_ option: String) -> URL { URL(fileURLWithPath: words[words.firstIndex(of: option)! + 1]) }
    let name = value("job-name")!
    let last = Int(value("array")!.split(separator: "-")[1])!
    let after = value("dependency").map { $0.split(separator: ":").dropFirst().compactMap { Int($0) } } ?? []
    let (number, fate) = state.withLock { state in
      (state.next, state.submissions) = (state.next + 1, state.submissions + 1)
      var fate = fateOfSubmission(state.submissions - 1)
      if case .refused = fate { return (state.next, fate) }
      if last + 1 + state.elements.count(where: { $0.state == "PENDING" }) > mostQueued {
        fate = .refused(Self.policy)
        return (state.next, fate)
      }
      if fate != .lost {
        state.shards[name] = (word("--shards"), word("--outcomes"), words.contains("--refresh"))
        for index in 0...last {
          state.elements.append(Element(name: name, number: state.next, index: index, after: after))
        }
      }
      return (state.next, fate)
    }
    if fate == .unanswered { throw .noAnswer("sbatch", seconds: 1) }
    if case .refused(let words) = fate { return .init(status: 1, error: words) }
    return .init(output: "\(number)\n")
  }

  /// Carries out each element whose turn has come.
  private func turn() {
    let ready = state.withLock { state in
      let busy = Set(state.elements.filter { $0.state == "PENDING" }.map(\.number))
      return state.elements.indices.filter { index in
        let element = state.elements[index]
        return element.state == "PENDING" && element.reason == "None"
          && !element.after.contains(where: busy.contains)
      }.map { (place: $0, element: state.elements[$0], files: state.shards[state.elements[$0].name]!) }
    }
    for (place, element, files) in ready {
      let jobs = (try? ShardFile.read(files.file, shard: element.index)) ?? []
      let fate = fateOfElement(jobs.map(\.id), element.name)
      if case .stuck(let reason) = fate {
        state.withLock { $0.elements[place].reason = reason }
        continue
      }
      if fate == .fine { try? work(jobs, files.outcomes, refreshes: files.refreshes) }
      state.withLock { $0.elements[place].state = fate == .killed ? "NODE_FAIL" : "COMPLETED" }
    }
  }

  private func work(_ jobs: [Worker.Address], _ outcomes: URL, refreshes: Bool) throws {
    let plan = try site.plan(versions: versions)
    let worker = Worker(
      JobRunner(
        output: site.output, runID: RunRecord.newID(), threads: 1, cancellation: Cancellation(),
        classify: RunFailure.init(classifying:), versions: plan.versions,
        ledger: Ledger(output: site.output)),
      refreshesVersions: refreshes)
    _ = try worker.carryOut(
      jobs, of: plan,
      progress: { job in
        self.begun.withLock { $0[job.id, default: 0] += 1 }
        return JobProgress()
      }, refused: { try OutcomeFiles(in: outcomes).leave($1, of: $0) },
      ended: { try OutcomeFiles(in: outcomes).leave($0) })
  }
}
