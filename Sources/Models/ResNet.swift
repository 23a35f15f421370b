import Layers
import Tensors

/// Deep residual learning, as an encoder: no pooling or classifier at the end.
///
/// - Source: He et al. 2015, arXiv:1512.03385. Names and details as in torchvision's `resnet18` and `resnet34`.
public struct ResNet {
  /// The published depths with basic blocks.
  public enum Depth: String, CaseIterable, Hashable, Sendable {
    /// 11.2 million parameters without the classifier.
    case eighteen = "resnet18"
    /// 21.3 million parameters without the classifier.
    case thirtyFour = "resnet34"

    var blocks: [Int] {
      switch self {
      case .eighteen: [2, 2, 2, 2]
      case .thirtyFour: [3, 4, 6, 3]
      }
    }
  }

  /// Channels of the five feature maps, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input.
  public static let channels = [64, 64, 128, 256, 512]

  private let stem: Convolution
  private let stemNorm: BatchNormalization
  private let stages: [[BasicBlock]]

  /// Makes `conv1`, `bn1`, `layer1` ... `layer4` in `scope`.
  public init(_ depth: Depth, bands: Int, in scope: ParameterScope) {
    stem = Convolution(
      .init(inputs: bands, outputs: 64, kernel: SlidingKernel(size: 7, stride: 2, padding: 3)),
      in: scope.child("conv1"), initializer: .kaimingNormalFanOut)
    stemNorm = BatchNormalization(channels: 64, relu: true, in: scope.child("bn1"))
    stages = depth.blocks.enumerated().map { stage, count in
      let stageScope = scope.child("layer\(stage + 1)")
      return (0..<count).map { index in
        BasicBlock(
          inputs: index == 0 ? channels(before: stage) : Self.channels[stage + 1],
          outputs: Self.channels[stage + 1], stride: index == 0 && stage > 0 ? 2 : 1,
          in: stageScope.child("\(index)"))
      }
    }
    func channels(before stage: Int) -> Int { Self.channels[stage] }
  }

  /// The five feature maps of `[N, C, H, W]`, the largest first; any H and W.
  public func callAsFunction(_ input: Value, in pass: Pass) -> [Value] {
    var features = [stemNorm(stem(input, in: pass), in: pass)]
    var value = pass.tape.maxPooling(features[0], kernel: SlidingKernel(size: 3, stride: 2, padding: 1))
    for stage in stages {
      for block in stage { value = block(value, in: pass) }
      features.append(value)
    }
    return features
  }
}

/// Two 3 x 3 convolutions beside a shortcut.
private struct BasicBlock {
  private let conv1, conv2: Convolution
  private let norm1, norm2: BatchNormalization
  private let projection: (convolution: Convolution, norm: BatchNormalization)?

  init(inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) {
    conv1 = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 3, stride: stride, padding: 1)),
      in: scope.child("conv1"), initializer: .kaimingNormalFanOut)
    norm1 = BatchNormalization(channels: outputs, relu: true, in: scope.child("bn1"))
    conv2 = Convolution(
      .init(inputs: outputs, outputs: outputs, kernel: SlidingKernel(size: 3, padding: 1)),
      in: scope.child("conv2"), initializer: .kaimingNormalFanOut)
    norm2 = BatchNormalization(channels: outputs, relu: false, in: scope.child("bn2"))
    guard stride != 1 || inputs != outputs else {
      projection = nil
      return
    }
    let shortcut = scope.child("downsample")
    projection = (
      Convolution(
        .init(inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: 1, stride: stride)),
        in: shortcut.child("0"), initializer: .kaimingNormalFanOut),
      BatchNormalization(channels: outputs, relu: false, in: shortcut.child("1"))
    )
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let shortcut = projection.map { $0.norm($0.convolution(input, in: pass), in: pass) } ?? input
    let inner = norm1(conv1(input, in: pass), in: pass)
    return pass.tape.rectifiedSum(norm2(conv2(inner, in: pass), in: pass), shortcut)
  }
}
