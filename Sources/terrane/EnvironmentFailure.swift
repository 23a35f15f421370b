import Host
import Runs

/// The reason why this process cannot compute here: a limit of the machine or of the process.
enum EnvironmentFailure: ExitCoded, Hashable {
  /// The process cannot learn its arguments.
  case noArguments
  /// The limit of the process's memory leaves no room beside the libraries.
  case noAddressSpace
  /// The stack is too small: its bytes, and the fewest that are enough.
  case smallStack(bytes: UInt64, least: UInt64)
  /// The CPU lacks instructions that terrane was compiled for.
  case noInstructions([String])
  /// The system refuses threads: those to compute on, and those beside them.
  case noThreads(computing: Int, others: Int, SystemError)
  /// The processes of an MPI job do not find each other; the reason.
  case noRanks(String)

  var description: String {
    switch self {
    case .noArguments: "the arguments of the command cannot be had: there is no /proc"
    case .noAddressSpace: "the limit of this process's memory (ulimit -v) leaves no room beside the libraries"
    case .smallStack(let bytes, let least):
      "a stack of \(bytes >> 10) KiB (ulimit -s); \(least >> 10) KiB are needed"
    case .noInstructions(let names):
      "this CPU lacks \(names.joined(separator: ", ")), which terrane was compiled for; build it on this machine"
    case .noThreads(let count, let others, let error):
      "the system gives this process no \(count) threads to compute on, and \(others) beside them: "
        + "\(error.reason) (ulimit -u, pids of a container): '--threads' asks for fewer"
    case .noRanks(let reason): reason
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .noArguments, .noAddressSpace, .smallStack, .noInstructions, .noRanks: .unavailable
    case .noThreads: .inputOutput
    }
  }
}
