import Layers
import Numerics
import Tensors

extension TrainingLoop {
  /// Whether the batches of a step are shared among processes. Where chance is drawn batch after batch inside
  /// the network, or two domains go through it together, each process takes all of them.
  var sharesBatches: Bool {
    !ranks.isAlone && material.adaptation == nil && recipe.noise(at: state.progress.noiseNumbers) == nil
  }

  /// Says why processes do not share the training as they could.
  mutating func noteRanks() {
    guard !ranks.isAlone else { return }
    let note: String
    if !sharesBatches {
      note =
        "\(ranks.count) processes were started, but each took all batches: a training with dropout, stochastic depth or another "
        + "domain is not shared"
    } else if recipe.accumulation < ranks.count {
      note =
        "\(ranks.count) processes were started for \(recipe.accumulation) batches of a step: "
        + "'accumulate' has one batch for each process at least"
    } else {
      return
    }
    if !warnings.contains(note) { warnings.append(note) }
  }

  /// Differentiates the batches of a step on all processes, each batch on one of them.
  ///
  /// Gradients, losses and running statistics are put together in the order of the batches, so that the step
  /// is that of one process, to the last bit.
  mutating func sharedSum(_ feed: BatchFeed) -> GradientSum {
    var sum: OrderedSum?
    var layout: [(parameter: Parameter, gradient: Tensor)] = []
    var loss = 0.0
    for first in stride(from: 0, to: recipe.accumulation, by: ranks.count) {
      let active = min(ranks.count, recipe.accumulation - first)
      let batches = (0..<active).map { _ in feed.next() }
      // A process without a batch of its own takes the last one, which is not counted.
      let own = differentiate(batches[min(ranks.own, active - 1)], leavesMoves: true)
      layout = own.gradients
      let values = layout.flatMap { $0.gradient.values }
      if sum == nil { sum = OrderedSum(of: values.count, on: ranks) }
      sum!.add(values, active: active)
      for facts in gather(own, of: active) { loss += take(facts).loss }
    }
    return GradientSum(meanOf: recipe.accumulation, loss: loss, sums: Self.split(sum!.values, like: layout))
  }

  /// Returns what the first `active` processes have made of their batches, and takes their steps of running
  /// statistics; the gradients are this process's own.
  private func gather(_ own: DifferentiatedBatch, of active: Int) -> [DifferentiatedBatch] {
    let facts = [own.loss, own.ownLoss, own.chance ?? .nan] + own.moves.flatMap { $0.batch.map(Double.init) }
    return ranks.gather(facts).prefix(active).map { facts in
      var place = 3
      for move in own.moves {
        move.by(facts[place..<place + move.batch.count].map { Float($0) }).take()
        place += move.batch.count
      }
      return DifferentiatedBatch(
        loss: facts[0], ownLoss: facts[1], chance: facts[2].isNaN ? nil : facts[2], gradients: own.gradients,
        moves: [])
    }
  }

  private static func split(
    _ values: [Float], like layout: [(parameter: Parameter, gradient: Tensor)]
  ) -> [(parameter: Parameter, gradient: Tensor)] {
    var place = 0
    return layout.map { parameter, gradient in
      let count = gradient.shape.count
      defer { place += count }
      return (parameter, Tensor(Array(values[place..<place + count]), shape: gradient.shape))
    }
  }
}
