import Numerics
import Tensors

/// The gradient of filters of single channels, of blocked tensors: for kernels wider than 3, which oneDNN 2 has
/// plain loops for only, both with and without AVX-512.
///
/// The unrolled product took a quarter of a training step of EfficientNet-B4, whose kernels of 5 x 5 these are.
struct DepthwiseWeightGradient {
  let kernel: SlidingKernel
  let input, output: Shape
  /// Channels that lie side by side: 8 or 16.
  let block: Int

  /// Computes the gradient `[C, 1, k, l]`.
  ///
  /// - Parameters:
  ///   - gradient: of the output, `[N, C / block, H', W', block]`.
  ///   - images: `[N, C / block, H, W, block]`.
  func callAsFunction(_ gradient: UnsafePointer<Float>, images: UnsafePointer<Float>) -> Tensor {
    let channels = input.channels
    let blocks = (channels + block - 1) / block
    let result = Tensor(uninitialized: [channels, 1, kernel.rows.size, kernel.columns.size])
    let filters = result.hostValues
    parallelLoop(blocks) { number in
      withScratch(block) { sums in
        for tap in 0..<kernel.area {
          if block == 16 {
            add(tap, number, blocks, gradient, images, into: sums, as: SIMD16<Float>.self)
          } else {
            add(tap, number, blocks, gradient, images, into: sums, as: SIMD8<Float>.self)
          }
          for channel in number * block..<min((number + 1) * block, channels) {
            filters[channel * kernel.area + tap] = sums[channel - number * block]
          }
        }
      }
    }
    return result
  }

  /// Sums, over the images and the places where a tap meets the input, the products of both.
  @inline(__always)
  private func add<Channels: SIMD<Float>>(
    _ tap: Int, _ number: Int, _ blocks: Int, _ gradient: UnsafePointer<Float>,
    _ images: UnsafePointer<Float>, into sums: UnsafeMutablePointer<Float>, as type: Channels.Type
  ) {
    let (down, right) = (tap / kernel.columns.size, tap % kernel.columns.size)
    let columns = kernel.columns.outputs(of: right, inputs: input.width, outputs: output.width)
    let step = kernel.columns.stride * block
    var total = Channels.zero
    for image in 0..<input.batch {
      let plane = image * blocks + number
      for row in kernel.rows.outputs(of: down, inputs: input.height, outputs: output.height) {
        let from = kernel.rows.input(of: down, output: row)
        let first = kernel.columns.input(of: right, output: columns.lowerBound)
        var source = images + ((plane * input.height + from) * input.width + first) * block
        var outer = gradient + ((plane * output.height + row) * output.width + columns.lowerBound) * block
        for _ in columns {
          total +=
            UnsafeRawPointer(source).loadUnaligned(as: type) * UnsafeRawPointer(outer).loadUnaligned(as: type)
          source += step
          outer += block
        }
      }
    }
    UnsafeMutableRawPointer(sums).storeBytes(of: total, as: type)
  }
}

extension SlidingKernel.Axis {
  /// Returns the place in the input that a tap meets at a place of the output.
  fileprivate func input(of tap: Int, output: Int) -> Int { output * stride + tap * dilation - before }

  /// Returns the places of the output at which a tap meets the input and not its padding.
  fileprivate func outputs(of tap: Int, inputs: Int, outputs: Int) -> Range<Int> {
    let offset = tap * dilation - before
    let first = max(0, (stride - 1 - offset) / stride)
    let end = min(outputs, inputs > offset ? (inputs - 1 - offset) / stride + 1 : 0)
    return first..<max(first, end)
  }
}
