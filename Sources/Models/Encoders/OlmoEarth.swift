import Foundation
import Layers
import Tensors

/// Ai2's transformers of Sentinel-2. In version 1 every patch has three tokens, one for each of three groups
/// of bands: those of 10 m, of 20 m and of 60 m. From 1.1 on it has one, of pixels whose bands are mixed
/// first; from 1.2 on queries and keys are turned for the place of their patch, by frequencies of each head.
///
/// The network wants to know the month of an image, and the size of its pixels. Nobody tells it here: every
/// image is one of July with pixels of 10 m. The frequencies stay as published when the network is trained.
///
/// - Source: Herzog et al. 2025, arXiv:2511.13655. Names and details as versions 1 to 1.3 of
///   `olmoearth_pretrain`: an epsilon of 1e-5; images are resampled so that a patch has 8 x 8 pixels; tokens
///   carry their group and the month, up to 1.1 also the number of their date, and column and row; the last
///   map is normalised, and maps are the means of a patch's tokens. The encoder of 1.3 is that of 1.2 with
///   something on top that is not needed here.
public struct OlmoEarth: Encoder {
  /// The published encoders, for patches of 8 x 8 pixels and of 4 x 4.
  static let designs: [EncoderDesign] = versions.flatMap { version in
    sizes.filter { version.sizes.contains($0.name) }.flatMap { size in
      [("", 8), ("_patch4", 4)].map { suffix, patch in
        let form = Form(
          channels: size.channels, depth: size.depth, heads: size.heads, patch: patch,
          hidden: version.mixesPixels ? (size.name == "nano" ? 12 : 64) : nil, turns: version.turns)
        return EncoderDesign(
          "olmoearth_\(version.name)_\(size.name)\(suffix)", [.terrane], describe: { description(form, $0) },
          make: { OlmoEarth(form, $0, in: $1) })
      }
    }
  }

  private static let sizes: [(name: String, channels: Int, depth: Int, heads: Int)] = [
    ("nano", 128, 4, 8), ("tiny", 192, 12, 3), ("small", 384, 12, 6), ("base", 768, 12, 12),
    ("large", 1024, 24, 16),
  ]
  private static let versions: [(name: String, sizes: [String], mixesPixels: Bool, turns: Bool)] = [
    ("v1", ["nano", "tiny", "base", "large"], false, false), ("v1_1", ["nano", "tiny", "base"], true, false),
    ("v1_2", ["nano", "tiny", "small", "base"], true, true),
  ]

  private struct Form: Sendable {
    let channels, depth, heads, patch: Int
    /// Channels that the bands of each pixel become before pixels are joined to patches; nil where they are
    /// joined as they are, in three groups of bands.
    let hidden: Int?
    /// Whether queries and keys are turned for the place of their patch; else tokens carry it.
    let turns: Bool
    /// The tokens of a patch.
    var groups: Int { hidden == nil ? 3 : 1 }
    /// Blocks after which a map is given.
    var mapBlocks: [Int] { (1...4).map { depth * $0 / 4 - 1 } }
  }

  /// Pixels along a side of the filters.
  private static let filterSide = 8
  /// July, counted from 0.
  private static let month = 6
  private static let place = "patch_embeddings.per_modality_embeddings.sentinel2_l2a."
  private static let joined = place + "proj"
  private static let only = place + "sentinel2_l2a__0."
  private static let group = "composite_encodings.per_modality_channel_embeddings.sentinel2_l2a"

  /// The encoder's description, which needs no parameters.
  public let description: EncoderDescription
  private let form: Form
  /// The mixing of each pixel's bands before it is part of a patch; nil for none.
  private let pixels: Convolution?
  private let patches: Convolution
  private let groupCode: Parameter
  private let blocks: [TransformerBlock]
  private let norm: LayerNormalization
  private let head: Linear?

