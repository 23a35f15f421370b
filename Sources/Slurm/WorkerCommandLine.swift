import Foundation

/// The command by which an element of an array carries out its shard.
public struct WorkerCommandLine: Sendable {
  /// The program.
  private let program: String
  /// The arguments of `terrane work` that all elements have: the pipeline file and what stands in the place
  /// of its settings.
  private let arguments: [String]

  /// Creates the command.
  public init(program: String, arguments: [String]) { (self.program, self.arguments) = (program, arguments) }

  /// Returns a script of sh for elements whose number Slurm tells.
  ///
  /// - Parameters:
  ///   - ranks: the processes of an element. One that dies takes the others along, which would wait for it
  ///     until the element's time is over.
  ///   - processors: those of each process, which srun does not take over from sbatch since Slurm 22.05.
  func script(shards: URL, outcomes: URL, ranks: Int, processors: Int) -> String {
    let words = [program, "work"] + arguments + ["--outcomes", outcomes.path, "--shards", shards.path]
    let launcher = ranks > 1 ? "srun --mpi=pmix --kill-on-bad-exit=1 --cpus-per-task=\(processors) " : ""
    return "exec " + launcher + words.map(Self.quoted).joined(separator: " ")
      + " --shard \"$SLURM_ARRAY_TASK_ID\""
  }

  /// Returns a word as sh reads it back.
  public static func quoted(_ word: String) -> String { "'" + word.replacing("'", with: "'\\''") + "'" }
}
