import Numerics
import Tensors

/// The gradient of filters of single channels, of blocked tensors: where oneDNN 2 has plain loops only, as
/// for all kernels wider than 3, with and without AVX-512.
///
/// The unrolled product took a quarter of a training step of EfficientNet-B4, whose kernels of 5 x 5 these
/// are.
///
/// - Precision: a row is summed in Float32, then the rows of an image, then the images.
struct DepthwiseWeightGradient {
  let kernel: SlidingKernel
  let input, output: Shape
  /// Channels that lie side by side: 8 or 16.
  let block: Int

  private var blocks: Int { (input.channels + block - 1) / block }

  /// Computes the gradient of the filters, `[C, 1, k, l]`, and where asked that of the biases, `[C]`.
  ///
  /// - Parameters:
  ///   - gradient: of the output, `[N, C / block, H', W', block]`.
  ///   - images: `[N, C / block, H, W, block]`.
  func callAsFunction(
    _ gradient: UnsafePointer<Float>, images: UnsafePointer<Float>, hasBias: Bool
  ) -> (weight: Tensor, bias: Tensor?) {
    let weight = Tensor(uninitialized: [input.channels, 1, kernel.rows.size, kernel.columns.size])
    let bias = hasBias ? Tensor(uninitialized: [input.channels]) : nil
    let area = kernel.area
    parallelLoop(blocks) { number in
      let channels = number * block..<min((number + 1) * block, input.channels)
      withScratch(block) { sums in
        for tap in 0..<area {
          sum(tap, number, gradient, images, into: sums)
          for channel in channels {
            weight.hostValues[channel * area + tap] = sums[channel - channels.lowerBound]
          }
        }
        guard let bias else { return }
        sum(nil, number, gradient, images, into: sums)
        for channel in channels { bias.hostValues[channel] = sums[channel - channels.lowerBound] }
      }
    }
    return (weight, bias)
  }

  private func sum(
    _ tap: Int?, _ number: Int, _ gradient: UnsafePointer<Float>, _ images: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>
  ) {
    if block == 16 {
      sum(tap, number, gradient, images, into: sums, as: SIMD16<Float>.self)
    } else {
      sum(tap, number, gradient, images, into: sums, as: SIMD8<Float>.self)
    }
  }

  /// Sums the products of the gradient and of what a tap meets, over the images and the places where it meets
  /// the input; without a tap the gradient itself.
  @inline(__always)
  private func sum<Channels: SIMD<Float>>(
    _ tap: Int?, _ number: Int, _ gradient: UnsafePointer<Float>, _ images: UnsafePointer<Float>,
    into sums: UnsafeMutablePointer<Float>, as type: Channels.Type
  ) {
    let (down, right) = ((tap ?? 0) / kernel.columns.size, (tap ?? 0) % kernel.columns.size)
    let (rows, columns) =
      tap == nil
      ? (0..<output.height, 0..<output.width)
      : (
        kernel.rows.outputs(of: down, inputs: input.height, outputs: output.height),
        kernel.columns.outputs(of: right, inputs: input.width, outputs: output.width)
      )
    let step = kernel.columns.stride * block
    var total = Channels.zero
    for image in 0..<input.batch {
      let plane = image * blocks + number
      var ofImage = Channels.zero
      for row in rows {
        var ofRow = Channels.zero
        var outer = gradient + ((plane * output.height + row) * output.width + columns.lowerBound) * block
        if tap == nil {
          for _ in columns {
            ofRow += UnsafeRawPointer(outer).loadUnaligned(as: type)
            outer += block
          }
        } else {
          let from = kernel.rows.input(of: down, output: row)
          let first = kernel.columns.input(of: right, output: columns.lowerBound)
          var source = images + ((plane * input.height + from) * input.width + first) * block
          for _ in columns {
            ofRow +=
              UnsafeRawPointer(source).loadUnaligned(as: type)
              * UnsafeRawPointer(outer).loadUnaligned(as: type)
            source += step
            outer += block
          }
        }
        ofImage += ofRow
      }
      total += ofImage
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
