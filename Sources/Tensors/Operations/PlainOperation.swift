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

extension Kernels {
  /// See ``Kernels/result(of:_:)``.
  public func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let inputs = inputs.map(plain)
    let result = Tensor(uninitialized: operation.shape(of: inputs.map(\.shape)))
    operation.compute(inputs, into: result)
    return result
  }
}

extension Tape {
  /// Runs an operation on plain tensors.
  func apply(_ operation: some PlainOperation, to inputs: Value...) -> Value {
    apply(operation, toAll: inputs)
  }

  /// The same on as many tensors as there are.
  func apply(_ operation: some PlainOperation, toAll inputs: [Value]) -> Value {
    let kernels = kernels
    let tensors = inputs.map { kernels.plain($0.tensor) }
    let result = kernels.result(of: operation, tensors)
    return record(result, inputs: inputs) { gradient in
      let gradients = operation.gradients(
        kernels.plain(gradient), inputs: tensors, result: result, wanted: inputs.map(\.needsGradient))
      for (input, gradient) in zip(inputs, gradients) where input.needsGradient {
        input.accumulate(gradient!, with: kernels)
      }
    }
  }
}
