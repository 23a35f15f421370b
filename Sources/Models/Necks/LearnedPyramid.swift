import Layers
import Tensors

/// Four maps of one resolution made a pyramid: the first magnified by four, the second by two, the last
/// pooled.
///
/// - Source: names and details as TerraTorch's `LearnedInterpolateToPyramidal`, third in its list of necks,
///   after MMSegmentation's `Feature2Pyramid`.
struct LearnedPyramid: Neck {
  /// The published design; of channels D it makes D/4, D/2, D and D.
  static let design = NeckDesign(
    path: "neck.",
    maps: { maps in
      zip(maps, [(4, 4), (2, 2), (1, 1), (1, 0)]).map { map, change in
        FeatureMap(
          name: map.name, channels: map.channels / change.0,
          stride: change.1 == 0 ? 2 * map.stride : map.stride / change.1)
      }
    }, make: { LearnedPyramid($0, in: $1.descendant("neck.2")) })

  private let first, second, other: Magnification
  private let norm: BatchNormalization

  private init(_ maps: [FeatureMap], in scope: ParameterScope) {
    precondition(maps.count == 4, "a pyramid is made of four maps, not of \(maps.count)")
    let (large, middle) = (maps[0].channels, maps[1].channels)
    first = Magnification(inputs: large, outputs: large / 2, in: scope.descendant("fpn1.0"))
    norm = BatchNormalization(channels: large / 2, activation: nil, in: scope.descendant("fpn1.1"))
    second = Magnification(inputs: large / 2, outputs: large / 4, in: scope.descendant("fpn1.3"))
    other = Magnification(inputs: middle, outputs: middle / 2, in: scope.descendant("fpn2.0"))
  }

  /// Four maps, at 4, 2, 1 and 1/2 times the resolution of those of the encoder.
  func callAsFunction(_ maps: [Value], in pass: Pass) -> [Value] {
    let tape = pass.tape
    let hidden = tape.activation(norm(first(maps[0], in: pass), in: pass), .gelu)
    return [
      second(hidden, in: pass), other(maps[1], in: pass), maps[2],
      tape.maxPooling(maps[3], kernel: SlidingKernel(size: 2, stride: 2)),
    ]
  }
}
