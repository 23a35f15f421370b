/// An activation of something small and plain, as it is computed from parameters alone: a table of biases.
///
/// ``ForwardKernels/activation(_:_:)`` belongs to what is computed from the image; a recording computes this
/// one once.
struct ParameterActivation: PlainOperation {
  package let function: Activation

  package func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    result.hostValues.update(from: inputs[0].hostValues, count: result.shape.count)
    function.apply(to: result.hostValues, count: result.shape.count)
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(uninitialized: gradient.shape)
    back.hostValues.update(from: gradient.hostValues, count: gradient.shape.count)
    function.differentiate(inputs[0].hostValues, into: back.hostValues, count: back.shape.count)
    return [back]
  }
}

extension Tape {
  /// Applies a function to each number of what parameters alone decide.
  public func parameterActivation(_ input: Value, _ function: Activation) -> Value {
    apply(ParameterActivation(function: function), to: input)
  }
}
