import Foundation

/// The threads of OpenMP, on which oneDNN computes and our own loops run.
///
/// They spin for a while after each of oneDNN's operations: other threads would have to fight them for the
/// cores.
package enum OpenMP {
  typealias Region = @convention(c) (UnsafeMutableRawPointer?) -> Void

  /// GCC's entry to a parallel region: what to run, on which data, on how many threads, flags. nil where the
  /// process has no libgomp.
  static let run: (@convention(c) (Region, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void)? = {
    dlsym(nil, "GOMP_parallel").map {
      unsafeBitCast(
        $0, to: (@convention(c) (Region, UnsafeMutableRawPointer?, UInt32, UInt32) -> Void).self)
    }
  }()

  private static let setNumber: (@convention(c) (Int32) -> Void)? = {
    dlsym(nil, "omp_set_num_threads").map { unsafeBitCast($0, to: (@convention(c) (Int32) -> Void).self) }
  }()

  /// Sets how many threads the next operation of oneDNN takes: the number belongs to the calling thread, so
  /// it is set again before each operation.
  package static func use(_ threads: Int) { setNumber?(Int32(threads)) }
}
