import Numerics

/// y = W x + b of the last axis: `[..., C]` with `weight` `[K, C]` and, where there is one, `bias` `[K]`, to
/// `[..., K]`.
package struct LinearMap: PlainOperation {

  package init() {}
  /// Rows that one thread multiplies at a time: enough to reuse the weight, few enough to share the work.
  private static let strip = 128

  package func shape(of inputs: [Shape]) -> Shape {
    let (input, weight) = (inputs[0], inputs[1])
    precondition(
      weight.rank == 2 && input.extents.last == weight[1], "a weight \(weight) does not fit an input \(input)"
    )
    return Shape(input.extents.dropLast() + [weight[0]])
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let (outputs, channels) = (inputs[1].shape[0], inputs[1].shape[1])
    let rows = inputs[0].shape.count / max(1, channels)
    let strips = (rows + Self.strip - 1) / Self.strip
    parallelLoop(strips) { index in
      let first = index * Self.strip
      let count = min(Self.strip, rows - first)
      let target = result.hostValues + first * outputs
      if inputs.count > 2 {
        for row in 0..<count { (target + row * outputs).update(from: inputs[2].hostValues, count: outputs) }
      }
      MatrixProduct(
        rows: count, columns: outputs, inner: channels, transposeRight: true, accumulates: inputs.count > 2
      ).compute(inputs[0].hostValues + first * channels, inputs[1].hostValues, into: target)
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (outputs, channels) = (inputs[1].shape[0], inputs[1].shape[1])
    let rows = inputs[0].shape.count / max(1, channels)
    var gradients: [Tensor?] = inputs.map { _ in nil }
    if wanted[0] {
      let input = Tensor(uninitialized: inputs[0].shape)
      MatrixProduct(rows: rows, columns: channels, inner: outputs)
        .computeOnAllThreads(gradient.hostValues, inputs[1].hostValues, into: input.hostValues)
      gradients[0] = input
    }
    if wanted[1] {
      let weight = Tensor(uninitialized: inputs[1].shape)
      MatrixProduct(rows: outputs, columns: channels, inner: rows, transposeLeft: true)
        .computeOnAllThreads(gradient.hostValues, inputs[0].hostValues, into: weight.hostValues)
      gradients[1] = weight
    }
    if inputs.count > 2 && wanted[2] { gradients[2] = gradient.sum(ofRows: rows, columns: outputs) }
    return gradients
  }
}

extension Tensor {
  /// Returns the sum `[columns]` of the rows of a matrix, in Double.
  package func sum(ofRows rows: Int, columns: Int) -> Tensor {
    let result = Tensor(uninitialized: [columns])
    let (values, totals, strip) = (hostValues, result.hostValues, 64)
    parallelLoop((columns + strip - 1) / strip) { index in
      let first = index * strip
      let count = min(strip, columns - first)
      withUnsafeTemporaryAllocation(of: Double.self, capacity: count) { sums in
        let sums = sums.baseAddress!
        sums.update(repeating: 0, count: count)
        for row in 0..<rows {
          let source = values + row * columns + first
          for column in 0..<count { sums[column] += Double(source[column]) }
        }
        for column in 0..<count { totals[first + column] = Float(sums[column]) }
      }
    }
    return result
  }
}

extension Tape {
  /// Computes y = W x + b of the last axis (``LinearMap``).
  public func linear(_ input: Value, weight: Value, bias: Value?) -> Value {
    if let bias { return apply(LinearMap(), to: input, weight, bias) }
    return apply(LinearMap(), to: input, weight)
  }
}
