import Tensors

/// Plain operations run on the host, whatever the kernel set.
extension HostKernels {
  /// Runs the code that the operation itself has, on plain tensors.
  package func result(of operation: any PlainOperation, _ inputs: [Tensor]) -> Tensor {
    operation.resultOnHost(inputs.map(plain))
  }

  /// Runs the code of the adjoint that the operation itself has, on plain tensors.
  package func gradients(
    of operation: any PlainOperation, _ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]
  ) -> [Tensor?] {
    operation.gradientsOnHost(
      plain(gradient), inputs: inputs.map(plain), result: plain(result), wanted: wanted)
  }
}
