import Foundation

/// exp(min(x, bound)): a temperature that is learned as its logarithm.
struct BoundedExponential: PlainOperation {
  let bound: Float

  package func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    for index in 0..<result.shape.count {
      result.hostValues[index] = exp(min(inputs[0].hostValues[index], bound))
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let back = Tensor(uninitialized: result.shape)
    for index in 0..<result.shape.count {
      let isFree = inputs[0].hostValues[index] <= bound
      back.hostValues[index] = isFree ? gradient.hostValues[index] * result.hostValues[index] : 0
    }
    return [back]
  }
}

extension Tape {
  /// exp(min(x, bound)) of each number.
  public func boundedExponential(_ input: Value, bound: Float) -> Value {
    apply(BoundedExponential(bound: bound), to: input)
  }
}
