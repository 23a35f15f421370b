import Foundation
import Tensors

/// Changes parameters along their gradients.
///
/// An optimiser owns the moments of the parameters it has seen, by path.
public protocol Optimizer: AnyObject {
  /// One step.
  ///
  /// - Parameters:
  ///   - gradients: plain gradients of the parameters that took part; the others stay.
  ///   - rate: the learning rate of each parameter.
  func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double)
}

/// Stochastic gradient descent: v <- m v + g + d w, w <- w - rate v (v starts as the first gradient).
///
/// The definition is PyTorch's `SGD` without dampening. Weight decay d leaves norms and biases alone.
public final class StochasticGradientDescent: Optimizer {
  private let momentum: Float
  private let weightDecay: Float
  private var velocities: [String: Tensor] = [:]

  /// SGD with momentum m and weight decay d.
  public init(momentum: Double = 0.9, weightDecay: Double = 0) {
    (self.momentum, self.weightDecay) = (Float(momentum), Float(weightDecay))
  }

  /// See ``Optimizer``.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      let velocity = velocities[parameter.path] ?? Tensor(repeating: 0, shape: gradient.shape)
      velocities[parameter.path] = velocity
      let decay = parameter.role.decays ? weightDecay : 0
      let rate = Float(rate(parameter))
      let (momentum, v) = (momentum, velocity.storage)
      change(parameter, along: gradient) { w, g, range in
        for index in range {
          v[index] = momentum * v[index] + g[index] + decay * w[index]
          w[index] -= rate * v[index]
        }
      }
    }
  }
}

/// Adam with decoupled weight decay.
///
/// - Source: Loshchilov & Hutter 2019, arXiv:1711.05101; bias correction and the place of epsilon as in PyTorch's `AdamW`. Weight
///   decay leaves norms and biases alone.
public final class AdamW: Optimizer {
  private struct Moments {
    var first, second: Tensor
    var steps = 0
  }

  private let (beta1, beta2): (Double, Double)
  private let epsilon: Float
  private let weightDecay: Double
  private var moments: [String: Moments] = [:]

  /// AdamW; the defaults are PyTorch's.
  public init(weightDecay: Double = 0.01, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8)
  {
    (self.beta1, self.beta2, self.weightDecay) = (beta1, beta2, weightDecay)
    self.epsilon = Float(epsilon)
  }

  /// See ``Optimizer``.
  public func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double) {
    for (parameter, gradient) in gradients {
      var state =
        moments[parameter.path]
        ?? Moments(
          first: Tensor(repeating: 0, shape: gradient.shape),
          second: Tensor(repeating: 0, shape: gradient.shape))
      state.steps += 1
      moments[parameter.path] = state
      update(parameter, gradient, state, rate: rate(parameter))
    }
  }

  private func update(_ parameter: Parameter, _ gradient: Tensor, _ state: Moments, rate: Double) {
    let keep = Float(1 - (parameter.role.decays ? rate * weightDecay : 0))
    let (b1, b2) = (Float(beta1), Float(beta2))
    let (c1, c2) = (1 - pow(beta1, Double(state.steps)), 1 - pow(beta2, Double(state.steps)))
    let size = Float(rate / c1)
    let correction = Float(1 / c2.squareRoot())
    let (epsilon, first, second) = (epsilon, state.first.storage, state.second.storage)
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

/// Lends a parameter and its gradient, both plain, to `body` chunk by chunk on several threads.
private func change(
  _ parameter: Parameter, along gradient: Tensor,
  _ body: (_ weight: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ range: Range<Int>) ->
    Void
) {
  parameter.tensor.mutate { weight in
    gradient.withValues { gradient in
      let (weight, gradient, count) = (weight.baseAddress!, gradient.baseAddress!, weight.count)
      parallelChunks(count) { range in body(weight, gradient, range) }
    }
  }
}
