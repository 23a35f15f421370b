import Foundation
import Tensors

/// Adam with decoupled weight decay.
///
/// - Source: Loshchilov & Hutter 2019, arXiv:1711.05101; bias correction and the place of epsilon as in
///   PyTorch's `AdamW`. Weight decay leaves norms and biases alone.
public final class AdamW: Optimizer {
  private let (beta1, beta2): (Double, Double)
  private let epsilon: Float
  private let weightDecay: Double
  private var moments = AdaptiveMoments()

  /// AdamW; the defaults are PyTorch's.
  public init(weightDecay: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  {
    (self.beta1, self.beta2, self.weightDecay) = (beta1, beta2, weightDecay)
    self.epsilon = Float(epsilon)
  }

  /// Holds copies of the moments and the number of steps of each parameter.
  public var state: [String: Tensor] {
    get { moments.state }
    set { moments.state = newValue }
  }

  /// Moves each parameter by one step of Adam, after its weight decay.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      update(parameter, gradient, moments.next(of: parameter), rate: rate(parameter))
    }
  }

  private func update(
    _ parameter: Parameter, _ gradient: Tensor, _ moments: AdaptiveMoments.Moments, rate: Double
  ) {
    let keep = Float(1 - (parameter.role.decays ? rate * weightDecay : 0))
    let (b1, b2) = (Float(beta1), Float(beta2))
    let size = Float(rate / moments.correction(beta1))
    let correction = Float(1 / moments.correction(beta2).squareRoot())
    let epsilon = epsilon
    moments.mutate { first, second in
      change(parameter, along: gradient) { w, g, range in
        for index in range {
          first[index] = b1 * first[index] + (1 - b1) * g[index]
          second[index] = b2 * second[index] + (1 - b2) * g[index] * g[index]
          let step = first[index] / (second[index].squareRoot() * correction + epsilon)
          w[index] = w[index] * keep - size * step
        }
      }
    }
  }
}
