import Numerics
import Tensors

/// Pooling and nearest-neighbour resampling, plane by plane.
extension ReferenceKernels {
  /// Takes the largest value under each kernel position.
  package func maxPooling(_ input: Tensor, kernel: SlidingKernel) -> Tensor {
    maxPoolingWithPlaces(input, kernel: kernel).output
  }

  /// Takes the largest value under each kernel position; the places are offsets in the input's plane as
  /// Int32.
  package func maxPoolingWithPlaces(_ input: Tensor, kernel: SlidingKernel)
    -> (output: Tensor, places: Workspace)
  {
    let shape = input.shape
    let output = kernel.shape(over: shape, channels: shape.channels)
    let result = Tensor(uninitialized: output)
    let places = Workspace(bytes: output.count * 4)
    let offsets = places.pointer.assumingMemoryBound(to: Int32.self)
    parallelLoop(shape.batch * shape.channels) { plane in
      let source = input.hostValues + plane * shape.height * shape.width
      var index = plane * output.height * output.width
      for row in 0..<output.height {
        for column in 0..<output.width {
          let (value, place) = largest(in: source, of: shape, row: row, column: column, kernel: kernel)
          result.hostValues[index] = value
          offsets[index] = Int32(place)
          index += 1
        }
      }
    }
    return (result, places)
  }

  private func largest(
    in plane: UnsafePointer<Float>, of shape: Shape, row: Int, column: Int, kernel: SlidingKernel
  ) -> (Float, Int) {
    let rows = kernel.rows.pixels(at: row, of: shape.height)
    let columns = kernel.columns.pixels(at: column, of: shape.width)
    var (best, place) = (-Float.infinity, rows.lowerBound * shape.width + columns.lowerBound)
    for y in rows {
      for x in columns {
        let value = plane[y * shape.width + x]
        if value > best { (best, place) = (value, y * shape.width + x) }
      }
    }
    return (best, place)
  }

  /// Adds each gradient to the input that the maximum came from.
  package func maxPoolingGradient(
    _ gradient: Tensor, places: Workspace, inputShape: Shape, kernel: SlidingKernel
  ) -> Tensor {
    let result = Tensor(repeating: 0, shape: inputShape)
    let offsets = places.pointer.assumingMemoryBound(to: Int32.self)
    let positions = gradient.shape.height * gradient.shape.width
    parallelLoop(inputShape.batch * inputShape.channels) { plane in
      let target = result.hostValues + plane * inputShape.height * inputShape.width
      for index in plane * positions..<(plane + 1) * positions {
        target[Int(offsets[index])] += gradient.hostValues[index]
      }
    }
    return result
  }

  /// Copies input row floor(r * H / height) to output row r, and columns likewise.
  package func nearestResampling(_ input: Tensor, height: Int, width: Int) -> Tensor {
    let shape = input.shape
    let result = Tensor(uninitialized: [shape.batch, shape.channels, height, width])
    let columns = (0..<width).map { $0 * shape.width / width }
    parallelLoop(shape.batch * shape.channels) { plane in
      for row in 0..<height {
        let source = input.hostValues + (plane * shape.height + row * shape.height / height) * shape.width
        let target = result.hostValues + (plane * height + row) * width
        for column in 0..<width { target[column] = source[columns[column]] }
      }
    }
    return result
  }

  /// Sums the gradients of the outputs that one input fed.
  package func nearestResamplingGradient(_ gradient: Tensor, inputShape: Shape) -> Tensor {
    let (height, width) = (gradient.shape.height, gradient.shape.width)
    let result = Tensor(repeating: 0, shape: inputShape)
    let columns = (0..<width).map { $0 * inputShape.width / width }
    parallelLoop(inputShape.batch * inputShape.channels) { plane in
      for row in 0..<height {
        let fromRow = row * inputShape.height / height
        let target = result.hostValues + (plane * inputShape.height + fromRow) * inputShape.width
        let source = gradient.hostValues + (plane * height + row) * width
        for column in 0..<width { target[columns[column]] += source[column] }
      }
    }
    return result
  }
}
