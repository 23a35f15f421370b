import Tensors

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
