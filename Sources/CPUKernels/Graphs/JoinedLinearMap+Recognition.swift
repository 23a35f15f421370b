import Tensors

extension JoinedLinearMap {
  /// Creates the linear map of constant weights that a plain operation is; nil where it is none.
  package init?(_ operation: InferenceGraph.Operation) {
    guard case .plain(let operation, let operands) = operation, operation is LinearMap,
      let source = operands[0].node, case .constant(let weight) = operands[1]
    else { return nil }
    guard operands.count > 2 else {
      self.init(source: source, weight: weight, bias: nil)
      return
    }
    guard case .constant(let bias) = operands[2] else { return nil }
    self.init(source: source, weight: weight, bias: bias)
  }
}
