/// The parts of a job's work that processes of their own can do beforehand, in any order: the trials of an
/// evaluation, the candidates of a choice.
///
/// A part leaves what it has made among the job's unfinished work, where the job finds it; a part that nobody
/// has made the job makes itself, so that the job's files are the same either way.
public struct JobPreparation: Sendable {
  /// The number of parts.
  public let parts: Int
  /// Makes the part of an index, with nothing but the job's unfinished work to write to.
  let make: @Sendable (JobContext, Int) throws -> Void

  /// Creates a preparation.
  package init(parts: Int, make: @escaping @Sendable (JobContext, Int) throws -> Void) {
    (self.parts, self.make) = (parts, make)
  }
}
