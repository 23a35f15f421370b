import CPUKernels
import NumericOracles
import Tensors
import Testing

/// One kernel set by its place in `KernelSet.all`: what parametrised tests are given, so that a failure names
/// the set.
struct KernelSetUnderTest: CustomTestStringConvertible, Sendable {
  let kernels: any Kernels
  var testDescription: String { kernels.name }

  /// Those of the build, and one whose values lie out of the host's reach.
  static let all = (KernelSet.all + [DistantKernels(ReferenceKernels())]).map(KernelSetUnderTest.init)
}

/// One convolution: channels that fill no block of 8 or 16, maps smaller than the kernel, odd sizes.
struct ConvolutionCase: CustomTestStringConvertible, Sendable {
  let input: Shape
  let filters: Int
  let kernel: SlidingKernel
  var groups = 1
  let hasBias: Bool

  var weight: Shape { [filters, input.channels / groups, kernel.rows.size, kernel.columns.size] }
  var output: Shape { kernel.shape(over: input, channels: filters) }

  var testDescription: String { "\(input) to \(filters) in \(groups), \(kernel.text), bias \(hasBias)" }

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

  /// Groups, dilation, kernels that are not square and zeros that differ from side to side.
  static let uncommon = [
    ConvolutionCase(
      input: [2, 16, 9, 7], filters: 16, kernel: .init(size: 3, padding: 1), groups: 16, hasBias: false),
    ConvolutionCase(
      input: [1, 24, 11, 12], filters: 24, kernel: .init(size: 5, stride: 2, padding: 2), groups: 24,
      hasBias: true),
    ConvolutionCase(
      input: [2, 7, 9, 10], filters: 7, kernel: .init(size: 7, padding: 3), groups: 7, hasBias: true),
    ConvolutionCase(
      input: [1, 5, 8, 8], filters: 10, kernel: .init(size: 3, padding: 1), groups: 5, hasBias: false),
    ConvolutionCase(
      input: [2, 24, 6, 9], filters: 16, kernel: .init(size: 3, stride: 2, padding: 1), groups: 4,
      hasBias: true),
    ConvolutionCase(
      input: [1, 16, 12, 9], filters: 24, kernel: .init(size: 3, padding: 2, dilation: 2), hasBias: false),
    ConvolutionCase(
      input: [2, 9, 13, 14], filters: 5, kernel: .init(size: 3, padding: 6, dilation: 6), hasBias: true),
    ConvolutionCase(
      input: [1, 16, 17, 18], filters: 16, kernel: .init(size: 5, stride: 2, padding: 4, dilation: 2),
      groups: 16, hasBias: false),
    ConvolutionCase(
      input: [1, 12, 9, 11], filters: 16,
      kernel: .init(rows: .init(size: 1), columns: .init(size: 7, before: 3)), hasBias: false),
    ConvolutionCase(
      input: [2, 16, 9, 6], filters: 8,
      kernel: .init(rows: .init(size: 7, before: 3), columns: .init(size: 1)), hasBias: true),
    ConvolutionCase(
      input: [1, 3, 16, 15], filters: 8,
      kernel: .init(
        rows: .init(size: 3, stride: 2, before: 0, after: 1),
        columns: .init(size: 3, stride: 2, before: 1, after: 1)), hasBias: false),
    ConvolutionCase(
      input: [2, 16, 10, 9], filters: 16,
      kernel: .init(
        rows: .init(size: 5, stride: 2, before: 1, after: 2), columns: .init(size: 3, before: 0, after: 2)),
      groups: 16, hasBias: true),
    ConvolutionCase(
      input: [4, 19, 65, 63], filters: 19, kernel: .init(size: 5, padding: 2), groups: 19, hasBias: true),
    ConvolutionCase(
      input: [3, 37, 4, 3], filters: 37, kernel: .init(size: 5, padding: 2), groups: 37, hasBias: false),
    ConvolutionCase(
      input: [2, 19, 12, 9], filters: 19,
      kernel: .init(
        rows: .init(size: 5, stride: 2, before: 1, after: 2), columns: .init(size: 5, stride: 2, before: 2)),
      groups: 19, hasBias: false),
    ConvolutionCase(
      input: [2, 24, 5, 7], filters: 24, kernel: .init(size: 7, padding: 6, dilation: 2), groups: 24,
      hasBias: false),
    ConvolutionCase(input: [2, 3, 12, 15], filters: 20, kernel: .init(size: 4, stride: 4), hasBias: true),
    ConvolutionCase(input: [1, 19, 9, 8], filters: 33, kernel: .init(size: 2, stride: 2), hasBias: true),
  ]
}

extension SlidingKernel {
  /// What tells kernels apart in the name of a test.
  var text: String {
    func text(_ axis: Axis) -> String {
      "size \(axis.size) stride \(axis.stride) padding \(axis.before)+\(axis.after) dilation \(axis.dilation)"
    }
    return rows == columns ? text(rows) : "\(text(rows)) by \(text(columns))"
  }
}

/// Shapes of activations: one pixel, one channel, blocks not filled, odd sizes.
let activationShapes: [Shape] = [
  [1, 1, 1, 1], [1, 3, 1, 5], [2, 6, 7, 4], [1, 13, 9, 9], [3, 17, 5, 6], [2, 16, 8, 8], [1, 64, 3, 11],
]

extension Kernels {
  /// The tensor in the layout that this set's own operations make, where that is another: results of one
  /// operation feed the next in it, so tests must too.
  func native(_ tensor: Tensor) -> Tensor {
    nearestResampling(tensor, height: tensor.shape.height, width: tensor.shape.width)
  }
}
