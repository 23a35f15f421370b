import Checkpoints
import Chips
import Foundation
import Models
import Transfer

/// Labelled chips of the source and unlabelled ones of the target, to see both with several models.
struct DomainChips {
  private let source, target: [LabelledRegion]
  private let size, stride: Int
  private let seed: UInt64

  /// The scenes that stand for the source.
  static func scenes(of file: PipelineFile) -> [LabelledScene] {
    file.data.source.filter { $0.labels != nil }
  }

  /// Chips of a file's domains; of the source's labels `regions` gives what may be seen.
  init(_ file: PipelineFile, regions: ([LabelledScene]) throws -> [LabelledRegion]) throws {
    let opening = SceneOpening(file)
    source = try regions(Self.scenes(of: file))
    target = try opening.unlabelledRegions(opening.targetScenes)
    (size, stride, seed) = (file.chips.size, file.chips.stride, file.seed)
  }

  /// What a model makes of the source, normalising by the source's own statistics; nil where there is none.
  ///
  /// The model's statistics may be the target's by now, as they are after AdaBN: seen by those the source would look as shifted as
  /// the target did before.
  func source(seenBy model: SegmentationModel) -> SeenPixels? {
    let chips = ChipSet(source, normalization: Normalization(model.card), size: size, stride: stride)
    guard !chips.chips.isEmpty else { return nil }
    return SeenPixels(of: model.withStatistics(of: chips), on: chips, seed: seed)
  }

  /// What a model makes of the target, as it maps it; nil where no chip is half valid.
  func target(seenBy model: SegmentationModel) -> SeenPixels? {
    let chips = ChipSet(
      target, normalization: Normalization(model.card), size: size, stride: stride, unlabelled: true)
    return SeenPixels(of: model, on: chips, seed: seed)
  }

  /// How much each class takes of the source's labels.
  func labelProportions(classes: Int) -> ClassProportions {
    ClassProportions(source.lazy.flatMap(\.labels), count: classes)
  }
}
