import Layers
import Models
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

  /// Compares where the processes stand: each decides for itself when a pass is the best or the last, and
  /// gradients of different weights would be added without a word.
  ///
  /// - Throws: ``TrainingFailure/ranksDiffer(pass:)``, on every process, where they are not at the same step,
  ///   weights, score, kernels and threads.
  func agree() throws(TrainingFailure) {
    guard !ranks.isAlone else { return }
    var digest = ValueDigest()
    for byte in identity.utf8 { digest.add(UInt32(byte)) }
    for parameter in weights.model.network.parameters.all where parameter.tensor.layout != .valueless {
      parameter.tensor.withValues { values in for value in values { digest.add(value.bitPattern) } }
    }
    let (pass, progress) = (state.progress.history.count, state.progress)
    let places = [progress.phase, progress.epoch, progress.step, pass, digest.upper, digest.lower]
    let scores = [progress.history.last?.validation, progress.bestScore].map { $0 ?? .nan }
    let all = ranks.gather(places.map(Double.init) + scores).map { $0.map(\.bitPattern) }
    guard all.allSatisfy({ $0 == all[0] }) else { throw .ranksDiffer(pass: pass) }
  }

  /// Differentiates the batches of a step on all processes, each batch on one of them.
  ///
  /// Gradients, losses and running statistics are put together in the order of the batches, so that the step
  /// is that of one process, to the last bit.
  mutating func sharedSum(_ feed: BatchFeed) -> GradientSum {
    var gradients: [(parameter: Parameter, gradient: Tensor)] = []
    var loss = 0.0
    for first in stride(from: 0, to: recipe.accumulation, by: ranks.count) {
      let active = min(ranks.count, recipe.accumulation - first)
      let batches = (0..<active).map { _ in feed.next() }
      // A process without a batch of its own takes the last one, which is not counted.
      let own = differentiate(batches[min(ranks.own, active - 1)], leavesMoves: true)
      gradients = own.gradients
      let length = gradients.reduce(0) { $0 + $1.gradient.shape.count }
      // Phases of a training open more and more parts of the network.
      if orderedSum?.length != length { orderedSum = OrderedSum(of: length, on: ranks) }
      orderedSum!.add(gradients.map(\.gradient), active: active)
      for facts in gather(own, of: active) { loss += take(facts).loss }
    }
    orderedSum!.move(into: gradients.map(\.gradient))
    return GradientSum(meanOf: recipe.accumulation, loss: loss, sums: gradients)
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
}

/// A digest of many values (FNV-1a on words), which differs where one bit of them does, all but for chance.
private struct ValueDigest {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt32) { hash = (hash ^ UInt64(word)) &* 0x100_0000_01b3 }

  var upper: Int { Int(hash >> 32) }
  var lower: Int { Int(hash & 0xffff_ffff) }
}
