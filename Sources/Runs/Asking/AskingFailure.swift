import Host

/// The reason why a question about an output directory has no answer.
package enum AskingFailure: ExitCoded, Hashable {
  /// Nothing was ever made there.
  case noOutput(String)
  /// The file lies below no output directory.
  case noOwner(String)
  /// No job has left the file that the ledger would know of.
  case unknownFile(String, output: String)
  /// There is no such run.
  case noRun(String, known: [String])

  package var description: String {
    switch self {
    case .noOutput(let path): "\(path): no output directory of terrane: there is no record of a run"
    case .noOwner(let path): "\(path): it lies below no output directory of terrane"
    case .unknownFile(let path, let output): "\(path): no job that the ledger of \(output) knows has left it"
    case .noRun(let name, let known):
      "there is no run '\(name)'" + (known.isEmpty ? "" : "; the newest are \(known.joined(separator: ", "))")
    }
  }

  package var exitCode: ExitCode { .noInput }
}
