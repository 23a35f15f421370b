extension Tape {
  /// Runs an operation on plain tensors.
  package func apply(_ operation: some PlainOperation, to inputs: Value...) -> Value {
    apply(operation, toAll: inputs)
  }

  /// Runs an operation on a list of plain tensors.
  package func apply(_ operation: some PlainOperation, toAll inputs: [Value]) -> Value {
    let tensors = inputs.map { kernels.plain($0.tensor) }
    let result = kernels.result(of: operation, tensors)
    return record(result, inputs: inputs) { gradient, kernels in
      let gradients = kernels.gradients(
        of: operation, kernels.plain(gradient), inputs: tensors, result: result,
        wanted: inputs.map(\.needsGradient))
      for (input, gradient) in zip(inputs, gradients) where input.needsGradient {
        input.accumulate(gradient!, with: kernels)
      }
    }
  }
}
