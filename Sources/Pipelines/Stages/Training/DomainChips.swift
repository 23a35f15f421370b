import CPUKernels
import Checkpoints
import Chips
import Foundation
import Models
import Transfer

/// Labelled chips of the source and unlabelled ones of the target, to see both with several models.
final class DomainChips {
  /// The domains' pixels, adjusted in one way.
  private struct Regions { let source, target: [LabelledRegion] }

  private let file: PipelineFile
  private let labelled: ([SceneEntry], Model) throws -> [LabelledRegion]
  /// The regions that were read, by the radiometric steps of the models' cards that have scenes adjusted
  /// alike.
  private var known: [[RadiometricStep]: Regions] = [:]

  /// Returns the scenes that stand for the source.
  static func scenes(of file: PipelineFile) -> [SceneEntry] {
    file.data.source.filter(\.isLabelled)
  }

  /// Creates the chips of a file's domains; of the source's labels `labelled` gives what may be seen,
  /// adjusted for a model.
  init(
    _ file: PipelineFile, labelled: @escaping ([SceneEntry], Model) throws -> [LabelledRegion]
  ) {
    (self.file, self.labelled) = (file, labelled)
  }

  private func regions(for model: Model) throws -> Regions {
    if let regions = known[model.card.radiometry] { return regions }
    let opening = SceneOpening(file, adjustingFor: model.card)
    let regions = Regions(
      source: try labelled(Self.scenes(of: file), model),
      target: try opening.unlabelledRegions(opening.targetScenes))
    known[model.card.radiometry] = regions
    return regions
  }

  /// Runs a model over the source, normalising by the source's own statistics; nil where there is none.
  ///
  /// The model's statistics may be the target's by now, as they are after AdaBN: seen by those the source
  /// would look as shifted as the target did before.
  func source(seenBy model: Model) throws -> PixelPredictions? {
    let chips = ChipSet(
      try regions(for: model).source, normalization: Normalization(model.card), size: file.chips.size,
      stride: file.chips.stride)
    guard !chips.chips.isEmpty else { return nil }
    return PixelPredictions(
      of: model.withStatistics(of: chips, kernels: KernelSet.standard), on: chips, seed: file.seed,
      kernels: KernelSet.standard)
  }

  /// Runs a model over the target, as it maps it; nil where no chip is half valid.
  func target(seenBy model: Model) throws -> PixelPredictions? {
    let chips = ChipSet(
      try regions(for: model).target, normalization: Normalization(model.card), size: file.chips.size,
      stride: file.chips.stride, unlabelled: true)
    return PixelPredictions(of: model, on: chips, seed: file.seed, kernels: KernelSet.standard)
  }

  /// Computes the share of each class in the source's labels, read for a model.
  func labelProportions(for model: Model) throws -> ClassProportions {
    ClassProportions(
      try regions(for: model).source.lazy.flatMap(\.labels), count: model.card.classes.count)
  }
}
