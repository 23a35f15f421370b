import Tensors

/// Plain operations run on the host, whatever the kernel set.
extension Kernels {
  /// See ``Kernels/result(of:_:)``.
  public func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let inputs = inputs.map(plain)
    let result = Tensor(uninitialized: operation.shape(of: inputs.map(\.shape)))
    operation.compute(inputs, into: result)
    return result
  }
}
