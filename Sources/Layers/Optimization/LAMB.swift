import Tensors

/// Adam whose steps are brought into proportion to each filter bank's norm, for large batches:
/// u = m' / (sqrt(v') + epsilon) + d w, w <- w - rate |w| / |u| u, with Adam's moments m' and v', corrected
/// for their start.
///
/// The ratio is 1 where |w| or |u| is 0. Norms and biases neither decay nor are adapted. The definition is
/// timm's `Lamb` without its clipping of all gradients to the norm 1 (`max_grad_norm`).
///
/// - Source: You et al. 2020, arXiv:1904.00962.
public final class LAMB: Optimizer {
  private let (beta1, beta2): (Double, Double)
  private let epsilon: Float
  private let weightDecay: Float
  private var moments = AdaptiveMoments()

  /// LAMB with weight decay d; the defaults are timm's.
  public init(weightDecay: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-6)
  {
    (self.beta1, self.beta2) = (beta1, beta2)
    (self.epsilon, self.weightDecay) = (Float(epsilon), Float(weightDecay))
  }

  /// Holds copies of the moments and the number of steps of each parameter.
  public var state: [String: Tensor] {
    get { moments.state }
    set { moments.state = newValue }
  }

  /// Moves each parameter by one step of Adam, scaled by its trust ratio.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      let update = update(parameter, gradient, moments.next(of: parameter))
      let ratio = parameter.role.decays ? trustRatio(parameter.tensor, update) : 1
      let size = Float(rate(parameter) * ratio)
      change(parameter, along: update) { w, u, range in
        for index in range { w[index] -= size * u[index] }
      }
    }
  }

  /// Moves the moments and gives u; the parameter stays, because the norm of all of u decides its step.
  private func update(
    _ parameter: Parameter, _ gradient: Tensor, _ moments: AdaptiveMoments.Moments
  ) -> Tensor {
    let decay = parameter.role.decays ? weightDecay : 0
    let (b1, b2) = (Float(beta1), Float(beta2))
    let scale = Float(1 / moments.correction(beta1))
    let correction = Float(1 / moments.correction(beta2).squareRoot())
    let epsilon = epsilon
    return Tensor(shape: gradient.shape) { update in
      moments.mutate { first, second in
        change(parameter, along: gradient) { w, g, range in
          for index in range {
            first[index] = b1 * first[index] + (1 - b1) * g[index]
            second[index] = b2 * second[index] + (1 - b2) * g[index] * g[index]
            let step = scale * first[index] / (second[index].squareRoot() * correction + epsilon)
            update[index] = step + decay * w[index]
          }
        }
      }
    }
  }

  private func trustRatio(_ weight: Tensor, _ update: Tensor) -> Double {
    let (weight, update) = (weight.sumOfSquares.squareRoot(), update.sumOfSquares.squareRoot())
    return weight > 0 && update > 0 ? weight / update : 1
  }
}
