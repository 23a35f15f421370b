import Synchronization

/// A request to end the run, visible to every thread.
public final class Cancellation: Sendable {
  private let signal = Atomic<Int32>(0)

  /// A run that nobody has asked to end.
  public init() {}

  /// Asks the run to end because of signal `number`; the first one asked counts. Safe in a signal handler.
  public func cancel(signal number: Int32) {
    _ = signal.compareExchange(expected: 0, desired: number, ordering: .relaxed)
  }

  /// Whether the run has been asked to end.
  public var isCancelled: Bool { signal.load(ordering: .relaxed) != 0 }

  /// The signal that asked, nil where none did.
  public var signalNumber: Int32? {
    let number = signal.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }
}
