import Layers
import Tensors

/// A transformer over the 16 x 16 patches of an image and a class token.
///
/// Images may have any size from one patch on: patches are floor(H / 16) x floor(W / 16), and the position
/// embedding is resized from the grid that it was made for.
///
/// - Source: Dosovitskiy et al. 2020, arXiv:2010.11929. Names and details as in timm's `vit_*_patch16_224`
///   and torchvision's `vit_*_16`, both with normalisation before attention and an epsilon of 1e-6; they
///   differ in how positions are resized.
public struct VisionTransformer: Encoder {
  /// The published encoders of this family.
  public static let designs = Size.allCases.flatMap { size in
    size.names.map { scheme, name in
      EncoderDesign(
        name, [scheme], describe: { description(size, $0) }, make: { VisionTransformer(size, $0, in: $1) })
    }
  }

  /// The published sizes.
  public enum Size: CaseIterable, Hashable, Sendable {
    /// 12 blocks of 384 channels; of timm only.
    case small
    /// 12 blocks of 768 channels.
    case base
    /// 24 blocks of 1024 channels.
    case large

    var channels: Int { [.small: 384, .base: 768, .large: 1024][self]! }
    var heads: Int { channels / 64 }
    var depth: Int { self == .large ? 24 : 12 }

    fileprivate var names: [(NamingScheme, String)] {
      switch self {
      case .small: [(.timm, "vit_small_patch16_224")]
      case .base: [(.timm, "vit_base_patch16_224"), (.torchvision, "vit_b_16")]
      case .large: [(.timm, "vit_large_patch16_224"), (.torchvision, "vit_l_16")]
      }
    }
  }

  private static let patch = 16
  /// Rows of the patches of an image of 224 x 224 pixels, for which the published positions are.
  private static let publishedGrid = 14

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let size: Size
  private let names: Names
  private let positionGrid: Int
  private let patches: Convolution
  private let classToken, positions: Parameter
  private let blocks: [Block]
  private let norm: LayerNormalization
  private let head: Linear?

  /// Makes its parameters in `scope`; the names are timm's or torchvision's.
  public init(_ size: Size, _ options: EncoderOptions, in scope: ParameterScope) {
    description = Self.description(size, options)
    (self.size, positionGrid) = (size, options.positionGrid ?? Self.publishedGrid)
    let names = Names(isTimm: options.scheme == .timm)
    self.names = names
    let channels = size.channels
    classToken = scope.parameter(
      names.classToken, .embedding, shape: [1, 1, channels], initializer: .normal(deviation: 1e-6))
    patches = Convolution(
      .init(
        inputs: options.bands, outputs: channels,
        kernel: SlidingKernel(size: Self.patch, stride: Self.patch), hasBias: true),
      in: scope.descendant(names.patches), initializer: .kaimingUniformFanIn)
    positions = scope.descendant(names.encoder).parameter(
      names.positions, .embedding, shape: [1, 1 + positionGrid * positionGrid, channels],
      initializer: .normal(deviation: 0.02))
    blocks = (0..<size.depth).map { index in
      Block(
        size, names, depth: StochasticDepth(block: index, of: size.depth),
        in: scope.descendant(names.block(index)))
    }
    norm = LayerNormalization(channels: channels, epsilon: 1e-6, in: scope.descendant(names.norm))
    head = options.classes.map {
      Linear(
        inputs: channels, outputs: $0, in: scope.descendant(names.head),
        initializer: .normal(deviation: 0.02))
    }
  }

  /// Blocks after which a map is given: those at a quarter, half, three quarters and the whole of the depth.
  private static func mapBlocks(_ size: Size) -> [Int] { (1...4).map { size.depth * $0 / 4 - 1 } }

  /// Describes the encoder: the maps are the patches' tokens after each quarter of the blocks, the parts
  /// patches with tokens and positions, the four quarters of the blocks, and the head.
  static func description(_ size: Size, _ options: EncoderOptions) -> EncoderDescription {
    let names = Names(isTimm: options.scheme == .timm)
    let quarters = (0..<4).map { quarter in
      let blocks = size.depth * quarter / 4..<size.depth * (quarter + 1) / 4
      return NetworkPart(
        .encoder, name: "stage\(quarter + 1)", prefixes: blocks.map { names.block($0) + "." })
    }
    let stem = [names.patches + ".", names.classToken, [names.encoder, names.positions].joinedPath]
    return EncoderDescription(
      maps: mapBlocks(size).map {
        FeatureMap(name: names.block($0), channels: size.channels, stride: patch)
      },
      parts: [NetworkPart(.encoder, name: "stem", prefixes: stem)] + quarters
        + [NetworkPart(.head, name: "head", prefixes: [names.norm + ".", names.head + "."])],
      firstConvolution: names.patches + ".weight", besideMaps: [names.norm],
      input: InputContract(
        bands: options.bands, sideMultiple: patch, smallestSide: patch,
        positionGrid: options.positionGrid ?? publishedGrid))
  }

