import Layers
import Tensors

/// The trunk that MobileNets and EfficientNets share: a 3 x 3 stem of stride 2, stages of inverted residuals,
/// a 1 x 1 convolution.
struct InvertedResidualTrunk {
  /// A block before anything is scaled or dilated.
  struct Block {
    var inputs, expanded, outputs, size, stride: Int
    var activation: Activation
    var squeeze: SqueezeExcitation.Options?
  }

  /// A network of one family.
  struct Plan {
    /// The publishers' names for the parts of the trunk.
    var naming: Naming
    /// Channels of the stem and of the last convolution.
    var stem, last: Int
    /// Blocks by stage.
    var stages: [[Block]]
    /// The activation after the stem and the last convolution.
    var activation: Activation
    var padding = ImagePadding.ofKernel
    var constants = NormalizationConstants()
    /// The block from which on blocks are dilated by 2 instead of strided, counted through all stages.
    var firstDilated: Int?
    /// The blocks whose results are maps; the last ones of each resolution where nothing else is said.
    var mapBlocks: Set<Int>

    /// Creates a network with nothing out of the ordinary.
    init(
      stem: Int, last: Int, stages: [[Block]], activation: Activation, naming: InvertedResidualTrunk.Naming
    ) {
      self.naming = naming
      (self.stem, self.last, self.stages, self.activation) = (stem, last, stages, activation)
      var (end, ends) = (0, Set<Int>())
      for (index, stage) in stages.enumerated() {
        end += stage.count
        let next = stages.dropFirst(index + 1).first
        if next.map({ $0[0].stride > 1 }) ?? true { ends.insert(end - 1) }
      }
      mapBlocks = ends
    }

    /// The first block of the last stage with a stride.
    var lastStridedBlock: Int {
      stages[..<stages.lastIndex { $0[0].stride > 1 }!].joined().count
    }

    /// Whether the stem's result is a map.
    var stemIsMap: Bool { naming.stemIsMap || stages[0][0].stride > 1 }

    /// Returns whether a block, counted through all stages, is dilated.
    func isDilated(_ block: Int) -> Bool { firstDilated.map { block >= $0 } ?? false }

    /// Maps of the stem where that is one, of blocks, and of the last convolution where the features go so
    /// far.
    var maps: [FeatureMap] {
      var maps = stemIsMap ? [FeatureMap(name: naming.stem.map, channels: stem, stride: 2)] : []
      var (count, stride) = (0, 2)
      for (index, stage) in stages.enumerated() {
        for (number, block) in stage.enumerated() {
          stride *= isDilated(count) ? 1 : block.stride
          if mapBlocks.contains(count) {
            let isLast = number == stage.count - 1
            let name =
              isLast
              ? naming.map(stage: index, block: count) : naming.block(count, stage: index, number: number)
            maps.append(FeatureMap(name: name, channels: block.outputs, stride: stride))
          }
          count += 1
        }
      }
      if naming.neckIsMap {
        maps.append(FeatureMap(name: naming.neck(stages: stages).map, channels: last, stride: stride))
      }
      return maps
    }

    /// The index of the last stage's map, before the last convolution.
    var lastStageMap: Int { maps.count - (naming.neckIsMap ? 2 : 1) }

    /// `stem`, `stage1` ... and `neck`, and for a network with classes `head`.
    func parts(head: [String]?) -> [NetworkPart] {
      var count = 0
      let stages = stages.enumerated().map { index, stage in
        let places = stage.indices.map { naming.block(count + $0, stage: index, number: $0) + "." }
        count += stage.count
        return NetworkPart(.encoder, name: "stage\(index + 1)", prefixes: places)
      }
      return [NetworkPart(.encoder, name: "stem", prefixes: naming.stem.prefixes)] + stages
        + [NetworkPart(.encoder, name: "neck", prefixes: naming.neck(stages: self.stages).prefixes)]
        + (head.map { [NetworkPart(.head, name: "head", prefixes: $0)] } ?? [])
    }

    /// The path of the stem's weight.
    var firstConvolution: String { naming.stem.convolution + ".weight" }
  }

  private let stem, neck: NormalizedConvolution
  private let blocks: [InvertedResidual]
  private let plan: Plan

  init(_ plan: Plan, bands: Int, in scope: ParameterScope) {
    self.plan = plan
    let naming = plan.naming
    var padding = plan.padding
    func convolution(
      _ inputs: Int, _ outputs: Int, _ kernel: SlidingKernel, _ place: Naming.Place
    ) -> NormalizedConvolution {
      NormalizedConvolution(
        .init(inputs: inputs, outputs: outputs, kernel: kernel),
        padding: kernel.area > 1 ? padding : .ofKernel, activation: plan.activation,
        constants: plan.constants, convolution: scope.descendant(place.convolution),
        norm: scope.descendant(place.norm))
    }
    stem = convolution(bands, plan.stem, .centered(size: 3, stride: 2), naming.stem)
    padding = padding.after(stride: 2)
    var blocks: [InvertedResidual] = []
    for (index, stage) in plan.stages.enumerated() {
      for (number, block) in stage.enumerated() {
        let isDilated = plan.isDilated(blocks.count)
        let step = isDilated ? 1 : block.stride
        blocks.append(
          InvertedResidual(
            .init(
              inputs: block.inputs, expanded: block.expanded, outputs: block.outputs,
              kernel: .centered(size: block.size, stride: step, dilation: isDilated ? 2 : 1),
              padding: isDilated ? .ofKernel : padding, activation: block.activation, squeeze: block.squeeze,
              constants: plan.constants,
              depth: StochasticDepth(block: blocks.count, of: plan.stages.joined().count)),
            naming: naming.parts,
            in: scope.descendant(naming.block(blocks.count, stage: index, number: number))))
        padding = padding.after(stride: step)
      }
    }
    neck = convolution(
      plan.stages.last!.last!.outputs, plan.last, SlidingKernel(size: 1), naming.neck(stages: plan.stages))
    self.blocks = blocks
  }

