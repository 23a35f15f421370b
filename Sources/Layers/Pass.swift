import Numerics
import Tensors

/// One pass through a network: the tape, what the pass is for, and the gradients it brings back.
public final class Pass {
  /// A pass that is for its results alone.
  public enum Inference: Sendable {
    /// All normalisations use their running statistics, which stay as they are.
    case inference
  }

  /// The use that normalisations make of the statistics of the batch.
  public enum Phase: Sendable {
    /// Trainable normalisations use the batch's statistics and move their running ones; frozen ones use the
    /// running ones.
    case training
    /// All normalisations use the batch's statistics; the running ones become the plain average over the
    /// passes (AdaBN).
    case reestimation(pass: Int)
  }

  /// The tape that computes and remembers.
  public let tape: Tape
  /// The use of the batch's statistics, and the kernels that take them; nil in inference.
  let batchStatistics: (phase: Phase, kernels: any AdjointKernels)?
  /// The noise of the pass (dropout, stochastic depth); nil where there is none, and always outside training.
  public let noise: TrainingNoise?
  /// Whether layers that normalise by the batch move their running statistics while training. Who takes two
  /// domains through a network in one pass decides here whose statistics stay.
  public var movesStatistics = true
  /// The steps of running statistics that the pass would have taken, in the order of the layers, where they
  /// are left to whoever runs it; nil where it takes them itself.
  public var statisticsMoves: [StatisticsMove]?
  /// The normalisations by the batch that saw one value a channel, whose running statistics stayed as they
  /// were: paths of modules, in the order in which they came.
  public internal(set) var heldNormalizations: [String] = []
  /// Whether ``recomputed(_:_:)`` keeps what it is given for the way back, or computes it again.
  public var recomputes = false
  /// The computations that will be made again on the way back.
  public internal(set) var recomputations = 0
  /// The values of parameters on the tape that this pass is a part of; nil for a pass of its own.
  private var outer: ((Parameter) -> Value)?
  /// The parameters of such a part: their values there and here.
  private(set) var leaves: [ObjectIdentifier: (outer: Value, own: Value)] = [:]
  private(set) var leafOrder: [ObjectIdentifier] = []
  private var values: [ObjectIdentifier: (parameter: Parameter, value: Value)] = [:]
  private var order: [ObjectIdentifier] = []
  private var updated: [ObjectIdentifier: Value] = [:]

  /// Creates a pass of inference, on any kernels that run forward: it records no way back.
  public init(_ phase: Inference, kernels: any ForwardKernels) {
    (tape, batchStatistics, noise) = (Tape(kernels: kernels), nil, nil)
  }

  /// Creates a pass of training or re-estimation; only training records the way back and is disturbed by
  /// `noise`.
  public init(_ phase: Phase, kernels: any AdjointKernels, noise: TrainingNoise? = nil) {
    batchStatistics = (phase, kernels)
    switch phase {
    case .training: (tape, self.noise) = (Tape(recordingOn: kernels), noise)
    case .reestimation: (tape, self.noise) = (Tape(kernels: kernels), nil)
    }
  }

  /// Creates a pass of training over a part of a network, on a tape of its own, whose parameters are values
  /// of the tape of another pass.
  init(
    on tape: Tape, batchStatistics: (phase: Phase, kernels: any AdjointKernels)?, noise: TrainingNoise?,
    parameters: @escaping (Parameter) -> Value
  ) {
    (self.tape, self.noise, self.batchStatistics) = (tape, noise, batchStatistics)
    outer = parameters
  }

  /// Whether the results of an image depend on that image alone: normalisations use their running statistics.
  public var isInference: Bool { batchStatistics == nil }

  /// Takes a step of a running statistic, or leaves it.
  func move(_ move: StatisticsMove) {
    if statisticsMoves == nil { move.take() } else { statisticsMoves!.append(move) }
  }

  /// Notes a normalisation whose statistics a batch could not tell.
  func hold(_ path: String) {
    if !heldNormalizations.contains(path) { heldNormalizations.append(path) }
  }

  /// Returns the value of a parameter on this tape, with its low-rank update where it has one: one and the
  /// same for every use of it.
  public func value(of parameter: Parameter) -> Value {
    let key = ObjectIdentifier(parameter)
    if let outer {
      if let known = leaves[key] { return known.own }
      let value = outer(parameter)
      let own = Value(value.tensor, needsGradient: tape.isRecording && value.needsGradient)
      leaves[key] = (value, own)
      leafOrder.append(key)
      return own
    }
    guard let update = parameter.update else { return ownValue(of: parameter) }
    if let known = updated[key] { return known }
    let value = tape.lowRankSum(
      ownValue(of: parameter), reduction: ownValue(of: update.reduction),
      expansion: ownValue(of: update.expansion), scale: update.scale, tap: update.tap ?? 0)
    updated[key] = value
    return value
  }

  private func ownValue(of parameter: Parameter) -> Value {
    let key = ObjectIdentifier(parameter)
    if let known = values[key] { return known.value }
    let value = Value(parameter.tensor, needsGradient: tape.isRecording && parameter.isTrainable)
    values[key] = (parameter, value)
    order.append(key)
    return value
  }

  /// Goes back through the network; gradients must have been accumulated on its outputs.
  ///
  /// - Returns: each trainable parameter that took part, with its gradient.
  public func backward() -> [(parameter: Parameter, gradient: Tensor)] {
    tape.backward()
    return order.compactMap { key in
      let (parameter, value) = values[key]!
      return value.gradient.map { (parameter, $0) }
    }
  }
}

/// Chance that keeps a network from relying on single channels and blocks while it trains.
///
/// A pass draws in the order of the network's layers, so that the same network on the same shapes repeats
/// from the state of ``random``; several passes in turn go on from each other's.
public final class TrainingNoise {
  /// The share of the channels that the head reads that are dropped in each image, in `0 ..< 1`.
  public let dropout: Float
  /// The probability, in `0 ..< 1`, that the last residual block is dropped for an image; see
  /// ``StochasticDepth``.
  public let stochasticDepth: Float
  /// The random numbers of the next pass.
  public var random: RandomSource

  /// Noise; a share of 0 draws nothing.
  public init(dropout: Float, stochasticDepth: Float, random: RandomSource) {
    precondition(
      [dropout, stochasticDepth].allSatisfy { $0 >= 0 && $0 < 1 },
      "shares to drop are in 0 ..< 1: \(dropout), \(stochasticDepth)")
    (self.dropout, self.stochasticDepth, self.random) = (dropout, stochasticDepth, random)
  }

  /// 0 with probability `rate`, else 1 / (1 - rate), so that the mean is 1.
  func factors(_ count: Int, dropping rate: Float) -> [Float] {
    (0..<count).map { _ in random.uniform() < Double(rate) ? 0 : 1 / (1 - rate) }
  }
}

extension Pass {
  /// Drops whole channels of each image `[N, C, H, W]`, those that stay divided by the share that does; the
  /// features themselves where the pass has no such noise.
  ///
  /// - Source: Tompson et al. 2015, arXiv:1411.4280, as PyTorch's `Dropout2d`.
  public func dropout(_ features: Value) -> Value {
    guard let noise, noise.dropout > 0 else { return features }
    let shape = features.tensor.shape
    return tape.channelProduct(
      features, constants: noise.factors(shape.batch * shape.channels, dropping: noise.dropout))
  }
}
