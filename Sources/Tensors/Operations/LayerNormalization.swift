/// (x - mean) / sqrt(variance + epsilon) along the last axis, then scale and shift `[C]`; the variance is the
/// biased one.
///
/// - Source: Ba et al. 2016, arXiv:1607.06450.
package struct LayerNormalizationOperation: PlainOperation {
  package let epsilon: Float

  package func shape(of inputs: [Shape]) -> Shape {
    precondition(
      inputs[1].count == inputs[0].extents.last && inputs[1] == inputs[2],
      "scale \(inputs[1]) and shift \(inputs[2]) do not fit \(inputs[0])")
    return inputs[0]
  }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let count = inputs[1].shape.count
    let (scale, shift) = (inputs[1].hostValues, inputs[2].hostValues)
    forEachRow(result) { row in
      let (source, target) = (inputs[0].hostValues + row * count, result.hostValues + row * count)
      let (mean, inverse) = statistics(source, count)
      for index in 0..<count {
        target[index] = (source[index] - mean) * inverse * scale[index] + shift[index]
      }
    }
  }

  /// Computes, with x^ the normalised input and h = scale g, dx = (h - mean(h) - x^ mean(h x^)) /
  /// sqrt(variance + epsilon).
  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let (input, scale) = (inputs[0], inputs[1].hostValues)
    let count = inputs[1].shape.count
    let rows = input.shape.count / count
    let back = Tensor(uninitialized: input.shape)
    let products = Tensor(uninitialized: input.shape)
    forEachRow(input) { row in
      let (source, outer) = (input.hostValues + row * count, UnsafePointer(gradient.hostValues) + row * count)
      let (products, back) = (products.hostValues + row * count, back.hostValues + row * count)
      let (mean, inverse) = statistics(source, count)
      for index in 0..<count { products[index] = outer[index] * (source[index] - mean) * inverse }
      let sum = outer.products(count, with: scale) / Float(count)
      let product = UnsafePointer(products).products(count, with: scale) / Float(count)
      for index in 0..<count {
        let normalized = (source[index] - mean) * inverse
        back[index] = (outer[index] * scale[index] - sum - normalized * product) * inverse
      }
    }
    return [
      back, wanted[1] ? products.sum(ofRows: rows, columns: count) : nil,
      wanted[2] ? gradient.sum(ofRows: rows, columns: count) : nil,
    ]
  }

  private func statistics(_ row: UnsafePointer<Float>, _ count: Int) -> (mean: Float, inverse: Float) {
    let mean = row.sum(count) / Float(count)
    return (mean, 1 / (row.squares(count, around: mean) / Float(count) + epsilon).squareRoot())
  }
}

extension Tape {
  /// Normalises the last axis by its own mean and variance (``LayerNormalizationOperation``).
  public func layerNormalization(_ input: Value, scale: Value, shift: Value, epsilon: Float) -> Value {
    apply(LayerNormalizationOperation(epsilon: epsilon), to: input, scale, shift)
  }
}
