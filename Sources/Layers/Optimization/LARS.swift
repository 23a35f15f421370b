import Tensors

/// Layer-wise adaptive rate scaling, for large batches: v <- m v + r (g + d w), w <- w - rate v, where
/// r = c |w| / (|g| + d |w| + epsilon) brings each filter bank's step into proportion to its own norm.
///
/// r is 1 where |w| or |g| is 0. Norms and biases neither decay nor are adapted. The definition is timm's
/// `Lars`, whose `always_adapt` holds for filters: they are adapted even without decay.
///
/// - Source: You et al. 2017, arXiv:1708.03888.
public final class LARS: Optimizer {
  private let momentum: Float
  private let (weightDecay, trust, epsilon): (Double, Double, Double)
  private var velocities = Velocities()

  /// LARS with momentum m, weight decay d and trust coefficient c, which makes steps so small that rates of 1
  /// and more are usual.
  public init(
    momentum: Double = 0.9, weightDecay: Double = 0, trustCoefficient: Double = 0.001, epsilon: Double = 1e-8
  ) {
    self.momentum = Float(momentum)
    (self.weightDecay, trust, self.epsilon) = (weightDecay, trustCoefficient, epsilon)
  }

  /// Holds copies of the velocities of the parameters.
  public var state: [String: Tensor] {
    get { velocities.state }
    set { velocities.state = newValue }
  }

  /// Moves each parameter by one step along its velocity, scaled by its trust ratio.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      let decay = Float(parameter.role.decays ? weightDecay : 0)
      let ratio = parameter.role.decays ? Float(trustRatio(parameter.tensor, gradient)) : 1
      let rate = Float(rate(parameter))
      let momentum = momentum
      velocities.velocity(of: parameter).mutate { v in
        let v = v.baseAddress!
        change(parameter, along: gradient) { w, g, range in
          for index in range {
            v[index] = momentum * v[index] + ratio * (g[index] + decay * w[index])
            w[index] -= rate * v[index]
          }
        }
      }
    }
  }

  private func trustRatio(_ weight: Tensor, _ gradient: Tensor) -> Double {
    let (weight, gradient) = (weight.sumOfSquares.squareRoot(), gradient.sumOfSquares.squareRoot())
    guard weight > 0 && gradient > 0 else { return 1 }
    return trust * weight / (gradient + weightDecay * weight + epsilon)
  }
}
