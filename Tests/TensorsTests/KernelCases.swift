import NumericOracles
import Tensors
import Testing

/// One kernel set by its place in `KernelSet.all`: what parametrised tests are given, so that a failure names the set.
struct KernelSetUnderTest: CustomTestStringConvertible, Sendable {
  let kernels: any Kernels
  var testDescription: String { kernels.name }

  static let all = KernelSet.all.map(KernelSetUnderTest.init)
}

/// One convolution: channels that fill no block of 8 or 16, maps smaller than the kernel, odd sizes.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  let input: Shape
  let filters: Int
  let kernel: SlidingKernel
  let hasBias: Bool

  var weight: Shape { [filters, input.channels, kernel.size, kernel.size] }

  var testDescription: String {
    "\(input) to \(filters), size \(kernel.size) stride \(kernel.stride) padding \(kernel.padding) bias \(hasBias)"
  }

  static let all = [
    ConvolutionCase(input: [2, 1, 5, 7], filters: 3, kernel: .init(size: 3, padding: 1), hasBias: true),
    ConvolutionCase(
      input: [1, 3, 9, 8], filters: 6, kernel: .init(size: 3, stride: 2, padding: 1), hasBias: false),
    ConvolutionCase(
      input: [2, 13, 15, 11], filters: 16, kernel: .init(size: 7, stride: 2, padding: 3), hasBias: false),
    ConvolutionCase(input: [1, 6, 1, 1], filters: 17, kernel: .init(size: 3, padding: 1), hasBias: true),
    ConvolutionCase(input: [3, 17, 6, 5], filters: 13, kernel: .init(size: 1, stride: 2), hasBias: false),
    ConvolutionCase(input: [1, 16, 8, 8], filters: 32, kernel: .init(size: 3, padding: 1), hasBias: true),
    ConvolutionCase(
      input: [2, 48, 9, 7], filters: 16, kernel: .init(size: 3, stride: 2, padding: 1), hasBias: false),
    ConvolutionCase(input: [1, 32, 7, 5], filters: 1, kernel: .init(size: 1), hasBias: true),
    ConvolutionCase(
      input: [5, 4, 2, 3], filters: 64, kernel: .init(size: 7, stride: 2, padding: 3), hasBias: false),
    ConvolutionCase(input: [1, 64, 19, 3], filters: 6, kernel: .init(size: 3, padding: 1), hasBias: true),
  ]
}

/// Shapes of activations: one pixel, one channel, blocks not filled, odd sizes.
let activationShapes: [Shape] = [
  [1, 1, 1, 1], [1, 3, 1, 5], [2, 6, 7, 4], [1, 13, 9, 9], [3, 17, 5, 6], [2, 16, 8, 8], [1, 64, 3, 11],
]

extension Kernels {
  /// The tensor in the layout that this set's own operations make, where that is another: results of one operation feed
  /// the next in it, so tests must too.
  func native(_ tensor: Tensor) -> Tensor {
    nearestResampling(tensor, height: tensor.shape.height, width: tensor.shape.width)
  }
}
