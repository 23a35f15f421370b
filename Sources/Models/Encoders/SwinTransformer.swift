import Foundation
import Layers
import Tensors

/// A transformer whose tokens attend within windows of 8 x 8, every second time shifted by half a window;
/// version 2.
///
/// Maps that are no multiple of the window are padded with zero tokens for attention, those with odd sides
/// when patches are merged, so that images may have any size.
///
/// - Source: Liu et al. 2021, arXiv:2111.09883. Names and details as in torchvision's `swin_v2_t` and
///   `swin_v2_b`: cosine attention, normalisation after each part with an epsilon of 1e-5, and a bias of
///   positions from a small network.
public struct SwinTransformer: Encoder {
  /// The published encoders of this family.
  public static let designs = Size.allCases.map { size in
    EncoderDesign(
      size.rawValue, [.torchvision], describe: { description(size, $0) },
      make: { SwinTransformer(size, $0, in: $1) })
  }

  /// The published sizes.
  public enum Size: String, CaseIterable, Hashable, Sendable {
    /// 12 blocks, 96 channels at first.
    case tiny = "swin_v2_t"
    /// 24 blocks, 128 channels at first.
    case base = "swin_v2_b"

    fileprivate var channels: Int { self == .tiny ? 96 : 128 }
    fileprivate var depths: [Int] { [2, 2, self == .tiny ? 6 : 18, 2] }
  }

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let patches: Convolution
  private let patchNorm: LayerNormalization
  private let blocks: [[Block]]
  private let merges: [PatchMerging]
  private let norm: LayerNormalization
  private let head: Linear?

  /// Makes `features`, `norm` and, with classes, `head` in `scope`.
  public init(_ size: Size, _ options: EncoderOptions, in scope: ParameterScope) {
    description = Self.description(size, options)
    let features = scope.child("features")
    let stem = features.child("0")
    patches = Convolution(
      .init(
        inputs: options.bands, outputs: size.channels, kernel: SlidingKernel(size: 4, stride: 4),
        hasBias: true), in: stem.child("0"), initializer: .kaimingUniformFanIn)
    patchNorm = LayerNormalization(channels: size.channels, epsilon: 1e-5, in: stem.child("2"))
    blocks = size.depths.enumerated().map { stage, depth in
      (0..<depth).map { index in
        Block(
          channels: size.channels << stage, isShifted: index % 2 == 1,
          depth: StochasticDepth(
            block: size.depths[..<stage].reduce(index, +), of: size.depths.reduce(0, +)),
          in: features.child("\(2 * stage + 1)").child("\(index)"))
      }
    }
    merges = (1..<4).map {
      PatchMerging(channels: size.channels << ($0 - 1), in: features.child("\(2 * $0)"))
    }
    norm = LayerNormalization(channels: size.channels << 3, epsilon: 1e-5, in: scope.child("norm"))
    if options.classes == nil { scope.leaveUnused(below: "norm") }
    head = options.classes.map {
      Linear(
        inputs: size.channels << 3, outputs: $0, in: scope.child("head"),
        initializer: .normal(deviation: 0.02))
    }
  }

  /// Four maps; stem, the four stages with the merging before them, head.
  static func description(_ size: Size, _ options: EncoderOptions) -> EncoderDescription {
    let stages = (0..<4).map { stage in
      NetworkPart(
        .encoder, name: "stage\(stage + 1)",
        prefixes: (stage == 0 ? [1] : [2 * stage, 2 * stage + 1]).map { "features.\($0)." })
    }
    return EncoderDescription(
      maps: (0..<4).map {
        FeatureMap(name: "features.\(2 * $0 + 1)", channels: size.channels << $0, stride: 4 << $0)
      },
      parts: [NetworkPart(.encoder, name: "stem", prefixes: ["features.0."])] + stages
        + [NetworkPart(.head, name: "head", prefixes: ["norm.", "head."])],
      firstConvolution: "features.0.0.weight",
      input: InputContract(bands: options.bands, smallestSide: 4))
  }

