import Checkpoints

/// The place where an unfinished training is kept, so that after an interruption it goes on from there to the
/// same bytes.
public struct TrainingCheckpoint {
  /// Seconds from one save to the next, at least; saving takes no more than a twentieth of the time in any
  /// case.
  public let interval: Double
  /// Whether a training that has taken its last step is kept as well, for another process to finish it.
  let keepsLast: Bool
  /// Loads the training that was saved last; nil where none was.
  let load: () -> WeightsFile?
  /// Replaces what was saved, in one step.
  let save: (Safetensors) throws -> Void

  /// Creates a place for an unfinished training.
  public init(
    interval: Double, keepsLast: Bool = false, load: @escaping () -> WeightsFile?,
    save: @escaping (Safetensors) throws -> Void
  ) {
    (self.interval, self.keepsLast, self.load, self.save) = (interval, keepsLast, load, save)
  }
}

/// A clock that tells when a training is to be saved again.
///
/// The clock decides when, never what: a training that goes on from any of its steps takes the same steps.
struct CheckpointClock {
  private let interval: Duration
  private var last = ContinuousClock.now
  private var cost = Duration.zero

  init(interval: Double) { self.interval = .seconds(interval) }

  /// Whether the interval has passed since the last save, and twenty times what it took.
  var isDue: Bool { ContinuousClock.now - last >= max(interval, cost * 20) }

  /// Notes that it was saved, which began at `start`.
  mutating func saved(since start: ContinuousClock.Instant) {
    last = .now
    cost = last - start
  }
}
