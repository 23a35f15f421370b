import Tensors

/// Plain operations run on the host, whatever the kernel set.
extension HostKernels {
  /// Runs the code that the operation itself has, on plain tensors.
  package func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    let inputs = inputs.map(plain)
    let result = Tensor(uninitialized: operation.shape(of: inputs.map(\.shape)))
    operation.compute(inputs, into: result)
    return result
  }
}
