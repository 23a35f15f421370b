import Checkpoints
import Chips
import Classes
import Layers
import Learners
import Models
import Numerics
import Tensors

/// The features of labelled pixels with their classes, as learners read them.
public struct LabelledFeatureTable: Sendable {
  /// The samples.
  package private(set) var table: FeatureTable
  /// The names of the features.
  public let names: [String]

  /// The side of the windows in which features are computed, and how far their pixels stay from the windows'
  /// edges, where contexts and maps of encoders are cut.
  private static let (size, margin) = (320, 32)

  /// Computes the features of labelled pixels, at most `limit` of each class, drawn by `seed`.
  ///
  /// - Parameters:
  ///   - blockSize: the side in pixels of the grounds that large patches of labels are cut into.
  ///   - progress: gets windows done and windows in all.
  /// - Throws: ``CheckpointError`` for features that the model cannot give, `CancellationError`.
  package init(
    _ recipe: FeatureRecipe, of model: Model, on regions: [LabelledRegion], limit: Int, blockSize: Int,
    seed: UInt64, kernels: any Kernels, progress: (Int, Int) -> Void, isCancelled: () -> Bool
  ) throws {
    let features = try FeatureComputation(recipe, of: model)
    names = features.names
    let classes = model.card.classes.count
    let shares = regions.reduce(into: Array(repeating: 0, count: classes)) { sums, region in
      for (index, count) in region.counts(classes: classes).enumerated() { sums[index] += count }
    }.map { min(1, Double(limit) / Double(max(1, $0))) }
    let grounds = LabelGrounds(regions, size: blockSize)
    let chips = ChipSet(
      regions, normalization: Normalization(model.card), size: Self.size,
      stride: Self.size - 2 * Self.margin)
    var random = RandomSource(seed: seed, stream: "samples of features")
    var table = FeatureTable(width: features.names.count, classCount: classes)
    var row = [Float](repeating: 0, count: features.names.count)
    for number in chips.chips.indices {
      if isCancelled() { throw CancellationError() }
      let cut = chips.batch([number])
      let pixels = chips.labelledCore(ofChip: number, margin: Self.margin).filter { pixel in
        cut.targets[pixel] != ClassIndex.none && random.uniform() < shares[Int(cut.targets[pixel])]
      }
      defer { progress(number + 1, chips.chips.count) }
      guard !pixels.isEmpty else { continue }
      let maps = features(cut.input, kernels: kernels)
      let plane = Self.size * Self.size
      maps.withValues { values in
        for pixel in pixels {
          for feature in row.indices { row[feature] = values[feature * plane + pixel] }
          let place = chips.place(of: pixel, inChip: number)
          table.append(
            row, class: cut.targets[pixel], ground: grounds.numbers[place.region][place.place])
        }
      }
    }
    self.table = table
  }
}