  private init(_ form: Form, _ options: EncoderOptions, in scope: ParameterScope) {
    self.form = form
    let channels = form.channels
    description = Self.description(form, options)
    func convolution(_ path: String, _ inputs: Int, _ outputs: Int, side: Int) -> Convolution {
      Convolution(
        .init(
          inputs: inputs, outputs: outputs, kernel: SlidingKernel(size: side, stride: side), hasBias: true),
        in: scope.descendant(path), initializer: .kaimingUniformFanIn)
    }
    if let hidden = form.hidden {
      pixels = convolution(Self.only + "pixel_proj.0", options.bands, hidden, side: 1)
      patches = convolution(Self.only + "proj", hidden, channels, side: Self.filterSide)
      scope.descendant(Self.only + "pixel_proj.0").mayStore("weight", as: .pixelwise(side: 1))
      scope.descendant(Self.only + "proj").mayStore("weight", as: .pixelwise(side: Self.filterSide))
    } else {
      pixels = nil
      patches = convolution(Self.joined, options.bands, form.groups * channels, side: Self.filterSide)
      for (name, assembled) in [("weight", Assembly.Form.groups), ("bias", .rows)] {
        scope.mayAssemble(
          "\(Self.joined).\(name)",
          from: (0..<form.groups).map { "\(Self.place)sentinel2_l2a__\($0).proj.\(name)" }, as: assembled)
      }
    }
    groupCode = scope.parameter(
      at: Self.group, .embedding, shape: [form.groups, channels / 4], initializer: .normal(deviation: 0.02))
    scope.descendant("composite_encodings.month_embed").passOver("weight", shape: [12, channels / 4]) {
      (0..<12).flatMap { Self.code(ofMonth: $0, channels: channels / 4) }
    }
    var block = TransformerBlock.Form(channels: channels, heads: form.heads, epsilon: 1e-5)
    block.attention.form.projections = .apart(queries: "q", keys: "k", values: "v")
    block.attention.form.frequencies = form.turns ? "rope_mixed_freqs" : nil
    blocks = (0..<form.depth).map { index in
      TransformerBlock(
        block, depth: StochasticDepth(block: index, of: form.depth), in: scope.descendant("blocks.\(index)"))
    }
    norm = LayerNormalization(channels: channels, epsilon: 1e-5, in: scope.child("norm"))
    head = options.classes.map {
      Linear(
        inputs: channels, outputs: $0, in: scope.child("head"), initializer: .normal(deviation: 0.02))
    }
    for name in ["patch_embeddings", "composite_encodings", "project_and_aggregate", "attention_pooler"] {
      scope.passOver(below: name)
    }
  }

  /// Describes the encoder: the maps are the means of each patch's tokens after each quarter of the blocks.
  private static func description(_ form: Form, _ options: EncoderOptions) -> EncoderDescription {
    let quarters = (0..<4).map { quarter in
      NetworkPart(
        .encoder, name: "stage\(quarter + 1)",
        prefixes: (form.depth * quarter / 4..<form.depth * (quarter + 1) / 4).map { "blocks.\($0)." }
          + (quarter == 3 ? ["norm."] : []))
    }
    return EncoderDescription(
      maps: (form.mapBlocks.dropLast().map { "blocks.\($0)" } + ["norm"]).map {
        FeatureMap(name: $0, channels: form.channels, stride: form.patch)
      },
      parts: [NetworkPart(.encoder, name: "stem", prefixes: [place, group])] + quarters
        + [NetworkPart(.head, name: "head", prefixes: ["head."])],
      layers: [[place, group]]
        + TransformerBlock.layers(form.depth, at: "blocks.", normalizedAt: "norm"),
      firstConvolution: (form.hidden == nil ? joined : only + "pixel_proj.0") + ".weight",
      input: InputContract(bands: options.bands, sideMultiple: form.patch, smallestSide: form.patch))
  }

  /// Computes four maps of `[N, C, H, W]`, each `[N, D, H / p, W / p]`.
  public func features(of input: Value, in pass: Pass) -> Features {
    let (tape, shape) = (pass.tape, input.tensor.shape)
    let grid = TokenGrid(rows: shape.height / form.patch, columns: shape.width / form.patch)
    let image = PositionResampling.antialiased(
      input, height: grid.rows * Self.filterSide, width: grid.columns * Self.filterSide, in: pass)
    let embedded = patches(pixels.map { tape.activation($0(image, in: pass), .relu) } ?? image, in: pass)
    let count = grid.rows * grid.columns
    let grouped = tape.reshaped(embedded, to: [shape.batch, form.groups, form.channels, count])
    var tokens = tape.reshaped(
      tape.permuted(grouped, axes: [0, 3, 1, 2]), to: [shape.batch, count * form.groups, form.channels])
    tokens = tape.broadcastSum(tape.broadcastSum(tokens, constants(on: grid)), groupCodes(count, in: pass))
    let places = form.turns ? self.places(on: grid) : []
    var maps: [Value] = []
    for (index, block) in blocks.enumerated() {
      tokens = pass.recomputed(tokens) { block($0, places: places, in: $1) }
      guard form.mapBlocks.contains(index) else { continue }
      if index == form.depth - 1 { tokens = norm(tokens, in: pass) }
      maps.append(map(of: tokens, grid, in: pass))
    }
    return Features(maps: maps)
  }

