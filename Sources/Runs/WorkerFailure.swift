/// The reason why a worker does not carry out a job that it was told.
public enum WorkerFailure: ExitCoded, Hashable {
  /// The plan of a pipeline file has no job of this id.
  case notPlanned(String, pipeline: String)
  /// The plan has no job of this id any more: it had when the worker was told of it.
  case noLongerPlanned(String)
  /// The job has another key here than the one it was told by.
  case otherKey(own: String, told: String)
  /// A job that this one builds on has not been done.
  case tooEarly(dependency: String)
  /// A file of shards has no line of a number.
  case noShard(Int, file: String)
  /// A job has no part of a number that can be made beforehand.
  case noPart(Int, job: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .notPlanned(let job, let pipeline): "there is no job '\(job)' in the plan of \(pipeline)"
    case .noLongerPlanned(let job):
      "there is no job '\(job)' in the plan any more: its scene is gone, or a setting is not what it was"
    case .otherKey(let own, let told):
      "its key is \(own.prefix(16)) here, not \(told.prefix(16)): a setting or an input is not what it was"
    case .tooEarly(let dependency): "\(dependency) is to be done before it"
    case .noShard(let number, let file): "there is no shard \(number) in \(file)"
    case .noPart(let number, let job): "\(job) has no part \(number)"
    }
  }

  /// The exit code: 64 for a job that is not planned, 75 for one that is to wait or that was planned
  /// otherwise before.
  public var exitCode: ExitCode {
    switch self {
    case .notPlanned, .noShard, .noPart: .usage
    case .noLongerPlanned, .otherKey, .tooEarly: .tryLater
    }
  }
}
