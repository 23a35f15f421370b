import Foundation
import Tensors

/// Running means of the gradient and of its square, as Adam keeps them for each parameter that it has moved.
///
/// - Source: Kingma & Ba 2015, arXiv:1412.6980.
struct AdaptiveMoments {
  /// The moments of one parameter.
  struct Moments {
    /// Running mean of the gradient and of its square; 0 at first.
    let (first, second): (Tensor, Tensor)
    /// Steps taken, the present one included.
    fileprivate(set) var steps: Int

    /// Lends both, to be changed in place.
    func mutate(_ body: (_ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>) -> Void)
    {
      first.mutate { first in second.mutate { second in body(first.baseAddress!, second.baseAddress!) } }
    }

    /// 1 - beta^steps: what a mean that started at 0 lacks.
    func correction(_ beta: Double) -> Double { 1 - pow(beta, Double(steps)) }
  }

  private var moments: [String: Moments] = [:]

  /// Returns the moments for a parameter's next step.
  mutating func next(of parameter: Parameter) -> Moments {
    let (path, shape) = (parameter.path, parameter.tensor.shape)
    var next =
      moments[path]
      ?? Moments(
        first: Tensor(repeating: 0, shape: shape), second: Tensor(repeating: 0, shape: shape), steps: 0)
    precondition(
      next.first.shape == shape && next.second.shape == shape,
      "\(path) of shape \(shape) has moments \(next.first.shape) and \(next.second.shape)")
    next.steps += 1
    moments[path] = next
    return next
  }

  /// Holds copies of the moments and the number of steps of each parameter, under its path and `.first`,
  /// `.second` and `.steps`; setting it replaces all of them.
  var state: [String: Tensor] {
    get {
      moments.reduce(into: [:]) { state, entry in
        let (path, moments) = entry
        state[path + ".first"] = Tensor(moments.first.values, shape: moments.first.shape)
        state[path + ".second"] = Tensor(moments.second.values, shape: moments.second.shape)
        state[path + ".steps"] = Tensor([Float(moments.steps)], shape: [1])
      }
    }
    set {
      moments = [:]
      for (key, first) in newValue where key.hasSuffix(".first") {
        let path = String(key.dropLast(".first".count))
        guard let second = newValue[path + ".second"], let steps = newValue[path + ".steps"] else {
          preconditionFailure("the moments of \(path) are not complete")
        }
        moments[path] = Moments(
          first: Tensor(first.values, shape: first.shape), second: Tensor(second.values, shape: second.shape),
          steps: Int(steps.values[0]))
      }
      precondition(
        newValue.count == 3 * moments.count,
        "\(newValue.count) tensors are not the moments of \(moments.count) parameters")
    }
  }
}
