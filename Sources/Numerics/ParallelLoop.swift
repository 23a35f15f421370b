import Foundation
import Synchronization

/// The number of threads that kernels may use; set once at the start of a run.
public enum ComputeThreads {
  private static let setting = Atomic<Int>(2)
  /// The number for what the calling task computes, where it is not the process's.
  @TaskLocal package static var own: Int?

  /// The number of threads, at least 1.
  public static var count: Int {
    get { own ?? setting.load(ordering: .relaxed) }
    set { setting.store(max(1, newValue), ordering: .relaxed) }
  }
}

/// Calls `body` once for each index, on up to ``ComputeThreads/count`` threads, each of which takes the next
/// index when it is done with one.
///
/// Each index must write memory of its own: the result then does not depend on the number of threads. A loop
/// inside a loop stays on its thread.
package func parallelLoop(_ count: Int, _ body: (Int) -> Void) {
  let threads = min(ComputeThreads.count, count)
  guard threads > 1 else {
    for index in 0..<count { body(index) }
    return
  }
  // The closure is called on several threads but never outlives this call.
  withoutActuallyEscaping(body) { body in
    let indices = SharedIndices(count, body)
    if let run = OpenMP.run {
      run(
        { Unmanaged<SharedIndices>.fromOpaque($0!).takeUnretainedValue().work() },
        Unmanaged.passUnretained(indices).toOpaque(), UInt32(threads), 0)
    } else {
      DispatchQueue.concurrentPerform(iterations: threads) { _ in indices.work() }
    }
    withExtendedLifetime(indices) {}
  }
}

/// The indices of a loop, handed out one by one.
private final class SharedIndices: @unchecked Sendable {
  private let count: Int
  private let body: (Int) -> Void
  private let next = Atomic<Int>(0)

  package init(_ count: Int, _ body: @escaping (Int) -> Void) { (self.count, self.body) = (count, body) }

  package func work() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
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
