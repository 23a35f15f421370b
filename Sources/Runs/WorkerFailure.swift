/// The reason why a worker does not carry out a job that it was told.
public enum WorkerFailure: ExitCoded, Hashable {
  /// The plan of a pipeline file has no job of this id.
  case notPlanned(String, pipeline: String)
  /// The job has another key here than the one it was told by.
  case otherKey(own: String, told: String)
  /// A job that this one builds on has not been done.
  case tooEarly(dependency: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .notPlanned(let job, let pipeline): "there is no job '\(job)' in the plan of \(pipeline)"
    case .otherKey(let own, let told):
      "its key is \(own.prefix(16)) here, not \(told.prefix(16)): a setting or an input is not what it was"
    case .tooEarly(let dependency): "\(dependency) is to be done before it"
    }
  }

  /// The exit code: 64 for a job that is not planned, 75 for one that is to wait.
  public var exitCode: ExitCode {
    switch self {
    case .notPlanned: .usage
    case .otherKey, .tooEarly: .tryLater
    }
  }
}
