import Foundation

/// The time that OpenMP's threads spin while they wait for each other, before they sleep.
///
/// libgomp lets them spin some 10 ms. Beside other busy processes a spinning thread takes the processor from
/// the one that it waits for: a training on two threads took 19.3 s beside two of them, and 8.8 s with
/// threads that sleep early, where a fair share is 8.1 s. Alone these take .997 of the time of libgomp's own;
/// threads that sleep at once take 1.10 of it: waking takes longer than most waits last. (Medians of nine
/// rounds on two cores of a Xeon.)
enum SpinningThreads {
  /// The turns of libgomp's loop, 50 to 250 µs by the CPU: longer than most waits, shorter than what the
  /// scheduler takes amiss.
  private static let turns = "4000"

  /// Starts the program again under the same process id, with the limit in its environment: libgomp has read
  /// that before the first line of the program. What the user has set stays; where the program cannot be
  /// started again it goes on as it is.
  static func limit() {
    guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil,
      dlsym(nil, "GOMP_parallel") != nil, let program = ThisProgram.file
    else { return }
    setenv("GOMP_SPINCOUNT", turns, 1)
    execv(program, CommandLine.unsafeArgv)
  }
}
