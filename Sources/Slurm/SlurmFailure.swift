import Runs

/// The reason why a cluster did not carry out what it was asked to.
package enum SlurmFailure: ExitCoded, Hashable {
  /// A program of Slurm is not on this machine.
  case notInstalled(String)
  /// A program has not ended in time: the controller does not answer.
  case noAnswer(String, seconds: Double)
  /// A submission was refused; what `sbatch` said.
  case refused(String)
  /// A coordinator of the output directory is in the queue already.
  case isQueued(job: String)
  /// A job was submitted several times, and none of its elements has left a record.
  case lost(submissions: Int, log: String)

  /// One sentence.
  package var description: String {
    switch self {
    case .notInstalled(let program): "there is no '\(program)' here: is this a machine that submits to Slurm?"
    case .noAnswer(let program, let seconds): "\(program) has not answered within \(Int(seconds)) s"
    case .refused(let words): "sbatch refuses: \(words)"
    case .isQueued(let job): "a run of this output directory is in the queue already, as job \(job)"
    case .lost(let submissions, let log):
      "\(submissions) elements that were to do it left no record; the log of the last is \(log)"
    }
  }

  /// The exit code: 69 without Slurm, 75 where it does not answer or loses jobs, 78 for what it refuses.
  package var exitCode: ExitCode {
    switch self {
    case .notInstalled: .unavailable
    case .noAnswer, .isQueued, .lost: .tryLater
    case .refused: .badPipelineFile
    }
  }
}
