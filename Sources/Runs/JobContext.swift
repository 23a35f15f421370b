import Foundation

/// The environment in which an action works.
public struct JobContext: Sendable {
  /// The subject of the job.
  public let subject: String
  /// The kind of artifact that the job produces.
  public let produces: ArtifactKind
  /// The directory in which the action writes its files: a fresh one of this job's own. Once the action has
  /// returned, every file in it is hashed, flushed to the disk and renamed to its final name, so nothing torn
  /// is ever seen; an action that throws leaves nothing behind.
  public let directory: URL
  /// The output directory; read from it, write to ``directory``.
  public let output: URL
  /// The directory in which the action may keep what a later run can go on from, if this one is cut short;
  /// the action makes it when it has something to keep. Removed once the job has published.
  public let unfinished: URL
  /// The key of the job, for provenance in files.
  public let key: String
  /// The id of the run, for logs; never for files, or the same input would not give the same bytes.
  public let runID: String
  /// The number of threads to use.
  public let threads: Int
  /// The outputs of the jobs that this one depends on, in the order of its dependencies.
  public let inputs: [JobOutput]
  /// The progress that the action reports.
  public let progress: JobProgress
  /// Whether the run has been asked to end.
  public let cancellation: Cancellation

  package init(
    of job: Job, directory: URL, output: URL, unfinished: URL, runID: String, threads: Int,
    inputs: [JobOutput], progress: JobProgress, cancellation: Cancellation
  ) {
    (subject, produces, key) = (job.subject, job.produces, job.key)
    (self.directory, self.output, self.unfinished) = (directory, output, unfinished)
    (self.runID, self.threads, self.inputs) = (runID, threads, inputs)
    (self.progress, self.cancellation) = (progress, cancellation)
  }

  /// Whether the run has been asked to end: poll it at least every second and throw ``RunCancelled``.
  public var isCancelled: Bool { cancellation.isCancelled }

  /// Throws ``RunCancelled`` where the run has been asked to end.
  public func checkCancellation() throws {
    if isCancelled { throw RunCancelled() }
  }

  /// Returns the published file of a dependency, by its file name.
  ///
  /// - Throws: `OutputFailure` where the dependency has no such file.
  public func file(named name: String, of input: JobOutput) throws -> URL {
    guard let file = input.files.first(where: { $0.path == "\(input.directory)/\(name)" }) else {
      throw OutputFailure.noFile(name, job: input.job)
    }
    return output.appendingPathComponent(file.path)
  }
}
