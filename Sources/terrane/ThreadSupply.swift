import Foundation
import Host
import Pipelines
import Runs

/// Whether the system grants the threads that a command computes on.
///
/// OpenMP starts them in the middle of a job, and where it is refused one it ends the process with words of
/// its own.
enum ThreadSupply {
  /// The number of threads beside those that compute: reading, writing, progress.
  private static let others = 3

  /// Starts so many threads at once, and lets them end.
  ///
  /// - Throws: `EnvironmentFailure`, exit 74.
  static func check(_ threads: Int) throws(EnvironmentFailure) {
    guard threads > 1 else { return }
    let (release, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var started = 0
    var refusal: SystemError?
    while started < threads - 1 + others, refusal == nil {
      do throws(SystemError) {
        try BackgroundThread.start("probe") {
          release.wait()
          ended.signal()
        }
        started += 1
      } catch {
        refusal = error
      }
    }
    for _ in 0..<started { release.signal() }
    for _ in 0..<started { ended.wait() }
    if let refusal { throw .noThreads(computing: threads, others: others, refusal) }
  }
}
