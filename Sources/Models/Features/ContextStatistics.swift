import Numerics
import Tensors

/// The mean and the deviation of each channel in a square window around each pixel, of the part of the window
/// that lies in the image: `[N, C, H, W]` to `[N, 2 C, H, W]`, all means before all deviations.
///
/// Sums of columns and rows run along in Double.
struct ContextStatistics: PlainOperation {
  /// The side of the window in pixels, odd.
  let side: Int

  func shape(of inputs: [Shape]) -> Shape {
    precondition(inputs.count == 1 && inputs[0].rank == 4 && side % 2 == 1, "a context of \(inputs)")
    return [inputs[0].batch, 2 * inputs[0].channels, inputs[0].height, inputs[0].width]
  }

  func compute(_ inputs: [Tensor], into result: Tensor) {
    let (input, shape) = (inputs[0], inputs[0].shape)
    let (channels, plane) = (shape.channels, shape.height * shape.width)
    nonisolated(unsafe) let (values, answers) = (input.hostValues, result.hostValues)
    parallelLoop(shape.batch * channels) { index in
      let (image, channel) = index.quotientAndRemainder(dividingBy: channels)
      let means = answers + (image * 2 * channels + channel) * plane
      measure(
        values + index * plane, height: shape.height, width: shape.width, means: means,
        deviations: means + channels * plane)
    }
  }

  private func measure(
    _ values: UnsafePointer<Float>, height: Int, width: Int, means: UnsafeMutablePointer<Float>,
    deviations: UnsafeMutablePointer<Float>
  ) {
    let reach = side / 2
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * width) { columns in
      columns.initialize(repeating: 0)
      let (sums, squares) = (columns.baseAddress!, columns.baseAddress! + width)
      func add(_ row: Int, times sign: Double) {
        let line = values + row * width
        for column in 0..<width {
          let value = Double(line[column])
          sums[column] += sign * value
          squares[column] += sign * (value * value)
        }
      }
      for row in 0..<min(reach, height) { add(row, times: 1) }
      for row in 0..<height {
        if row + reach < height { add(row + reach, times: 1) }
        if row - reach - 1 >= 0 { add(row - reach - 1, times: -1) }
        let rows = min(height - 1, row + reach) - max(0, row - reach) + 1
        var (sum, square) = (0.0, 0.0)
        for column in 0..<min(reach, width) { (sum, square) = (sum + sums[column], square + squares[column]) }
        for column in 0..<width {
          if column + reach < width {
            (sum, square) = (sum + sums[column + reach], square + squares[column + reach])
          }
          if column - reach - 1 >= 0 {
            (sum, square) = (sum - sums[column - reach - 1], square - squares[column - reach - 1])
          }
          let count = Double(rows * (min(width - 1, column + reach) - max(0, column - reach) + 1))
          let mean = sum / count
          means[row * width + column] = Float(mean)
          deviations[row * width + column] = Float(max(0, square / count - mean * mean).squareRoot())
        }
      }
    }
  }

  /// Traps: no training goes through features that are measured.
  func gradients(_ gradient: Tensor, inputs: [Tensor], result: Tensor, wanted: [Bool]) -> [Tensor?] {
    preconditionFailure("no gradient goes through the statistics of a context")
  }
}
