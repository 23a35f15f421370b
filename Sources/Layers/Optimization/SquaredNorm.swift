import Tensors

extension Tensor {
  /// The sum of squares of a plain tensor, added up in Double in row-major order.
  var sumOfSquares: Double { withValues { $0.reduce(0) { $0 + Double($1) * Double($1) } } }
}