  /// Returns the means of the tokens of each patch as a map.
  private func map(of tokens: Value, _ grid: TokenGrid, in pass: Pass) -> Value {
    guard form.groups > 1 else { return grid.map(of: tokens, in: pass) }
    let (tape, shape) = (pass.tape, tokens.tensor.shape)
    let split = tape.permuted(
      tape.reshaped(tokens, to: [shape[0], shape[1] / form.groups, form.groups, shape[2]]),
      axes: [2, 0, 1, 3])
    let parts = (0..<form.groups).map { tape.slice(split, at: $0) }
    let sum = parts.dropFirst().reduce(parts[0]) { tape.broadcastSum($0, $1) }
    return grid.map(of: tape.scaled(sum, by: 1 / Float(form.groups)), in: pass)
  }

  /// Returns row and column of each token, in pixels of 10 m.
  private func places(on grid: TokenGrid) -> [(row: Float, column: Float)] {
    (0..<grid.rows * grid.columns).map {
      (Float($0 / grid.columns * form.patch), Float($0 % grid.columns * form.patch))
    }
  }

  /// Returns the learned code of each token's group, `[1, g L, D]`, in the first quarter of the channels.
  private func groupCodes(_ places: Int, in pass: Pass) -> Value {
    let (tape, quarter) = (pass.tape, form.channels / 4)
    let widening = Tensor(
      (0..<form.channels * quarter).map { $0 / quarter == $0 % quarter ? 1 : 0 },
      shape: [form.channels, quarter])
    let codes = tape.linear(
      tape.reshaped(pass.value(of: groupCode), to: [1, form.groups, quarter]), weight: Value(widening),
      bias: nil)
    return tape.gatheredRows(codes, places: (0..<places * form.groups).map { $0 % form.groups })
  }

  /// Returns what is known of each token, `[1, g L, D]`: nothing in the first quarter of the channels, the
  /// first date, the month, and column and row in the others; of turned tokens the month alone.
  private func constants(on grid: TokenGrid) -> Value {
    let quarter = form.channels / 4
    let nothing = Array(repeating: Float(0), count: quarter)
    let before =
      nothing + (form.turns ? nothing : Self.code(0, channels: quarter))
      + Self.code(ofMonth: Self.month, channels: quarter)
    var values: [Float] = []
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let place =
          form.turns
          ? nothing : [column, row].flatMap { Self.code(Double($0 * form.patch), channels: quarter / 2) }
        for _ in 0..<form.groups { values += before + place }
      }
    }
    return Value(Tensor(values, shape: [1, values.count / form.channels, form.channels]))
  }

  /// Returns sin, then cos, of `position` / 10000^(k / 2 d), k = 0, ..., d / 2 - 1: the publisher divides by
  /// d and once more by 2.
  private static func code(_ position: Double, channels: Int) -> [Float] {
    let angles = (0..<channels / 2).map { position / pow(10_000, Double($0) / Double(2 * channels)) }
    return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
  }

  /// Returns equal sines, then equal cosines.
  private static func code(ofMonth month: Int, channels: Int) -> [Float] {
    let angle = 2 * Double.pi * Double(month) / 12
    return [sin(angle), cos(angle)].flatMap { Array(repeating: Float($0), count: channels / 2) }
  }

  /// Returns the means of the last map.
  public func pooled(_ features: Features, in pass: Pass) -> Value {
    pass.tape.channelMeanVector(features.maps.last!)
  }

  /// Computes the scores by a linear map.
  public func scores(of pooled: Value, in pass: Pass) -> Value {
    guard let head else { preconditionFailure("a transformer without classes gives no scores") }
    return head(pooled, in: pass)
  }
}
