import Layers
import Tensors

/// Deep residual learning, as an encoder: no pooling or classifier at the end.
///
/// - Source: He et al. 2015, arXiv:1512.03385. Names and details as in torchvision's `resnet18`, `resnet34` and `resnet50`, whose
///   bottlenecks carry their stride in the 3 x 3 convolution.
public struct ResNet {
  /// The published depths.
  public enum Depth: String, CaseIterable, Hashable, Sendable {
    /// 11.2 million parameters without the classifier.
    case eighteen = "resnet18"
    /// 21.3 million parameters without the classifier.
    case thirtyFour = "resnet34"
    /// Bottlenecks, 23.5 million parameters without the classifier.
    case fifty = "resnet50"

    var blocks: [Int] {
      switch self {
      case .eighteen: [2, 2, 2, 2]
      case .thirtyFour, .fifty: [3, 4, 6, 3]
      }
    }

    /// Channels of the five feature maps, at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input.
    public var channels: [Int] {
      switch self {
      case .eighteen, .thirtyFour: [64, 64, 128, 256, 512]
      case .fifty: [64, 256, 512, 1024, 2048]
      }
    }

    func block(inputs: Int, outputs: Int, stride: Int, in scope: ParameterScope) -> any ResidualBlock {
      switch self {
      case .eighteen, .thirtyFour: BasicBlock(inputs: inputs, outputs: outputs, stride: stride, in: scope)
      case .fifty: Bottleneck(inputs: inputs, outputs: outputs, stride: stride, in: scope)
      }
    }
  }

  private let stem: Convolution
  private let stemNorm: BatchNormalization
  private let stages: [[any ResidualBlock]]

  /// Makes `conv1`, `bn1`, `layer1` ... `layer4` in `scope`.
  public init(_ depth: Depth, bands: Int, in scope: ParameterScope) {
    stem = Convolution(
      .init(inputs: bands, outputs: 64, kernel: SlidingKernel(size: 7, stride: 2, padding: 3)),
      in: scope.child("conv1"), initializer: .kaimingNormalFanOut)
    stemNorm = BatchNormalization(channels: 64, activation: .relu, in: scope.child("bn1"))
    stages = depth.blocks.enumerated().map { stage, count in
      let stageScope = scope.child("layer\(stage + 1)")
      return (0..<count).map { index in
        depth.block(
          inputs: depth.channels[index == 0 ? stage : stage + 1], outputs: depth.channels[stage + 1],
          stride: index == 0 && stage > 0 ? 2 : 1, in: stageScope.child("\(index)"))
      }
    }
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
