import Checkpoints
import Layers
import Numerics
import Tasks
import Tensors

extension TrainingLoop {
  /// The kernels and threads that must be the same for a training to go on to the same bytes.
  var identity: String { "\(kernels.name), \(ComputeThreads.count) threads" }

  /// Keeps the training as it is between two steps.
  mutating func save(_ checkpoint: TrainingCheckpoint) {
    do {
      state.progress.snapshots = state.snapshots.count
      (state.progress.warnings, state.progress.held) = (warnings, held)
      try checkpoint.save(
        state.file(
          weights: weights.snapshot(), optimizer: optimizer.state, average: average?.state ?? [:],
          adaptation: material.adaptation?.method.state ?? [:], identity: identity))
    } catch {
      // An unfinished training that cannot be kept is no reason to end it.
      let warning = "the unfinished training could not be kept: \(error)"
      if !warnings.contains(warning) { warnings.append(warning) }
    }
  }

  /// Takes up what was kept, if it is of this training.
  mutating func resume(
    _ checkpoint: TrainingCheckpoint, _ phases: [TrainingPhase], _ progress: (TrainingStep) -> Void
  ) {
    guard let file = checkpoint.load() else { return }
    guard let saved = TrainingState.read(file, identity: identity), saved.state.progress.phase < phases.count
    else {
      warnings.append("an unfinished training of other kernels or threads was begun anew")
      return
    }
    state = saved.state
    if let said = state.progress.warnings { warnings = said }
    if let known = state.progress.held { held = known }
    weights.restore(saved.weights)
    optimizer.state = saved.optimizer
    average?.state = saved.average
    material.adaptation?.method.state = saved.adaptation
    let phase = phases[state.progress.phase]
    progress(
      TrainingStep(
        phase: phase.name, epoch: state.progress.epoch + 1, epochs: phase.epochs, loss: .nan, rate: .nan,
        best: state.progress.bestScore, metric: task.headline.title, resumedSteps: stepsTaken(phases)))
  }

  /// Steps that lie behind, those of earlier phases included.
  func stepsTaken(_ phases: [TrainingPhase]) -> Int {
    let before = phases.prefix(state.progress.phase).reduce(0) { $0 + $1.epochs } + state.progress.epoch
    return before * stepsPerEpoch + state.progress.step
  }
}
