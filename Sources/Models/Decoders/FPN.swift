import Layers
import Tensors

/// A pyramid of features at 1/4 to 1/32 of the resolution, each brought to 1/4 and added up.
///
/// For images whose sides are multiples of 32 it is segmentation_models_pytorch's `FPN`, which takes no
/// others: what it magnifies by 2 or 4 is resampled here to the size of the next larger map and of the image.
///
/// - Source: Lin et al. 2016, arXiv:1612.03144; for segmentation Kirillov et al. 2019, arXiv:1901.02446.
///   Names and details as there: nearest neighbours on the way down the pyramid, corners on corners
///   afterwards, groups of 32 in normalisation; their dropout of 0.2 is up to the pass's ``TrainingNoise``.
struct FPN: Decoder {
  /// The published networks with this decoder.
  static let design = DecoderDesign(
    name: "fpn", scheme: .smp, paths: ["decoder."],
    head: .init(path: "segmentation_head.", place: "segmentation_head.0", resampling: .cornersOnCorners),
    featureChannels: { _ in channels }, make: { FPN($0, in: $1.child("decoder")) })

  /// The design as TerraTorch takes it from segmentation_models_pytorch, over a neck.
  static let terratorch = DecoderDesign(
    name: "fpn", scheme: .terratorch, paths: ["decoder."], head: .terratorch,
    featureChannels: { _ in channels }, make: { FPN($0, in: $1.descendant("decoder._smp_decoder")) })

  private static let (pyramidChannels, channels) = (256, 128)

  /// The smallest map's first.
  private let laterals: [Convolution]
  private let climbs: [[ConvolutionGroupNormReLU]]

  private init(_ plan: DecoderPlan, in decoder: ParameterScope) {
    laterals = plan.channels.suffix(4).reversed().enumerated().map { level, inputs in
      Convolution(
        .init(
          inputs: inputs, outputs: Self.pyramidChannels, kernel: SlidingKernel(size: 1), hasBias: true),
        in: level == 0 ? decoder.child("p5") : decoder.child("p\(5 - level)").child("skip_conv"),
        initializer: .kaimingUniformFanIn)
    }
    climbs = (0..<4).map { level in
      let blocks = decoder.child("seg_blocks").child("\(level)").child("block")
      return (0..<max(1, 3 - level)).map { index in
        ConvolutionGroupNormReLU(
          inputs: index == 0 ? Self.pyramidChannels : Self.channels, outputs: Self.channels,
          in: blocks.child("\(index)").child("block"))
      }
    }
  }

  /// Computes the features `[N, 128, H, W]`, at the resolution of the largest of the four maps.
  func features(of input: DecoderInput, in pass: Pass) -> Value {
    let tape = pass.tape
    let maps = Array(input.maps.suffix(4).reversed())
    let sizes = maps.map { (height: $0.tensor.shape.height, width: $0.tensor.shape.width) }
    var level = laterals[0](maps[0], in: pass)
    var levels = [level]
    for index in 1..<4 {
      let (height, width) = sizes[index]
      level = tape.sum(
        tape.nearestResampling(level, height: height, width: width), laterals[index](maps[index], in: pass))
      levels.append(level)
    }
    var features: Value?
    for (index, level) in levels.enumerated() {
      var value = level
      for (step, climb) in climbs[index].enumerated() {
        value = climb(value, in: pass)
        guard index < 3 else { break }  // the largest level is there already
        let (height, width) = sizes[index + step + 1]
        value = tape.bilinearResampling(value, height: height, width: width, alignsCorners: true)
      }
      features = features.map { tape.sum($0, value) } ?? value
    }
    return features!
  }
}

/// A 3 x 3 convolution with group normalisation and a ReLU.
private struct ConvolutionGroupNormReLU {
  private let convolution: Convolution
  private let norm: GroupNormalization

  init(inputs: Int, outputs: Int, in scope: ParameterScope) {
    convolution = Convolution(
      .init(inputs: inputs, outputs: outputs, kernel: .centered(size: 3)), in: scope.child("0"),
      initializer: .kaimingUniformFanIn)
    norm = GroupNormalization(groups: 32, channels: outputs, in: scope.child("1"))
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    pass.tape.activation(norm(convolution(input, in: pass), in: pass), .relu)
  }
}
