/// The reason why the files of a job do not count as what it has left.
package enum OutputFailure: ExitCoded, Hashable {
  /// The job has written nothing into its directory.
  case nothing(job: String, directory: String)
  /// The job has left no file of this name.
  case noFile(String, job: String)
  /// A file of an earlier job, by its whole path, is not what was recorded.
  case fault(String, FileFault.Kind)

  /// One sentence.
  package var description: String {
    switch self {
    case .nothing(let job, let directory): "\(job) has left no file in \(directory)"
    case .noFile(let name, let job): "\(job) has left no file named \(name)"
    case .fault(let path, let kind): "\(path) \(kind.rawValue) since it was made; the next run makes it anew"
    }
  }

  /// The exit code: 70 where a job looks for a file that none leaves, else 74.
  package var exitCode: ExitCode {
    switch self {
    case .noFile: .bug
    case .nothing, .fault: .inputOutput
    }
  }
}
