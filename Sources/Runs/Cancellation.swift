import Foundation
import Synchronization

/// A request to end the run, visible to every thread.
public final class Cancellation: Sendable {
  private let signal = Atomic<Int32>(0)
  private let outer: Cancellation?
  private let deadline: Date?

  /// Creates a run that nobody has asked to end.
  public init() { (outer, deadline) = (nil, nil) }

  /// Creates a part of a run: it ends when the run does, and at `deadline` besides.
  public init(within run: Cancellation, deadline: Date?) { (outer, self.deadline) = (run, deadline) }

  /// Asks the run to end because of signal `number`; the first one asked counts. Safe in a signal handler.
  public func cancel(signal number: Int32) {
    _ = signal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
  }

  /// Whether the run has been asked to end, or its time is over.
  public var isCancelled: Bool { signalNumber != nil || deadline.map { Date() >= $0 } ?? false }

  /// The signal that asked, nil where none did.
  public var signalNumber: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? outer?.signalNumber : number
  }
}
