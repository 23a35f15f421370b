/// A linear map of the last axis, with all that can be done before its result is stored.
///
/// activation(W x + bias + addend).
struct JoinedLinearMap {
  var source: Int
  /// `[K, C]`, plain.
  let weight: Tensor
  /// `[K]`, where there is one.
  let bias: Tensor?
  /// A node whose result is added, of the shape of this one's.
  var addend: Int?
  /// What is done to each sum at last.
  var activation: Activation?

  /// The linear map of constant weights that a plain operation is; nil where it is none.
  init?(_ operation: InferenceGraph.Operation) {
    guard case .plain(let operation, let operands) = operation, operation is LinearMap,
      let source = operands[0].node, case .constant(let weight) = operands[1]
    else { return nil }
    (self.source, self.weight) = (source, weight)
    guard operands.count > 2 else {
      bias = nil
      return
    }
    guard case .constant(let constant) = operands[2] else { return nil }
    bias = constant
  }
}
