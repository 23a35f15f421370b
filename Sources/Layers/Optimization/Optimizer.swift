import Numerics
import Tensors

/// Changes parameters along their gradients.
///
/// An optimiser owns what it collects of the parameters it has seen, by path. Its arithmetic runs on the
/// host: parameters, gradients and collected tensors may lie in the memory of any device, and come to the
/// host through `Tensor.mutate` and `Tensor.withValues` alone.
public protocol Optimizer: AnyObject {
  /// Moves the parameters by one step along their gradients.
  ///
  /// - Parameters:
  ///   - gradients: plain gradients of the parameters that took part; the others stay.
  ///   - rate: the learning rate of each parameter.
  func step(_ gradients: [(parameter: Parameter, gradient: Tensor)], rate: (Parameter) -> Double)

  /// A copy of everything collected: a training that was interrupted goes on to the same bytes when an
  /// optimiser with the same settings is given it.
  ///
  /// Keys are a parameter's path and `.velocity`, or `.first`, `.second` (of its shape) and `.steps` (`[1]`).
  /// Setting it takes the place of all that was there; tensors are copied.
  var state: [String: Tensor] { get set }
}

/// Lends a parameter and its gradient, both plain, to `body` chunk by chunk on several threads.
func change(
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
