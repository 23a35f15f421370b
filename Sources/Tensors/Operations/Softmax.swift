/// exp(x) over the sum of all exp(x), along the last axis.
struct Softmax: PlainOperation {
  func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  func compute(_ inputs: [Tensor], into result: Tensor) {
    let count = result.shape.extents.last ?? 1
    forEachRow(result) { row in
      let (source, target) = (inputs[0].storage + row * count, result.storage + row * count)
      var largest = -Float.infinity
      for index in 0..<count { largest = max(largest, source[index]) }
      for index in 0..<count { target[index] = source[index] - largest }
      takeExponentials(target, count: count)
      var sum: Float = 0
      for index in 0..<count { sum += target[index] }
      let factor = 1 / sum
      for index in 0..<count { target[index] *= factor }
    }
  }

  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let count = result.shape.extents.last ?? 1
    let back = Tensor(uninitialized: result.shape)
    forEachRow(result) { row in
      let (share, outer) = (result.storage + row * count, gradient.storage + row * count)
      var mean: Float = 0
      for index in 0..<count { mean += share[index] * outer[index] }
      for index in 0..<count { back.storage[row * count + index] = share[index] * (outer[index] - mean) }
    }
    return [back]
  }
}

/// Calls `body` for each row along the last axis, on several threads.
func forEachRow(_ tensor: Tensor, _ body: (Int) -> Void) {
  let count = max(1, tensor.shape.extents.last ?? 1)
  let rows = tensor.shape.count / count
  let strip = max(1, 8192 / count)
  parallelLoop((rows + strip - 1) / strip) { index in
    for row in index * strip..<min((index + 1) * strip, rows) { body(row) }
  }
}

extension Tape {
  /// Shares along the last axis that sum to 1.
  public func softmax(_ input: Value) -> Value { apply(Softmax(), to: input) }
}
