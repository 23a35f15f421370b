/// The elements of arrays that a cluster knows, by the names of their jobs.
///
/// Jobs are told by name: a controller that dies just after a submission may lose the job and give its number
/// to another.
package struct SlurmQueue: Sendable {
  /// An element of an array, or a job without elements.
  package struct Element: Sendable, Hashable {
    /// The name of the job.
    package let name: String
    /// The number of the array's job, as `scancel` and `--dependency` take it.
    package let job: String
    /// The number of the element; nil of a job without elements, or of elements that still wait together.
    package let index: Int?
    /// Slurm's word for its state, such as `RUNNING`.
    package let state: String
    /// The reason why it waits.
    package let reason: String

    /// Whether it is over, whatever the outcome, or will never be begun.
    package var hasEnded: Bool { Self.ends.contains(state) || neverBegins }
    /// Whether it is being carried out.
    package var isRunning: Bool { ["RUNNING", "COMPLETING", "STAGE_OUT", "SUSPENDED"].contains(state) }

    /// Whether it waits for what does not come by itself: somebody's hand, or resources that the cluster does
    /// not give to one job.
    package var neverBegins: Bool {
      if Self.ends.contains(state) || isRunning { return false }
      // "launch failed requeued held", which later releases write with underscores; JobHeldUser.
      return ["SPECIAL_EXIT", "REQUEUE_HOLD"].contains(state) || Self.hopeless.contains(reason)
        || reason.lowercased().contains("held") || reason.hasSuffix("PerJobLimit")
    }

    private static let ends: Set<String> = [
      "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE",
      "OUT_OF_MEMORY", "REVOKED",
    ]
    private static let hopeless: Set<String> = [
      "DependencyNeverSatisfied", "JobHoldMaxRequeue", "PartitionTimeLimit", "BadConstraints",
      "MaxMemPerLimit", "InvalidAccount", "InvalidQOS", "AccountNotAllowed", "QOSNotAllowed",
    ]
  }

  /// The elements, ended ones among them for as long as the controller remembers them.
  package let elements: [Element]

  /// The columns that are asked for.
  private static let format = "%j|%F|%K|%T|%r"

  /// The names of one call: the kernel takes no argument of more than 128 KiB.
  private static let namesOfCall = 500

  /// Asks a cluster for the jobs of some names.
  ///
  /// - Throws: `SlurmFailure` where it does not answer.
  package init(named names: [String], by command: any SlurmPrograms) throws(SlurmFailure) {
    var text = ""
    for start in stride(from: 0, to: names.count, by: Self.namesOfCall) {
      let part = names[start..<min(start + Self.namesOfCall, names.count)].joined(separator: ",")
      let result = try command.call(
        "squeue", ["--noheader", "--array", "--states=all", "--format=\(Self.format)", "--name=\(part)"])
      guard result.status == 0 else { throw .refused("squeue", words: result.error) }
      text += result.output + "\n"
    }
    self.init(parsing: text)
  }

  /// Reads what `squeue` prints.
  package init(parsing text: String) {
    elements = text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 5 else { return nil }
      return Element(name: parts[0], job: parts[1], index: Int(parts[2]), state: parts[3], reason: parts[4])
    }
  }

  /// The elements that are not over.
  package var active: [Element] { elements.filter { !$0.hasEnded } }

  /// The commonest reason why elements wait; nil where none waits, or Slurm says none.
  package var reasonToWait: String? {
    let reasons = active.filter { !$0.isRunning && $0.reason != "None" }.map(\.reason)
    let counts = Dictionary(grouping: reasons, by: \.self).mapValues(\.count)
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}
