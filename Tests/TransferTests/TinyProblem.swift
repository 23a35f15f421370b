import Checkpoints
import Chips
import Classes
import Layers
import Models
import NumericOracles
import Rasters
import Scenes
import Tensors

/// Two classes in fields of a few pixels, told apart by the first band; the second is noise.
struct TinyProblem {
  let name: String
  /// How far the classes are apart.
  var contrast = 2.0
  /// Added to both bands: another domain.
  var offset = 0.0
  /// Whether the labels say the opposite of what the pixels do.
  var isSwapped = false

  static let card = ModelCard(
    architecture: "unet", encoder: "resnet18", sensor: "custom",
    bands: ["a", "b"].map { .init(name: $0, wavelength: nil, mean: 0, deviation: 1) },
    classes: [.init(value: 1, name: "low"), .init(value: 2, name: "high")])

  init(_ name: String, offset: Double = 0, isSwapped: Bool = false) {
    (self.name, self.offset, self.isSwapped) = (name, offset, isSwapped)
  }

  /// A square region, all labelled.
  func region(side: Int) -> LabelledRegion {
    let (noise, fields) = (HashedValues(name + " noise"), HashedValues(name + " fields"))
    let count = side * side
    let classes = (0..<count).map { place in
      fields.uniform(place / side / 8 * 1000 + place % side / 8) > 0 ? 1 : 0
    }
    let values = (0..<2 * count).map { index -> Float in
      let signal = index < count ? contrast * (Double(classes[index]) - 0.5) : 0
      return Float(signal + 0.4 * noise.uniform(index) + offset)
    }
    return LabelledRegion(
      window: Window(column: 0, row: 0, width: side, height: side),
      pixels: PixelBlock(
        width: side, height: side, bandCount: 2, values: values,
        valid: [Bool](repeating: true, count: count)),
      labels: classes.map { UInt8(isSwapped ? 1 - $0 : $0) }, ground: Ground(named: name))
  }

  /// Chips of 32 pixels, side by side.
  func chips(side: Int, unlabelled: Bool = false) -> ChipSet {
    ChipSet(
      [region(side: side)], normalization: Normalization(Self.card), size: 32, stride: 32,
      unlabelled: unlabelled)
  }

  /// What a loop trains on: the chips of a square.
  func material(side: Int, validation: ChipSet? = nil) -> TrainingMaterial {
    let region = region(side: side)
    return (chips(side: side), validation, region.counts(classes: 2))
  }

  static func model(seed: UInt64 = 1) throws -> Model {
    try Model(card: card, seed: seed)
  }
}

/// Chips, validation chips, and the labelled pixels of each class.
typealias TrainingMaterial = (training: ChipSet, validation: ChipSet?, counts: [Int])

extension Model {
  /// Every parameter by path, bit by bit.
  var bits: [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: network.parameters.all.map { ($0.path, $0.tensor.values.map(\.bitPattern)) })
  }
}

/// The paths whose bytes differ.
func changedPaths(_ before: [String: [UInt32]], _ after: [String: [UInt32]]) -> [String] {
  before.keys.filter { before[$0] != after[$0] }.sorted()
}
