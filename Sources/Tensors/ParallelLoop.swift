import Dispatch
import Synchronization

/// How many threads kernels may use; set once at the start of a run.
public enum ComputeThreads {
  private static let setting = Atomic<Int>(2)

  /// The number of threads, at least 1.
  public static var count: Int {
    get { setting.load(ordering: .relaxed) }
    set { setting.store(max(1, newValue), ordering: .relaxed) }
  }
}

/// Calls `body` once for each index, on up to ``ComputeThreads/count`` threads.
///
/// Each index must write memory of its own: the result then does not depend on the number of threads.
package func parallelLoop(_ count: Int, _ body: (Int) -> Void) {
  let threads = min(ComputeThreads.count, count)
  guard threads > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  // The closure is called on several threads but never outlives this call.
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for index in stride(from: thread, to: count, by: threads) { body(index) }
    }
  }
}

/// Calls `body` once for each of the chunks that `0 ..< count` is cut into, on several threads.
///
/// A chunk of 64 Ki floats is large enough to pay for a thread, small enough to share work evenly.
package func parallelChunks(_ count: Int, _ body: (Range<Int>) -> Void) {
  let chunk = 65_536
  parallelLoop((count + chunk - 1) / chunk) { index in
    body(index * chunk..<min((index + 1) * chunk, count))
  }
}
