import Foundation
import Runs
import Slurm
import Synchronization

/// A cluster in this process: it remembers arrays, and carries out elements while it is asked for the queue.
final class FakeCluster: SlurmPrograms, @unchecked Sendable {
  /// What becomes of something that the cluster is given.
  enum Fate { case fine, lost, killed, unanswered }

  struct Element {
    let name: String
    let number: Int
    let index: Int
    let after: [Int]
    var state = "PENDING"
  }

  struct State {
    var elements: [Element] = []
    var shards: [String: (file: URL, outcomes: URL)] = [:]
    var next = 100
    var submissions = 0
    var arguments: [[String]] = []
    var doubles = 0
  }

  let state = Mutex(State())
  private let site: Site
  /// What becomes of the n-th submission, from 0.
  private let fateOfSubmission: @Sendable (Int) -> Fate
  /// What becomes of an element, by the jobs that it is told.
  private let fateOfElement: @Sendable ([String], _ submission: String) -> Fate
  private let begun = Mutex<[String: Int]>([:])

  init(
    _ site: Site, submission: @escaping @Sendable (Int) -> Fate = { _ in .fine },
    element: @escaping @Sendable ([String], String) -> Fate = { _, _ in .fine }
  ) {
    (self.site, fateOfSubmission, fateOfElement) = (site, submission, element)
  }

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
          "\($0.name)|\($0.number)|\($0.index)|\($0.state)|None"
        }.joined(separator: "\n")
      }
      return .init(output: text)
    case "scontrol": return .init(output: "MaxArraySize            = 4\n")
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
      let fate = fateOfSubmission(state.submissions - 1)
      if fate != .lost {
        state.shards[name] = (word("--shards"), word("--outcomes"))
        for index in 0...last {
          state.elements.append(Element(name: name, number: state.next, index: index, after: after))
        }
      }
      return (state.next, fate)
    }
    if fate == .unanswered { throw .noAnswer("sbatch", seconds: 1) }
    return .init(output: "\(number)\n")
  }

  /// Carries out each element whose turn has come.
  private func turn() {
    let ready = state.withLock { state in
      let busy = Set(state.elements.filter { $0.state == "PENDING" }.map(\.number))
      return state.elements.indices.filter { index in
        let element = state.elements[index]
        return element.state == "PENDING" && !element.after.contains(where: busy.contains)
      }.map { (place: $0, element: state.elements[$0], files: state.shards[state.elements[$0].name]!) }
    }
    for (place, element, files) in ready {
      let jobs = (try? ShardFile.read(files.file, shard: element.index)) ?? []
      let fate = fateOfElement(jobs.map(\.id), element.name)
      if fate == .fine { try? work(jobs, files.outcomes) }
      state.withLock { $0.elements[place].state = fate == .killed ? "NODE_FAIL" : "COMPLETED" }
    }
  }

  private func work(_ jobs: [Worker.Address], _ outcomes: URL) throws {
    let plan = try site.plan()
    let worker = Worker(
      JobRunner(
        output: site.output, runID: RunRecord.newID(), threads: 1, cancellation: Cancellation(),
        classify: RunFailure.init(classifying:), versions: plan.versions, ledger: Ledger(output: site.output))
    )
    _ = try worker.carryOut(
      jobs, of: plan,
      progress: { job in
        self.begun.withLock { $0[job.id, default: 0] += 1 }
        return JobProgress()
      }, ended: { try OutcomeFiles(in: outcomes).leave($0) })
  }
}
