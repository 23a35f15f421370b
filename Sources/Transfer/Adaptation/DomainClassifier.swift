import Layers
import Tensors

/// Tells by the features of a pixel which of two domains it is of: three linear maps with ReLUs between them.
package struct DomainClassifier {
  /// The parameters of the classifier.
  package let parameters = ParameterList()
  private let layers: [Linear]

  /// Numbers between the maps.
  private static let width = 64

  /// Creates a classifier of `inputs` features with fresh weights.
  package init(inputs: Int, seed: UInt64) {
    let root = ParameterScope(parameters, seed: seed)
    layers = [(inputs, Self.width), (Self.width, Self.width), (Self.width, 1)].enumerated().map {
      index, sizes in
      Linear(inputs: sizes.0, outputs: sizes.1, in: root.child("layer\(index)"))
    }
  }

  /// Returns the mean binary cross-entropy over two domains' rows `[n, D]` and `[m, D]`, each domain counting
  /// half, and its gradients as they are: nothing is reversed.
  package func evaluate(_ source: Tensor, _ target: Tensor, _ kernels: any AdjointKernels) -> (
    value: Double, source: Tensor, target: Tensor, parameters: [(parameter: Parameter, gradient: Tensor)]
  ) {
    let pass = Pass(.training, kernels: kernels)
    let inputs = [Value(source, needsGradient: true), Value(target, needsGradient: true)]
    var loss = 0.0
    for (input, domain) in zip(inputs, [Domain.source, .target]) {
      let logits = logits(input, in: pass)
      let found = DomainLoss(kernels.plain(logits.tensor), domain, share: 0.5)
      logits.accumulate(found.gradient, with: kernels)
      loss += found.value
    }
    let gradients = pass.backward()
    return (loss, inputs[0].gradient!, inputs[1].gradient!, gradients)
  }

  /// `[n, D]` to `[n, 1]`.
  private func logits(_ rows: Value, in pass: Pass) -> Value {
    let hidden = layers.dropLast().reduce(rows) { pass.tape.activation($1($0, in: pass), .relu) }
    return layers.last!(hidden, in: pass)
  }
}
