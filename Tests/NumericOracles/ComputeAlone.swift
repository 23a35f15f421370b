import Numerics
import Synchronization
import Tensors

private let turn = Mutex<Void>(())

/// Runs `body` at a given number of compute threads, one such body at a time, and puts the number back.
///
/// The thread count belongs to the process: tests that ask for exact bytes must not see another test change
/// it.
public func computing<Result>(threads: Int, _ body: () throws -> Result) rethrows -> Result {
  try turn.withLock { _ in
    let before = ComputeThreads.count
    ComputeThreads.count = threads
    defer { ComputeThreads.count = before }
    return try body()
  }
}
