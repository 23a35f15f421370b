/// An operation on row-major tensors with its adjoint: code of the host, the same for every kernel set.
///
/// What needs no library and is not on the way of every convolution is one of these, each in a file of its
/// own. A kernel set that has a form of its own for one of them recognises its type in
/// ``ForwardKernels/result(of:_:)`` and ``AdjointKernels/gradients(of:_:inputs:result:wanted:)``; for the
/// others it runs the host's code.
public protocol PlainOperation: Sendable {
  /// Returns the shape of the result; traps, with the shapes, where the inputs do not fit.
  func shape(of inputs: [Shape]) -> Shape
  /// Computes `result`, all of it, from plain inputs; all lie in the host's memory.
  func compute(_ inputs: [Tensor], into result: Tensor)
  /// Returns the gradient with respect to each wanted input, from that of the result; inputs and result are
  /// those of ``compute(_:into:)``. All lie in the host's memory.
  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?]
}

extension PlainOperation {
  /// Returns the result, in the host's memory, of plain tensors that may lie elsewhere.
  package func resultOnHost(_ inputs: [Tensor]) -> Tensor {
    let result = Tensor(uninitialized: shape(of: inputs.map(\.shape)))
    compute(inputs.map(\.onHost), into: result)
    return result
  }

  /// Returns the gradients, in the host's memory, from plain tensors that may lie elsewhere.
  package func gradientsOnHost(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool])
    -> [Tensor?]
  {
    gradients(gradient.onHost, inputs: inputs.map(\.onHost), result: result.onHost, wanted: wanted)
  }
}
