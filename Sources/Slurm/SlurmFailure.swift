import Foundation
import Runs

/// The reason why a cluster did not carry out what it was asked to.
package enum SlurmFailure: ExitCoded, Hashable {
  /// A program of Slurm is not on this machine.
  case notInstalled(String)
  /// A program has not ended in time: the controller does not answer. What it had said until then.
  case noAnswer(String, seconds: Double, words: String = "")
  /// A program has ended with an error; what it said.
  case refused(String, words: String)
  /// A coordinator of the output directory is in the queue already.
  case isQueued(job: String)
  /// A job was submitted several times, and none of its elements has left a record.
  case lost(submissions: Int, log: String)
  /// A job was submitted several times, and Slurm never began the last of its elements for a reason that does
  /// not pass.
  case neverBegan(submissions: Int, reason: String)

  /// One sentence.
  package var description: String {
    switch self {
    case .notInstalled(let program): "there is no '\(program)' here: is this a machine that submits to Slurm?"
    case .noAnswer(let program, let seconds, let words):
      "\(program) has not answered within \(Int(seconds)) s" + (words.isEmpty ? "" : ": \(Self.line(words))")
    case .refused(let program, let words):
      words.isEmpty ? "\(program) has failed without a word" : "\(program) refuses: \(Self.line(words))"
    case .isQueued(let job): "a run of this output directory is in the queue already, as job \(job)"
    case .lost(let submissions, let log):
      "\(submissions) elements that were to do it left no record; the log of the last is \(log)"
    case .neverBegan(let submissions, let reason):
      "\(submissions) elements that were to do it left no record; the last was never begun (\(reason))"
    }
  }

  private static func line(_ words: String) -> String {
    words.split(separator: "\n").joined(separator: "; ")
  }

  /// The exit code: 69 without Slurm, 75 where it does not answer, loses jobs or refuses for now, 78 for what
  /// it refuses for good.
  package var exitCode: ExitCode {
    switch self {
    case .notInstalled: .unavailable
    case .noAnswer, .isQueued, .lost, .neverBegan: .tryLater
    case .refused: isPassing ? .tryLater : .badPipelineFile
    }
  }

  /// The program that did not do what it was asked to; nil where none was asked.
  var program: String? {
    switch self {
    case .notInstalled(let program), .noAnswer(let program, _, _), .refused(let program, _): program
    case .isQueued, .lost, .neverBegan: nil
    }
  }
}

extension SlurmFailure {
  /// Whether the same request may be granted in a minute: the controller is away, or takes nothing for now.
  var isPassing: Bool {
    switch self {
    case .noAnswer: true
    // A program that was killed says nothing.
    case .refused(_, let words):
      words.isEmpty || Self.ends(words, with: Self.passing) || namesSubmitLimit
    case .notInstalled, .isQueued, .lost, .neverBegan: false
    }
  }

  /// Whether fewer elements may be granted at once, or as many once others are over.
  var mayGrantFewer: Bool {
    guard case .refused(_, let words) = self else { return false }
    if Self.ends(words, with: Self.tooMany) { return true }
    return Self.ends(words, with: [Self.policy]) && (namesSubmitLimit || !Self.namesLimit(words))
  }

  /// Whether the cluster says that it is the number of elements that it refuses.
  private var namesSubmitLimit: Bool {
    guard case .refused(_, let words) = self else { return false }
    return words.contains(/(Assoc|QOS)\w*Submit\w*Limit/)
  }

  private static func namesLimit(_ words: String) -> Bool { words.contains(/(Assoc|QOS)\w+Limit/) }

  /// Programs say a message of Slurm's table, or of the system's, behind words of their own.
  private static func ends(_ words: String, with messages: [String]) -> Bool {
    words.split(separator: "\n").contains { line in
      messages.contains { line.trimmingCharacters(in: .whitespaces).hasSuffix($0) }
    }
  }

  /// It stands for limits of the number of jobs, which pass, and of their size and time, which do not; most
  /// releases of Slurm say in a line before it which limit it is.
  private static let policy =
    "Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)"

  /// The table of queued jobs is full; an array has more elements than the cluster takes.
  private static let tooMany = ["Resource temporarily unavailable", "Invalid job array specification"]

  private static let passing = [
    "Unable to contact slurm controller (connect failure)",
    "Unable to contact slurm controller (send failure)",
    "Unable to contact slurm controller (receive failure)",
    "Unable to contact slurm controller (shutdown failure)",
    "Zero Bytes were transmitted or received",
    "Socket timed out on send/recv operation",
    "Communication connection failure",
    "Communication shutdown failure",
    "Unexpected missing socket error",
    "Unexpected message received",
    "Header lengths are longer than data received",
    "Failed to send entire message",
    "Slurm backup controller in standby mode",
    "Controller is in standby mode, try a different controller",
    "Unable to create job record, try again",
    "I/O error writing script/environment to file",
    "Job update not available right now, the DB index is being set, try again in a bit",
    "System submissions disabled",
    "Requested nodes are busy",
    "Requested partition configuration not available now",
    "Required partition not available (inactive or drain)",
    // While munge or the controller is started anew, or the clocks of two machines are being set.
    "Failed to connect to authentication agent",
    "Protocol authentication error",
    "Invalid authentication credential",
    // While the cluster is brought to another release.
    "Incompatible versions of client and server code",
    "Resource temporarily unavailable",
    "Cannot allocate memory",
    "Connection refused",
    "Connection reset by peer",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
  ]
}
