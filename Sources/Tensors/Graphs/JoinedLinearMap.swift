/// A linear map of the last axis, with all that can be done before its result is stored.
///
/// activation(W x + bias + addend).
package struct JoinedLinearMap {
  package var source: Int
  /// `[K, C]`, plain.
  package let weight: Tensor
  /// `[K]`, where there is one.
  package let bias: Tensor?
  /// A node whose result is added, of the shape of this one's.
  package var addend: Int?
  /// The activation of each sum; nil for none.
  package var activation: Activation?

  /// Creates a linear map alone.
  package init(source: Int, weight: Tensor, bias: Tensor?) {
    (self.source, self.weight, self.bias) = (source, weight, bias)
  }
}
