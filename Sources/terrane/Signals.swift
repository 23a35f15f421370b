import Foundation
import Host
import Pipelines
import Runs

/// Turns SIGTERM and SIGINT into a request to end the run, which has ``patience`` seconds to do so.
enum Signals {
  /// The request that the signals make.
  static let cancellation = Cancellation()

  /// The seconds that a run has to end, below the 10 seconds that a scheduler commonly waits between SIGTERM
  /// and SIGKILL.
  private static let patience = 8.0

  /// Begins to listen. A job that does not end in time is left where it is: publication is atomic, so
  /// leaving at any moment tears nothing. Where there can be no thread to watch it, a signal ends the process
  /// at once.
  static func listen() {
    _ = cancellation  // A handler must not be the one that creates it.
    unblock()
    let watch: ()? = try? BackgroundThread.start("signals") {
      while !cancellation.isCancelled { Thread.sleep(forTimeInterval: 0.1) }
      Thread.sleep(forTimeInterval: patience)
      CommandExit.say("terrane: the job at hand did not end in \(Int(patience)) s; left as it was")
      _exit(128 + (cancellation.signalNumber ?? SIGTERM))
    }
    guard watch != nil else { return }
    for number in [SIGTERM, SIGINT] {
      signal(number) { Signals.cancellation.cancel(signal: $0) }
    }
  }

  /// Ends the process with 75 where planning goes on for ``patience`` seconds after the deadline: on a
  /// network file system that does not answer, nothing can be asked to end.
  ///
  /// - Returns: what is to be called once planning is over.
  /// - Throws: `SystemError` where there can be no thread for it.
  static func watchPlanning(until deadline: Date?) throws(SystemError) -> () -> Void {
    guard let deadline else { return {} }
    let isOver = Cancellation()
    try BackgroundThread.start("deadline") {
      while Date() < deadline + patience {
        Thread.sleep(forTimeInterval: 0.1)
        if isOver.isCancelled { return }
      }
      CommandExit.say(
        "terrane: the deadline has passed before the inputs could be listed and read; nothing was begun")
      _exit(Runs.ExitCode.tryLater.rawValue)
    }
    return { isOver.cancel(signal: SIGALRM) }
  }

  /// Unblocks the signals: a program that blocks them hands that down to what it starts, as worker threads of
  /// Foundation do, and a run begun by one of them would not hear that it is asked to end.
  private static func unblock() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGTERM, SIGINT] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