  /// Four maps of `[N, C, H, W]`; H and W at least 4.
  public func features(of input: Value, in pass: Pass) -> Features {
    let embedded = patches(input, in: pass)
    var grid = TokenGrid(rows: embedded.tensor.shape.height, columns: embedded.tensor.shape.width)
    var tokens = patchNorm(grid.tokens(of: embedded, in: pass), in: pass)
    let maps = (0..<4).map { stage in
      if stage > 0 { (tokens, grid) = merges[stage - 1](tokens, on: grid, in: pass) }
      let here = grid
      for block in blocks[stage] { tokens = pass.recomputed(tokens) { block($0, on: here, in: $1) } }
      return grid.map(of: tokens, in: pass)
    }
    return Features(maps: maps, tokens: tokens)
  }

  /// Returns the means of the normalised last map.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(pass.tape.normalizedPixels(features.maps.last!, norm, in: pass))
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a transformer without classes gives no scores") }
    return head(pooled, in: pass)
  }
}

/// Attention in windows and a feed-forward network, each normalised afterwards and beside a shortcut.
private struct Block {
  private let attention: WindowAttention
  private let feedForward: FeedForward
  private let attentionNorm, feedForwardNorm: LayerNormalization
  private let depth: StochasticDepth

  init(channels: Int, isShifted: Bool, depth: StochasticDepth, in scope: ParameterScope) {
    self.depth = depth
    attention = WindowAttention(channels: channels, isShifted: isShifted, in: scope.child("attn"))
    feedForward = FeedForward(
      channels: channels, .init(expansion: "0", reduction: "3"), in: scope.child("mlp"),
      initializer: .normal(deviation: 0.02))
    attentionNorm = LayerNormalization(channels: channels, epsilon: 1e-5, in: scope.child("norm1"))
    feedForwardNorm = LayerNormalization(channels: channels, epsilon: 1e-5, in: scope.child("norm2"))
  }

  func callAsFunction(_ input: Value, on grid: TokenGrid, in pass: Pass) -> Value {
    let attended = pass.tape.sum(
      input, depth(attentionNorm(attention(input, on: grid, in: pass), in: pass), in: pass))
    return pass.tape.sum(
      attended, depth(feedForwardNorm(feedForward(attended, in: pass), in: pass), in: pass))
  }
}

/// Cosine attention within windows.
private struct WindowAttention {
  private static let window = 8

  private let heads: Int
  private let isShifted: Bool
  private let weight, bias, logScale: Parameter
  private let biasExpansion, biasReduction: Linear
  private let projection: Linear

  init(channels: Int, isShifted: Bool, in scope: ParameterScope) {
    (heads, self.isShifted) = (channels / 32, isShifted)
    logScale = scope.parameter(
      "logit_scale", .gain, shape: [heads, 1, 1], initializer: .constant(Float(log(10.0))))
    let packed = scope.child("qkv")
    weight = packed.parameter(
      "weight", .weight, shape: [3 * channels, channels], initializer: .normal(deviation: 0.02))
    bias = packed.parameter("bias", .bias, shape: [3 * channels], initializer: .constant(0))
    projection = Linear(
      inputs: channels, outputs: channels, in: scope.child("proj"), initializer: .normal(deviation: 0.02))
    let network = scope.child("cpb_mlp")
    biasExpansion = Linear(
      inputs: 2, outputs: 512, in: network.child("0"), initializer: .normal(deviation: 0.02))
    biasReduction = Linear(
      inputs: 512, outputs: heads, hasBias: false, in: network.child("2"),
      initializer: .normal(deviation: 0.02))
    let side = 2 * Self.window - 1
    scope.passOver("relative_coords_table", shape: [1, side, side, 2]) { Self.distances }
    scope.passOver("relative_position_index", shape: [Self.pairs.count]) {
      Self.pairs.map(Float.init)
    }
  }

  /// `[2 w - 1, 2 w - 1, 2]`: how far two tokens of a window can be apart down and across, on a signed
  /// logarithmic scale.
  private static let distances: [Float] = {
    let side = 2 * window - 1
    let coordinates = (0..<side).map { place -> Float in
      let distance = 8 * Double(place - window + 1) / Double(window - 1)
      let logarithm = log2(abs(distance) + 1) / 3
      return Float(distance < 0 ? -logarithm : logarithm)
    }
    return (0..<side * side).flatMap { [coordinates[$0 / side], coordinates[$0 % side]] }
  }()

