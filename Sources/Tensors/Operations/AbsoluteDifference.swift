import Numerics

/// |a - b| of each number; its gradient is 0 where they are equal.
struct AbsoluteDifference: PlainOperation {
  package func shape(of inputs: [Shape]) -> Shape {
    precondition(inputs[0] == inputs[1], "no difference of \(inputs[0]) and \(inputs[1])")
    return inputs[0]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (left, right) = (inputs[0].hostValues, inputs[1].hostValues)
    parallelChunks(result.shape.count) { chunk in
      for index in chunk { result.hostValues[index] = abs(left[index] - right[index]) }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (left, right) = (inputs[0].hostValues, inputs[1].hostValues)
    return wanted.enumerated().map { place, isWanted in
      guard isWanted else { return nil }
      let back = Tensor(uninitialized: gradient.shape)
      let sign: Float = place == 0 ? 1 : -1
      parallelChunks(gradient.shape.count) { chunk in
        for index in chunk {
          let slope: Float = left[index] == right[index] ? 0 : left[index] > right[index] ? sign : -sign
          back.hostValues[index] = slope * gradient.hostValues[index]
        }
      }
      return back
    }
  }
}

extension Tape {
  /// |left - right| of each number.
  public func absoluteDifference(_ left: Value, _ right: Value) -> Value {
    apply(AbsoluteDifference(), to: left, right)
  }
}
