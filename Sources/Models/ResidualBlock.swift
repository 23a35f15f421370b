import Layers
import Tensors

/// Convolutions beside a shortcut.
protocol ResidualBlock {
  func callAsFunction(_ input: Value, in pass: Pass) -> Value
}

/// A convolution and its normalisation.
struct NormalizedConvolution {
  private let convolution: Convolution
  private let norm: BatchNormalization

  /// `conv<n>` and `bn<n>` of a block; padded so that a stride of 1 keeps the size.
  init(
    _ number: Int, inputs: Int, outputs: Int, size: Int, stride: Int = 1, relu: Bool, in scope: ParameterScope
  ) {
    convolution = Convolution(
      .init(
        inputs: inputs, outputs: outputs,
        kernel: SlidingKernel(size: size, stride: stride, padding: size / 2)),
      in: scope.child("conv\(number)"), initializer: .kaimingNormalFanOut)
    norm = BatchNormalization(
      channels: outputs, activation: relu ? .relu : nil, in: scope.child("bn\(number)"))
  }

  /// The `downsample` of a block, where its shape changes.
  init?(shortcut inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) {
    guard stride != 1 || inputs != outputs else { return nil }
    let shortcut = scope.child("downsample")
    convolution = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1, stride: stride)),
      in: shortcut.child("0"), initializer: .kaimingNormalFanOut)
    norm = BatchNormalization(channels: outputs, in: shortcut.child("1"))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value { norm(convolution(input, in: pass), in: pass) }
}

/// Two 3 x 3 convolutions.
struct BasicBlock: ResidualBlock {
  private let first, second: NormalizedConvolution
  private let projection: NormalizedConvolution?

  init(inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) {
    first = NormalizedConvolution(
      1, inputs: inputs, outputs: outputs, size: 3, stride: stride, relu: true, in: scope)
    second = NormalizedConvolution(2, inputs: outputs, outputs: outputs, size: 3, relu: false, in: scope)
    projection = NormalizedConvolution(shortcut: inputs, outputs: outputs, stride: stride, in: scope)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shortcut = projection.map { $0(input, in: pass) } ?? input
    return pass.tape.rectifiedSum(second(first(input, in: pass), in: pass), shortcut)
  }
}

/// A 3 x 3 convolution on a quarter of the channels, between two of 1 x 1.
struct Bottleneck: ResidualBlock {
  private let reduction, middle, expansion: NormalizedConvolution
  private let projection: NormalizedConvolution?

  init(inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) {
    let width = outputs / 4
    reduction = NormalizedConvolution(1, inputs: inputs, outputs: width, size: 1, relu: true, in: scope)
    middle = NormalizedConvolution(
      2, inputs: width, outputs: width, size: 3, stride: stride, relu: true, in: scope)
    expansion = NormalizedConvolution(3, inputs: width, outputs: outputs, size: 1, relu: false, in: scope)
    projection = NormalizedConvolution(shortcut: inputs, outputs: outputs, stride: stride, in: scope)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shortcut = projection.map { $0(input, in: pass) } ?? input
    let inner = middle(reduction(input, in: pass), in: pass)
    return pass.tape.rectifiedSum(expansion(inner, in: pass), shortcut)
  }
}
