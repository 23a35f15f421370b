import Layers
import Tensors

/// A pyramid of features whose coarsest map knows the whole image through means of four sizes, all joined at
/// the finest resolution.
///
/// - Source: Xiao et al. 2018, arXiv:1807.10221. Names and details as in TerraTorch's `UperNetDecoder`,
///   which is MMSegmentation's: 256 channels, means of 1, 2, 3 and 6 cells a side, corners on corners in
///   resampling.
struct UperNet: Decoder {
  /// TerraTorch's networks with this decoder: with a 1 x 1 head, whose scores are resampled pixels on pixels.
  static let design = DecoderDesign(
    name: "upernet", scheme: .terratorch, paths: ["decoder."], head: .terratorch,
    featureChannels: { _ in channels }, make: { UperNet($0, in: $1.child("decoder")) })

  private static let channels = 256
  private static let cells = [1, 2, 3, 6]

  private let means: [DecoderConvolution]
  private let bottleneck, joining: DecoderConvolution
  private let laterals, outputs: [DecoderConvolution]

  private init(_ plan: DecoderPlan, in decoder: ParameterScope) {
    func convolution(_ path: String, _ inputs: Int, size: Int) -> DecoderConvolution {
      let scope = decoder.descendant(path)
      return DecoderConvolution(
        inputs: inputs, outputs: Self.channels, kernel: .centered(size: size),
        convolution: scope.child("conv"), norm: scope.child("norm"))
    }
    let last = plan.channels.last!
    means = Self.cells.indices.map { convolution("psp_modules.\($0).1", last, size: 1) }
    bottleneck = convolution("bottleneck", last + Self.cells.count * Self.channels, size: 3)
    let finer = plan.channels.dropLast()
    laterals = finer.enumerated().map { convolution("lateral_convs.\($0)", $1, size: 1) }
    outputs = finer.indices.map { convolution("fpn_convs.\($0)", Self.channels, size: 3) }
    joining = convolution("fpn_bottleneck", plan.channels.count * Self.channels, size: 3)
  }

  /// Computes the features `[N, 256, H, W]`, at the resolution of the largest map.
  func features(of input: DecoderInput, in pass: Pass) -> Value {
    let tape = pass.tape
    func resampled(_ value: Value, like other: Value) -> Value {
      let shape = other.tensor.shape
      return tape.bilinearResampling(
        value, height: shape.height, width: shape.width, alignsCorners: true)
    }
    let last = input.maps.last!
    let wholes = zip(means, Self.cells).map { convolution, cells in
      resampled(
        convolution(tape.adaptiveAveragePooling(last, height: cells, width: cells), in: pass), like: last)
    }
    var levels = zip(laterals, input.maps).map { $0($1, in: pass) }
    levels.append(bottleneck(tape.concatenation([last] + wholes), in: pass))
    for level in (1..<levels.count).reversed() {
      levels[level - 1] = tape.sum(levels[level - 1], resampled(levels[level], like: levels[level - 1]))
    }
    let maps = zip(outputs, levels).map { $0($1, in: pass) } + [levels.last!]
    return joining(
      tape.concatenation([maps[0]] + maps.dropFirst().map { resampled($0, like: maps[0]) }), in: pass)
  }
}
