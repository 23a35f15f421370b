import Foundation
import Layers
import Models
import Tensors

/// The optimiser.
public enum OptimizerName: String, CaseIterable, Hashable, Sendable {
  /// ``AdamW``.
  case adamW = "adamw"
  /// ``StochasticGradientDescent`` with momentum 0.9.
  case sgd
  /// ``LARS``: SGD whose rate adapts to each layer.
  case lars
  /// ``LAMB``: Adam whose rate adapts to each layer.
  case lamb

  func makeOptimizer(weightDecay: Double) -> any Optimizer {
    switch self {
    case .adamW: AdamW(weightDecay: weightDecay)
    case .sgd: StochasticGradientDescent(momentum: 0.9, weightDecay: weightDecay)
    case .lars: LARS(momentum: 0.9, weightDecay: weightDecay)
    case .lamb: LAMB(weightDecay: weightDecay)
    }
  }
}

/// The course of the learning rate over a phase of training.
public enum ScheduleName: String, CaseIterable, Hashable, Sendable {
  /// The full rate throughout.
  case constant
  /// A tenth of the rate after each third.
  case step
  /// Down to 0 by a power of what is left.
  case polynomial
  /// Half a cosine to 0.
  case cosine
  /// Half a cosine to 0, several times.
  case cosineRestarts = "cosine-restarts"
  /// Up to the rate in the first third, then down to nearly nothing.
  case oneCycle = "one-cycle"
  /// Up and down in straight lines, several times.
  case triangular

  /// Returns the schedule, for the parameters that it has.
  ///
  /// - Parameters:
  ///   - cycles: how often a schedule with cycles goes round.
  ///   - power: of the polynomial.
  func schedule(warmUp: Double, cycles: Int, power: Double) -> LearningRateSchedule {
    let shape: LearningRateSchedule.Shape =
      switch self {
      case .constant: .constant
      case .step: .step(drops: 3, factor: 0.1)
      case .polynomial: .polynomial(power: power)
      case .cosine: .cosine
      case .cosineRestarts: .cosineRestarts(cycles: cycles, growth: 1)
      case .oneCycle: .oneCycle()
      case .triangular: .triangular(cycles: cycles, floor: 0.1)
      }
    return LearningRateSchedule(shape, warmUp: warmUp)
  }
}

/// The learning rates of a network's stages, as shares of the recipe's.
public enum StageRates: Hashable, Sendable {
  /// Encoder stages get this share of the rate of decoder and head.
  case encoder(Double)
  /// Each stage, from the head back, gets this share of the rate of the one behind it (Howard & Ruder 2018,
  /// arXiv:1801.06146); where the encoder has ``NetworkDescription/layers`` each of them does, and decoder
  /// and head together are what is behind the last (Bao et al. 2021, arXiv:2106.08254).
  case falling(Double)
  /// A share for each stage, from the input on.
  case listed([Double])

  /// Returns the share of the rate of the parameter at a path of a network; 1 where it is of no stage.
  package func share(of path: String, in network: NetworkDescription) -> Double {
    if case .falling(let factor) = self, let layers = network.layers {
      let layer = layers.firstIndex { $0.contains { path.hasPrefix($0) } }
      return layer.map { pow(factor, Double(layers.count - $0)) } ?? 1
    }
    let parts = network.parts
    return parts.firstIndex { $0.contains(path) }.map { share(of: $0, of: parts.count) } ?? 1
  }

  /// Returns the share of stage `index` of `count`, counted from the input; the last two are decoder and
  /// head.
  private func share(of index: Int, of count: Int) -> Double {
    switch self {
    case .encoder(let share): index < count - 2 ? share : 1
    case .falling(let factor): pow(factor, Double(count - 1 - index))
    case .listed(let shares): shares[index]
    }
  }
}
