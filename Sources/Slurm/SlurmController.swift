import Foundation

/// The controller of a cluster, as one run asks it: what may pass is borne with for a while and said once.
final class SlurmController {
  private let programs: any SlurmPrograms
  /// Seconds for which a program may fail before the run is broken off.
  private let patience: Double
  private let say: (String) -> Void
  /// The time since which each program fails.
  private var failing: [String: Date] = [:]
  private var said: Set<String> = []

  /// The most elements that one call takes back.
  private static let mostTakenBack = 500

  /// Creates a controller that is asked by `programs`.
  init(_ programs: any SlurmPrograms, patience: Double, say: @escaping (String) -> Void) {
    (self.programs, self.patience, self.say) = (programs, patience, say)
  }

  /// The most elements of an array.
  var largestArray: Int { SlurmLimits(programs).largestArray }

  /// Returns the elements of some names, nil where that is not known for now; those that would never be begun
  /// are taken back.
  ///
  /// - Throws: `SlurmFailure` where asking again is of no use.
  func queue(named names: [String]) throws(SlurmFailure) -> SlurmQueue? {
    let queue: SlurmQueue
    do throws(SlurmFailure) { queue = try SlurmQueue(named: names, by: programs) } catch {
      try bear(error)
      return nil
    }
    failing["squeue"] = nil
    takeBack(queue.elements.filter(\.neverBegins))
    return queue
  }

  /// Submits an array.
  ///
  /// - Returns: the number of its job.
  /// - Throws: `SlurmFailure`, which the caller may bear with.
  func submit(_ arguments: [String]) throws(SlurmFailure) -> String {
    let result = try programs.call("sbatch", arguments)
    guard result.status == 0, let number = result.output.split(whereSeparator: { !$0.isNumber }).first else {
      throw .refused("sbatch", words: result.error)
    }
    failing["sbatch"] = nil
    return String(number)
  }

  /// Takes note of a failure that may pass, and says it the first time.
  ///
  /// - Throws: the failure where it does not pass, or has not for so long as it is borne with.
  func bear(_ failure: SlurmFailure) throws(SlurmFailure) {
    guard failure.isPassing, let program = failure.program else { throw failure }
    let since = failing[program] ?? Date()
    failing[program] = since
    guard Date().timeIntervalSince(since) < patience else { throw failure }
    say(once: "\(failure); it is asked again")
  }

  /// Shows a line unless it was shown before.
  func say(once line: String) {
    if said.insert(line).inserted { say(line) }
  }

  /// Takes back the jobs of a name; those alone that have not begun, or all.
  func cancel(named name: String, onlyWaiting: Bool) {
    _ = try? programs.call("scancel", (onlyWaiting ? ["--state=PENDING"] : []) + ["--name=\(name)"])
  }

  private func takeBack(_ elements: [SlurmQueue.Element]) {
    for reason in Set(elements.map(\.reason)).sorted() {
      say(once: "elements that Slurm does not begin are taken back: \(reason)")
    }
    let numbers = elements.map { $0.job + ($0.index.map { "_\($0)" } ?? "") }
    for start in stride(from: 0, to: numbers.count, by: Self.mostTakenBack) {
      _ = try? programs.call(
        "scancel", Array(numbers[start..<min(start + Self.mostTakenBack, numbers.count)]))
    }
  }
}
