import Layers
import Tensors

/// The training of the network that an adversarial method sets against the trained one, by Adam at a constant
/// rate of its own.
struct OpponentLearning {
  private let parameters: ParameterList
  private let optimizer: AdamW
  private let rate: Double

  /// Learning of a network's parameters; `beta2` is how slowly the mean square of gradients follows.
  init(_ parameters: ParameterList, rate: Double, beta2: Double = 0.999) {
    (self.parameters, self.rate) = (parameters, rate)
    optimizer = AdamW(weightDecay: 0, beta2: beta2)
  }

  /// Moves the parameters by one step of Adam.
  func step(_ gradients: [(parameter: Parameter, gradient: Tensor)]) {
    optimizer.step(gradients) { _ in rate }
  }

  /// Holds copies of the weights and moments by path, as ``DomainMethod/state`` asks for.
  var state: [String: Tensor] {
    get {
      var state = optimizer.state
      for (path, tensor) in parameters.snapshot() { state[Self.prefix + path] = tensor }
      return state
    }
    nonmutating set {
      let isWeight = { (key: String) in key.hasPrefix(Self.prefix) }
      let weights = newValue.filter { isWeight($0.key) }.map {
        (String($0.key.dropFirst(Self.prefix.count)), $0.value)
      }
      parameters.restore(Dictionary(uniqueKeysWithValues: weights))
      optimizer.state = newValue.filter { !isWeight($0.key) }
    }
  }

  private static let prefix = "weights/"
}
