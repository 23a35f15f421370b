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

/// The velocity of each parameter that an optimiser with momentum has moved.
struct Velocities {
  private var tensors: [String: Tensor] = [:]
  private static let ending = ".velocity"

  /// Returns the velocity of a parameter, to be changed in place; 0 at first.
  mutating func velocity(of parameter: Parameter) -> Tensor {
    let (path, shape) = (parameter.path, parameter.tensor.shape)
    let velocity = tensors[path] ?? Tensor(repeating: 0, shape: shape)
    precondition(velocity.shape == shape, "\(path) of shape \(shape) has a velocity \(velocity.shape)")
    tensors[path] = velocity
    return velocity
  }

  /// Holds copies of the velocities, each under its parameter's path and `.velocity`; setting it replaces
  /// all of them.
  var state: [String: Tensor] {
    get {
      Dictionary(
        uniqueKeysWithValues: tensors.map { ($0 + Self.ending, Tensor($1.values, shape: $1.shape)) })
    }
    set {
      tensors = [:]
      for (key, tensor) in newValue {
        precondition(key.hasSuffix(Self.ending), "\(key) is not of an optimiser with momentum")
        tensors[String(key.dropLast(Self.ending.count))] = Tensor(tensor.values, shape: tensor.shape)
      }
    }
  }
}

extension Tensor {
  /// The sum of squares of a plain tensor, added up in Double in row-major order.
  var sumOfSquares: Double { withValues { $0.reduce(0) { $0 + Double($1) * Double($1) } } }
}
