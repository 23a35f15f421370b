import Synchronization

/// How far a task is. Written by the action from any thread, read by whoever shows it.
public final class TaskProgress: Sendable {
  private let state = Mutex((total: 0, done: 0, unit: "", note: ""))

  /// A task that has not begun.
  public init() {}

  /// Begins counting to `total` of `unit` ("chips", "rows"); 0 where the end is not known.
  public func begin(_ total: Int, unit: String) {
    state.withLock { $0 = (total, 0, unit, $0.note) }
  }

  /// Counts `steps` more as done.
  public func advance(by steps: Int = 1) {
    state.withLock { $0.done += steps }
  }

  /// Shows a few words beside the count ("epoch 3/30, loss 0.41").
  public func note(_ words: String) {
    state.withLock { $0.note = words }
  }

  /// The state at this moment.
  public var snapshot: (total: Int, done: Int, unit: String, note: String) {
    state.withLock { $0 }
  }
}
