import Numerics

/// Bilinear interpolation of `[N, C, H, W]` to another size.
///
/// Output pixel i lies at (i + 0.5) H / H' - 0.5 of the input, at least 0; with aligned corners at i (H - 1)
/// / (H' - 1). Both as PyTorch's `interpolate` has them.
package struct BilinearResampling: PlainOperation {
  package let height, width: Int
  package let alignsCorners: Bool

  package func shape(of inputs: [Shape]) -> Shape { [inputs[0].batch, inputs[0].channels, height, width] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let shape = inputs[0].shape
    let (rows, columns) = (taps(shape.height, height), taps(shape.width, width))
    parallelLoop(shape.batch * shape.channels) { plane in
      let source = inputs[0].hostValues + plane * shape.height * shape.width
      let target = result.hostValues + plane * height * width
      for (y, row) in rows.enumerated() {
        let (upper, lower) = (source + row.first * shape.width, source + row.second * shape.width)
        for (x, column) in columns.enumerated() {
          let top = upper[column.first] * (1 - column.weight) + upper[column.second] * column.weight
          let bottom = lower[column.first] * (1 - column.weight) + lower[column.second] * column.weight
          target[y * width + x] = top * (1 - row.weight) + bottom * row.weight
        }
      }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let shape = inputs[0].shape
    let (rows, columns) = (taps(shape.height, height), taps(shape.width, width))
    let back = Tensor(repeating: 0, shape: shape)
    parallelLoop(shape.batch * shape.channels) { plane in
      let target = back.hostValues + plane * shape.height * shape.width
      let source = gradient.hostValues + plane * height * width
      for (y, row) in rows.enumerated() {
        for (place, share) in [(row.first, 1 - row.weight), (row.second, row.weight)] {
          let line = target + place * shape.width
          for (x, column) in columns.enumerated() {
            let value = source[y * width + x] * share
            line[column.first] += value * (1 - column.weight)
            line[column.second] += value * column.weight
          }
        }
      }
    }
    return [back]
  }

  /// Returns the two pixels that one of the result lies between, and the weight of the second.
  private func taps(_ from: Int, _ to: Int) -> [(first: Int, second: Int, weight: Float)] {
    let step =
      alignsCorners
      ? (to > 1 ? Float(from - 1) / Float(to - 1) : 0) : Float(from) / Float(to)
    return (0..<to).map { index in
      let place = alignsCorners ? Float(index) * step : max(0, (Float(index) + 0.5) * step - 0.5)
      let first = min(Int(place), from - 1)
      return (first, min(first + 1, from - 1), place - Float(first))
    }
  }
}

extension Tape {
  /// Resamples bilinearly to `height` x `width` (``BilinearResampling``).
  public func bilinearResampling(_ input: Value, height: Int, width: Int, alignsCorners: Bool) -> Value {
    apply(BilinearResampling(height: height, width: width, alignsCorners: alignsCorners), to: input)
  }
}
