import Numerics

/// exp(x) over the sum of all exp(x), along the last axis.
struct Softmax: PlainOperation {
  package func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let count = result.shape.extents.last ?? 1
    forEachRow(result) { row in
      let target = result.hostValues + row * count
      target.update(from: inputs[0].hostValues + row * count, count: count)
      takeSoftmax(target, count: count)
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let count = result.shape.extents.last ?? 1
    let back = Tensor(uninitialized: result.shape)
    forEachRow(result) { row in
      let (share, outer) = (result.hostValues + row * count, gradient.hostValues + row * count)
      let mean = UnsafePointer(share).products(count, with: outer)
      for index in 0..<count { back.hostValues[row * count + index] = share[index] * (outer[index] - mean) }
    }
    return [back]
  }
}

/// Replaces the numbers of a row by exp(`scale` x) over the sum of all exp(`scale` x).
func takeSoftmax(_ row: UnsafeMutablePointer<Float>, count: Int, scale: Float = 1) {
  let largest = UnsafePointer(row).largest(count)
  for index in 0..<count { row[index] = scale * (row[index] - largest) }
  takeExponentials(row, count: count)
  let factor = 1 / UnsafePointer(row).sum(count)
  for index in 0..<count { row[index] *= factor }
}

/// Calls `body` for each row along the last axis, on several threads.
package func forEachRow(_ tensor: Tensor, _ body: (Int) -> Void) {
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
