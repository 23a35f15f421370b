import Numerics

/// Runs `body` at a given number of compute threads.
///
/// The number is the calling task's: tests that ask for exact bytes run side by side.
public func computing<Result>(threads: Int, _ body: () throws -> Result) rethrows -> Result {
  try ComputeThreads.$own.withValue(threads, operation: body)
}
