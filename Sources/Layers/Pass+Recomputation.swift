import Tensors

extension Pass {
  /// Computes `body` of a value; where the pass ``recomputes``, nothing of it is kept but its result, and it
  /// is computed again on the way back.
  ///
  /// What is drawn by chance is drawn again from where it was, and running statistics move at the first time
  /// only. Gradients are the same to the last bit where `body` is the first reader of its input, and of each
  /// parameter that it reads more than once the only one.
  ///
  /// - Parameter body: reads no value that wants a gradient but the one it is given and parameters.
  /// - Source: Chen et al. 2016, arXiv:1604.06174.
  public func recomputed(_ input: Value, _ body: @escaping (Value, Pass) -> Value) -> Value {
    guard recomputes, tape.isRecording, let batchStatistics else { return body(input, self) }
    let (noise, drawn) = (noise, noise?.random)
    let ahead = Pass(
      on: Tape(kernels: batchStatistics.kernels), batchStatistics: batchStatistics, noise: noise,
      parameters: { self.value(of: $0) })
    ahead.movesStatistics = movesStatistics
    if statisticsMoves != nil { ahead.statisticsMoves = [] }
    let result = body(Value(input.tensor), ahead).tensor
    ahead.heldNormalizations.forEach(hold)
    ahead.statisticsMoves?.forEach(move)
    let parameters = ahead.leaves.mapValues(\.outer)
    let order = ahead.leafOrder
    let value = tape.record(result, inputs: [input] + order.map { parameters[$0]! }) { gradient, kernels in
      let chance = noise.map {
        TrainingNoise(dropout: $0.dropout, stochasticDepth: $0.stochasticDepth, random: drawn!)
      }
      let again = Pass(
        on: Tape(recordingOn: kernels), batchStatistics: batchStatistics, noise: chance,
        parameters: { parameters[ObjectIdentifier($0)]! })
      again.movesStatistics = false
      let start = Value(input.tensor, needsGradient: input.needsGradient)
      body(start, again).accumulate(gradient, with: kernels)
      again.tape.backward()
      for key in again.leafOrder {
        let leaf = again.leaves[key]!
        if let gradient = leaf.own.gradient { leaf.outer.accumulate(gradient, with: kernels) }
      }
      if let gradient = start.gradient { input.accumulate(gradient, with: kernels) }
    }
    if value.needsGradient { recomputations += 1 }
    return value
  }
}
