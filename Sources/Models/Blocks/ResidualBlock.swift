import Layers
import Tensors

/// Convolutions beside a shortcut.
protocol ResidualBlock {
  func callAsFunction(_ input: Value, in pass: Pass) -> Value
}

extension NormalizedConvolution {
  /// `conv<n>` and `bn<n>` of a block; padded so that a stride of 1 keeps the size.
  fileprivate init(
    _ number: Int, inputs: Int, outputs: Int, kernel: SlidingKernel, isRectified: Bool,
    in scope: ParameterScope
  ) {
    self.init(
      .init(inputs: inputs, outputs: outputs, kernel: kernel), activation: isRectified ? .relu : nil,
      convolution: scope.child("conv\(number)"), norm: scope.child("bn\(number)"))
  }

  /// Creates the `downsample` of a block, where its shape changes.
  fileprivate init?(shortcut inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) {
    guard stride != 1 || inputs != outputs else { return nil }
    let shortcut = scope.child("downsample")
    self.init(
      .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1, stride: stride)),
      activation: nil, convolution: shortcut.child("0"), norm: shortcut.child("1"))
  }
}

/// Two 3 x 3 convolutions.
struct BasicBlock: ResidualBlock {
  private let first, second: NormalizedConvolution
  private let projection: NormalizedConvolution?
  private let depth: StochasticDepth

  init(
    inputs: Int, outputs: Int, stride: Int, dilation: Int, depth: StochasticDepth, in scope: ParameterScope
  ) {
    self.depth = depth
    first = NormalizedConvolution(
      1, inputs: inputs, outputs: outputs,
      kernel: .centered(size: 3, stride: stride, dilation: dilation), isRectified: true, in: scope)
    second = NormalizedConvolution(
      2, inputs: outputs, outputs: outputs, kernel: .centered(size: 3, dilation: dilation),
      isRectified: false, in: scope)
    projection = NormalizedConvolution(shortcut: inputs, outputs: outputs, stride: stride, in: scope)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shortcut = projection.map { $0(input, in: pass) } ?? input
    let branch = second(first(input, in: pass), in: pass)
    return pass.tape.rectifiedSum(depth(branch, in: pass), shortcut)
  }
}

/// A 3 x 3 convolution on a quarter of the channels, between two of 1 x 1.
struct Bottleneck: ResidualBlock {
  private let reduction, middle, expansion: NormalizedConvolution
  private let projection: NormalizedConvolution?
  private let depth: StochasticDepth

  init(
    inputs: Int, outputs: Int, stride: Int, dilation: Int, depth: StochasticDepth, in scope: ParameterScope
  ) {
    self.depth = depth
    let width = outputs / 4
    reduction = NormalizedConvolution(
      1, inputs: inputs, outputs: width, kernel: SlidingKernel(size: 1), isRectified: true, in: scope)
    middle = NormalizedConvolution(
      2, inputs: width, outputs: width,
      kernel: .centered(size: 3, stride: stride, dilation: dilation), isRectified: true, in: scope)
    expansion = NormalizedConvolution(
      3, inputs: width, outputs: outputs, kernel: SlidingKernel(size: 1), isRectified: false, in: scope)
    projection = NormalizedConvolution(shortcut: inputs, outputs: outputs, stride: stride, in: scope)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shortcut = projection.map { $0(input, in: pass) } ?? input
    let branch = expansion(middle(reduction(input, in: pass), in: pass), in: pass)
    return pass.tape.rectifiedSum(depth(branch, in: pass), shortcut)
  }
}