  func features(of input: Value, in pass: Pass) -> Features {
    var value = stem(input, in: pass)
    var maps = plan.stemIsMap ? [value] : []
    for (index, block) in blocks.enumerated() {
      value = block(value, in: pass)
      if plan.mapBlocks.contains(index) { maps.append(value) }
    }
    return Features(maps: plan.naming.neckIsMap ? maps + [neck(value, in: pass)] : maps)
  }

  /// Returns the result of the last convolution.
  func neck(of features: Features, in pass: Pass) -> Value {
    plan.naming.neckIsMap ? features.maps.last! : neck(features.maps.last!, in: pass)
  }
}

extension InvertedResidualTrunk {
  /// The publishers' names for the parts of a trunk.
  enum Naming {
    /// torchvision's MobileNets: `features.<block>`, stem and last convolution counted in.
    case torchvisionBlocks(InvertedResidual.Naming)
    /// torchvision's EfficientNets: `features.<stage>.<block>`.
    case torchvisionStages
    /// timm: `conv_stem`, `blocks.<stage>.<block>`; the last convolution is `conv_head`, or in MobileNetV3 a
    /// stage of its own.
    case timm(neckIsStage: Bool)
    /// segmentation_models_pytorch's EfficientNets: `_conv_stem`, `_blocks.<block>`, `_conv_head`.
    case smp

    /// Paths of a convolution, of its normalisation, and of the module whose result it is.
    struct Place {
      let convolution, norm, map: String
      var prefixes: [String] { [convolution + ".", norm + "."] }
    }

    var parts: InvertedResidual.Naming {
      switch self {
      case .torchvisionBlocks(let parts): parts
      case .torchvisionStages: .torchvision
      case .timm: .timm
      case .smp: .smp
      }
    }

    /// segmentation_models_pytorch's encoders return the stem instead of the first stage, and stop before the
    /// last convolution.
    var stemIsMap: Bool { if case .smp = self { true } else { false } }
    var neckIsMap: Bool { !stemIsMap }

    var stem: Place {
      switch self {
      case .torchvisionBlocks, .torchvisionStages: nested("features.0")
      case .timm: Place(convolution: "conv_stem", norm: "bn1", map: "bn1")
      case .smp: Place(convolution: "_conv_stem", norm: "_bn0", map: "_swish")
      }
    }

    func neck(stages: [[Block]]) -> Place {
      switch self {
      case .torchvisionBlocks: return nested("features.\(stages.joined().count + 1)")
      case .torchvisionStages: return nested("features.\(stages.count + 1)")
      case .timm(neckIsStage: false): return Place(convolution: "conv_head", norm: "bn2", map: "bn2")
      case .timm(neckIsStage: true):
        let stage = "blocks.\(stages.count)"
        return Place(convolution: "\(stage).0.conv", norm: "\(stage).0.bn1", map: stage)
      case .smp: return Place(convolution: "_conv_head", norm: "_bn1", map: "_bn1")
      }
    }

    func block(_ index: Int, stage: Int, number: Int) -> String {
      switch self {
      case .torchvisionBlocks: "features.\(index + 1)"
      case .torchvisionStages: "features.\(stage + 1).\(number)"
      case .timm: "blocks.\(stage).\(number)"
      case .smp: "_blocks.\(index)"
      }
    }

    /// Returns the module that gives what the last block, `block` in all, of a stage gives.
    func map(stage: Int, block: Int) -> String {
      switch self {
      case .torchvisionBlocks: "features.\(block + 1)"
      case .torchvisionStages: "features.\(stage + 1)"
      case .timm: "blocks.\(stage)"
      case .smp: "_blocks.\(block)"
      }
    }

    private func nested(_ path: String) -> Place {
      Place(convolution: path + ".0", norm: path + ".1", map: path)
    }
  }
}

extension ImagePadding {
  /// Returns the padding after a convolution of `stride`: a nominal extent shrinks as the image does.
  fileprivate func after(stride: Int) -> ImagePadding {
    if case .sameAt(let extent) = self { .sameAt((extent + stride - 1) / stride) } else { self }
  }
}

/// `value` as a whole multiple of 8 that is not less than 0.9 of it: how MobileNets and EfficientNets round
/// channels.
func multipleOfEight(_ value: Double) -> Int {
  let rounded = max(8, Int(value + 4) / 8 * 8)
  return Double(rounded) < 0.9 * value ? rounded + 8 : rounded
}