  /// Returns the maps, the last one's tokens, and the class token after the last normalisation: what timm's
  /// network without classes gives.
  public func features(of input: Value, in pass: Pass) -> Features {
    let tape = pass.tape
    let embedded = patches(input, in: pass)
    let shape = embedded.tensor.shape
    let (grid, count) = ((shape.height, shape.width), shape.height * shape.width)
    let places = pass.value(of: positions)
    let old = positionGrid * positionGrid
    let patchPlaces = names.resampling(
      tape.gatheredRows(places, places: Array(1..<1 + old)), from: (positionGrid, positionGrid), to: grid,
      in: pass)
    let first = tape.broadcastSum(pass.value(of: classToken), tape.gatheredRows(places, places: [0]))
    let rows = tape.permuted(
      tape.reshaped(embedded, to: [shape.batch, shape.channels, count]), axes: [0, 2, 1])
    var tokens = tape.joinedRows(first, tape.broadcastSum(rows, patchPlaces))
    var (maps, lastTokens) = ([Value](), tokens)
    let mapBlocks = Self.mapBlocks(size)
    for (index, block) in blocks.enumerated() {
      tokens = block(tokens, in: pass)
      guard mapBlocks.contains(index) else { continue }
      lastTokens = tape.gatheredRows(tokens, places: Array(1..<1 + count))
      maps.append(tape.reshaped(tape.permuted(lastTokens, axes: [0, 2, 1]), to: shape))
    }
    let last = tape.gatheredRows(tokens, places: [0])
    return Features(
      maps: maps, tokens: lastTokens,
      classToken: norm(tape.reshaped(last, to: [shape.batch, shape.channels]), in: pass))
  }

  /// Returns the class token.
  public func pooled(_ features: Features, in pass: Pass) -> Value { features.classToken! }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a transformer without classes gives no scores") }
    return head(pooled, in: pass)
  }
}

/// The paths of the parts of a transformer in each scheme.
private struct Names {
  let isTimm: Bool
  var classToken: String { isTimm ? "cls_token" : "class_token" }
  var patches: String { isTimm ? "patch_embed.proj" : "conv_proj" }
  var encoder: String { isTimm ? "" : "encoder" }
  var positions: String { isTimm ? "pos_embed" : "pos_embedding" }
  var norm: String { isTimm ? "norm" : "encoder.ln" }
  var head: String { isTimm ? "head" : "heads.head" }
  var blockNorms: [String] { isTimm ? ["norm1", "norm2"] : ["ln_1", "ln_2"] }
  var resampling: PositionResampling { isTimm ? .antialiased : .alignedCorners }
  var attention: String { isTimm ? "attn" : "self_attention" }
  var projections: SelfAttention.Names {
    isTimm
      ? .init(packedScope: "qkv", weight: "weight", bias: "bias", projection: "proj")
      : .init(
        packedScope: nil, weight: "in_proj_weight", bias: "in_proj_bias", projection: "out_proj")
  }
  func block(_ index: Int) -> String {
    isTimm ? "blocks.\(index)" : "encoder.layers.encoder_layer_\(index)"
  }
}

extension [String] {
  /// The names that are not empty with dots between them.
  fileprivate var joinedPath: String { filter { !$0.isEmpty }.joined(separator: ".") }
}

/// Attention and a feed-forward network, each normalised first and beside a shortcut.
private struct Block {
  private let attentionNorm, feedForwardNorm: LayerNormalization
  private let attention: SelfAttention
  private let feedForward: FeedForward
  private let depth: StochasticDepth

  init(_ size: VisionTransformer.Size, _ names: Names, depth: StochasticDepth, in scope: ParameterScope) {
    self.depth = depth
    func norm(_ name: String) -> LayerNormalization {
      LayerNormalization(channels: size.channels, epsilon: 1e-6, in: scope.child(name))
    }
    (attentionNorm, feedForwardNorm) = (norm(names.blockNorms[0]), norm(names.blockNorms[1]))
    attention = SelfAttention(
      channels: size.channels, heads: size.heads, names: names.projections, in: scope.child(names.attention))
    feedForward = FeedForward(
      channels: size.channels, expansion: names.isTimm ? "fc1" : "0", reduction: names.isTimm ? "fc2" : "3",
      in: scope.child("mlp"), initializer: .xavierUniform)
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let attended = pass.tape.sum(
      input, depth(attention(attentionNorm(input, in: pass), in: pass), in: pass))
    return pass.tape.sum(
      attended, depth(feedForward(feedForwardNorm(attended, in: pass), in: pass), in: pass))
  }
}
