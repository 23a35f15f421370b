import Tensors

/// Stochastic gradient descent: v <- m v + g + d w, w <- w - rate v (v starts as the first gradient).
///
/// The definition is PyTorch's `SGD` without dampening. Weight decay d leaves norms and biases alone.
public final class StochasticGradientDescent: Optimizer {
  private let momentum: Float
  private let weightDecay: Float
  private var velocities = Velocities()

  /// SGD with momentum m and weight decay d.
  public init(momentum: Double = 0.9, weightDecay: Double = 0) {
    (self.momentum, self.weightDecay) = (Float(momentum), Float(weightDecay))
  }

  /// Holds copies of the velocities of the parameters.
  public var state: [String: Tensor] {
    get { velocities.state }
    set { velocities.state = newValue }
  }

  /// Moves each parameter by one step along its velocity.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      let decay = parameter.role.decays ? weightDecay : 0
      let rate = Float(rate(parameter))
      let momentum = momentum
      velocities.velocity(of: parameter).mutate { v in
        let v = v.baseAddress!
        change(parameter, along: gradient) { w, g, range in
          for index in range {
            v[index] = momentum * v[index] + g[index] + decay * w[index]
            w[index] -= rate * v[index]
          }
        }
      }
    }
  }
}
