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

    /// Whether it is over, whatever the outcome.
    package var hasEnded: Bool { Self.ends.contains(state) || reason == "DependencyNeverSatisfied" }
    /// Whether it is being carried out.
    package var isRunning: Bool { ["RUNNING", "COMPLETING", "STAGE_OUT", "SUSPENDED"].contains(state) }

    private static let ends: Set<String> = [
      "COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE",
      "OUT_OF_MEMORY", "REVOKED",
    ]
  }

  /// The elements, ended ones among them for as long as the controller remembers them.
  package let elements: [Element]

  /// The columns that are asked for.
  private static let format = "%j|%F|%K|%T|%r"

  /// Asks a cluster for the jobs of some names.
  ///
  /// - Throws: `SlurmFailure` where it does not answer.
  package init(named names: [String], by command: any SlurmPrograms) throws(SlurmFailure) {
    guard !names.isEmpty else {
      self.init(parsing: "")
      return
    }
    let result = try command.call(
      "squeue",
      [
        "--noheader", "--array", "--states=all", "--format=\(Self.format)",
        "--name=\(names.joined(separator: ","))",
      ])
    guard result.status == 0 else { throw .refused(result.error) }
    self.init(parsing: result.output)
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
}
