import Synchronization

/// The progress of a job. Written by the action from any thread, read by whoever shows it.
public final class JobProgress: Sendable {
  /// The state of a job at a moment.
  public struct Snapshot: Sendable {
    /// Units that there are; 0 where the end is not known.
    public var total = 0
    /// Units that are done.
    public var done = 0
    /// The part of those done that an earlier run did: it says nothing of the speed of this one.
    public var earlier = 0
    /// The unit of the counts: "chips", "rows".
    public var unit = ""
    /// A few words beside the count.
    public var note = ""
    /// The time at which the counting began; nil before.
    public var began: ContinuousClock.Instant?
  }

  private struct State {
    var snapshot = Snapshot()
    var listeners: [@Sendable (TrainingPass) -> Void] = []
  }

  private let state = Mutex(State())

  /// Creates a job that has not begun.
  public init() {}

  /// Begins counting to `total` of `unit` ("chips", "rows"); 0 where the end is not known.
  public func begin(_ total: Int, unit: String) {
    state.withLock {
      $0.snapshot = Snapshot(total: total, unit: unit, note: $0.snapshot.note, began: .now)
    }
  }

  /// Counts `steps` more as done.
  public func advance(by steps: Int = 1) {
    state.withLock { $0.snapshot.done += steps }
  }

  /// Counts `steps` as done by an earlier run; the clock of this one begins here.
  public func resume(after steps: Int) {
    state.withLock {
      $0.snapshot.done += steps
      $0.snapshot.earlier += steps
      $0.snapshot.began = .now
    }
  }

  /// Shows a few words beside the count ("epoch 3/30, loss 0.41").
  public func note(_ words: String) {
    state.withLock { $0.snapshot.note = words }
  }

  /// Tells that a pass of a training has ended.
  public func ended(_ pass: TrainingPass) {
    // Called outside of the lock: a listener may ask for the state.
    for listener in state.withLock({ $0.listeners }) { listener(pass) }
  }

  /// Calls `listener` on the thread of the job whenever a pass of a training has ended.
  public func onPass(_ listener: @escaping @Sendable (TrainingPass) -> Void) {
    state.withLock { $0.listeners.append(listener) }
  }

  /// The state at this moment.
  public var snapshot: Snapshot {
    state.withLock { $0.snapshot }
  }
}