  /// `[w w, w w]`: the place in ``distances`` of each pair of tokens.
  private static let pairs: [Int] = {
    let (area, side) = (window * window, 2 * window - 1)
    return (0..<area * area).map { pair in
      let (from, to) = (pair / area, pair % area)
      return (from / window - to / window + window - 1) * side + from % window - to % window + window - 1
    }
  }()

  /// `[N, L, C]` to `[N, L, C]`, L the tokens of the grid.
  func callAsFunction(_ input: Value, on grid: TokenGrid, in pass: Pass) -> Value {
    let tape = pass.tape
    let shape = input.tensor.shape
    let windows = WindowPartition(grid, window: Self.window, isShifted: isShifted)
    let area = Self.window * Self.window
    let cut = tape.reshaped(
      tape.gatheredRows(input, places: windows.places), to: [shape[0] * windows.count, area, shape[2]])
    let packed = tape.linear(cut, weight: pass.value(of: weight), bias: offsets(in: pass))
    let heads = AttentionHeads(packed: packed, count: heads, in: pass)
    let cosines = tape.matrixProducts(
      tape.unitVectors(heads.queries), tape.unitVectors(heads.keys), transposeRight: true)
    let scale = tape.boundedExponential(pass.value(of: logScale), bound: Float(log(100.0)))
    var logits = tape.broadcastSum(tape.broadcastProduct(cosines, scale), positionBias(in: pass))
    if let mask = windows.mask {
      let whole = logits.tensor.shape
      let apart = tape.reshaped(logits, to: [shape[0], windows.count, whole[1], area, area])
      logits = tape.reshaped(tape.broadcastSum(apart, Value(mask)), to: whole)
    }
    let mixed = tape.reshaped(
      heads.attended(by: logits, in: pass), to: [shape[0], windows.count * area, shape[2]])
    return projection(tape.gatheredRows(mixed, places: windows.inverse), in: pass)
  }

  /// Returns the bias of the projections; files hold one for the keys too, which does not count.
  private func offsets(in pass: Pass) -> Value {
    let channels = bias.tensor.shape.count / 3
    let factors = (0..<3 * channels).map { Float($0 / channels == 1 ? 0 : 1) }
    return pass.tape.broadcastProduct(
      pass.value(of: bias), Value(Tensor(factors, shape: [3 * channels])))
  }

  /// `[h, L, L]`: 16 sigmoid(network(distance)), the distance on a signed logarithmic scale.
  private func positionBias(in pass: Pass) -> Value {
    let (tape, window) = (pass.tape, Self.window)
    let side = 2 * window - 1
    let inner = tape.parameterActivation(
      biasExpansion(Value(Tensor(Self.distances, shape: [1, side * side, 2])), in: pass), .relu)
    let biases = tape.scaled(
      tape.parameterActivation(biasReduction(inner, in: pass), .sigmoid), by: 16)
    let area = window * window
    let pairs = tape.reshaped(
      tape.gatheredRows(biases, places: Self.pairs), to: [area, area, heads])
    return tape.permuted(pairs, axes: [2, 0, 1])
  }
}

/// Four neighbouring tokens become one of twice the channels.
private struct PatchMerging {
  private let reduction: Linear
  private let norm: LayerNormalization

  init(channels: Int, in scope: ParameterScope) {
    reduction = Linear(
      inputs: 4 * channels, outputs: 2 * channels, hasBias: false, in: scope.child("reduction"),
      initializer: .normal(deviation: 0.02))
    norm = LayerNormalization(channels: 2 * channels, epsilon: 1e-5, in: scope.child("norm"))
  }

  /// Odd sides get zeros at their end; the four go down the first column, then down the second.
  func callAsFunction(_ tokens: Value, on grid: TokenGrid, in pass: Pass) -> (Value, TokenGrid) {
    let merged = TokenGrid(rows: (grid.rows + 1) / 2, columns: (grid.columns + 1) / 2)
    var places: [Int] = []
    for row in 0..<merged.rows {
      for column in 0..<merged.columns {
        for (down, right) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
          places.append(grid.place(2 * row + down, 2 * column + right))
        }
      }
    }
    let shape = tokens.tensor.shape
    let joined = pass.tape.reshaped(
      pass.tape.gatheredRows(tokens, places: places),
      to: [shape[0], merged.rows * merged.columns, 4 * shape[2]])
    return (norm(reduction(joined, in: pass), in: pass), merged)
  }
}
