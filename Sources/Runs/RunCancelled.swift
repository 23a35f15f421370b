/// A job ended because the run was asked to end.
public struct RunCancelled: Error, Sendable {
  /// Creates the error that a job throws once it sees that it should end.
  public init() {}
}
