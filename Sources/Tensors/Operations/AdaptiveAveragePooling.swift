import Numerics

/// Means over as many cells as asked: cell i of n goes from floor(i H / n) to ceil((i + 1) H / n), cells may
/// overlap.
struct AdaptiveAveragePooling: PlainOperation {
  package let height, width: Int

  package func shape(of inputs: [Shape]) -> Shape { [inputs[0].batch, inputs[0].channels, height, width] }

  package func compute(_ inputs: [Tensor], into result: Tensor) {
    let shape = inputs[0].shape
    parallelLoop(shape.batch * shape.channels) { plane in
      let source = inputs[0].hostValues + plane * shape.height * shape.width
      forEachCell(of: shape) { index, rows, columns in
        var sum: Float = 0
        for row in rows { for column in columns { sum += source[row * shape.width + column] } }
        result.hostValues[plane * height * width + index] = sum / Float(rows.count * columns.count)
      }
    }
  }

  package func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    let shape = inputs[0].shape
    let back = Tensor(repeating: 0, shape: shape)
    parallelLoop(shape.batch * shape.channels) { plane in
      let target = back.hostValues + plane * shape.height * shape.width
      forEachCell(of: shape) { index, rows, columns in
        let share = gradient.hostValues[plane * height * width + index] / Float(rows.count * columns.count)
        for row in rows { for column in columns { target[row * shape.width + column] += share } }
      }
    }
    return [back]
  }

  private func forEachCell(of shape: Shape, _ body: (Int, Range<Int>, Range<Int>) -> Void) {
    func cell(_ index: Int, of count: Int, over extent: Int) -> Range<Int> {
      index * extent / count..<((index + 1) * extent + count - 1) / count
    }
    for row in 0..<height {
      for column in 0..<width {
        body(
          row * width + column, cell(row, of: height, over: shape.height),
          cell(column, of: width, over: shape.width))
      }
    }
  }
}

extension Tape {
  /// Means over `height` x `width` cells that cover `[N, C, H, W]`.
  public func adaptiveAveragePooling(_ input: Value, height: Int, width: Int) -> Value {
    let shape = input.tensor.shape
    if (shape.height, shape.width) == (height, width) { return input }
    if (height, width) == (1, 1) { return channelMeans(input) }
    return apply(AdaptiveAveragePooling(height: height, width: width), to: input)
  }
}
