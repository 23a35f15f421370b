/// An operation on row-major tensors with its adjoint, the same for every kernel set.
///
/// What needs no library and is not on the way of every convolution is one of these, each in a file of its own.
public protocol PlainOperation: Sendable {
  /// The shape of the result; traps, with the shapes, where the inputs do not fit.
  func shape(of inputs: [Shape]) -> Shape
  /// Computes `result`, all of it, from plain inputs.
  func compute(_ inputs: [Tensor], into result: Tensor)
  /// The gradient with respect to each wanted input, from that of the result; inputs and result are those of ``compute(_:into:)``.
  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?]
}
