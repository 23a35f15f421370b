import Checkpoints
import Chips
import Foundation
import Models
import Transfer

/// Scores models on blocks of the labels, held out in turn.
///
/// Whatever has seen the held-out ground is trained anew for each fold without the labels there, whichever scene they belong
/// to: the first stage that learned from any of them and all that follow it. Models before that stage are scored as they
/// are.
struct BlockEvaluation {
  let chain: EvaluatedChain
  let scenes: [LabelledScene]
  /// The side of a block in pixels.
  let size: Int
  let folds: Int

  /// The labelled scenes that are held out in turn: those of the target where a stage learned from any of them, else those
  /// that the stages learned from.
  static func scenes(of file: PipelineFile, learnedBy stages: [any ModelStage]) -> [LabelledScene] {
    let learned = stages.compactMap { $0 as? FineTuneStage }.flatMap { $0.scenes(of: file) }
    let target = file.data.target.filter { learned.contains($0) }
    return target.isEmpty ? file.data.source.filter { learned.contains($0) } : target
  }

  func scores() throws -> [EvaluationReport.Score] {
    let file = chain.file
    let regions = try LearningMaterial(file: file, context: chain.context).regions(of: scenes)
    let blocks = SpatialBlocks(
      regions, size: size, folds: folds, classes: file.classes.count, seed: file.seed)
    guard blocks.count >= folds else {
      throw TaskFailure(
        "evaluate: the labels lie in \(blocks.count) blocks, too few for \(folds) folds: lower 'block' or 'folds'",
        exitCode: .badData)
    }
    let elsewhere = try others(touching: blocks)
    let seen = Set(scenes + elsewhere.map(\.scene))
    let first = chain.stages.firstIndex { stage in
      ((stage as? any LearningStage)?.scenes(of: file) ?? []).contains(where: seen.contains)
    }
    var board = ScoreBoard()
    for fold in 0..<folds {
      let kept = blocks.keep({ $0 != fold }, of: regions)
      let held = blocks.keep({ $0 == fold }, of: regions)
      let material = LearningMaterial(
        file: file, context: chain.context, seed: file.seed &+ UInt64(fold),
        keeping: Dictionary(
          zip(
            scenes + elsewhere.map(\.scene), kept + blocks.keep({ $0 != fold }, of: elsewhere.map(\.region)))
        ) { first, _ in first })
      var model: SegmentationModel?
      for (index, stage) in chain.stages.enumerated() {
        if let learning = stage as? any LearningStage, let model, index >= first ?? 0 {
          chain.context.progress.note("fold \(fold + 1)/\(folds), \(stage.resultName)")
          _ = try learning.learn(model, material)
        } else {
          model = try chain.model(index)
        }
        if let model, model.card.hasTrainedHead { board.add(score(model, held), to: .stage(index)) }
      }
      if let model = try chain.modelFromScratch(material) { board.add(score(model, held), to: .scratch) }
    }
    return board.scores(of: chain.stages)
  }

  /// Other scenes that a stage learned from and that have labels in one of the blocks: another date of the place, say.
  private func others(touching blocks: SpatialBlocks) throws -> [(
    scene: LabelledScene, region: LabelledRegion
  )] {
    var others: [(scene: LabelledScene, region: LabelledRegion)] = []
    let learned = chain.stages.compactMap { $0 as? any LearningStage }.flatMap { $0.scenes(of: chain.file) }
    for scene in learned where !scenes.contains(scene) && !others.contains(where: { $0.scene == scene }) {
      let region = try SceneOpening(chain.file).region(scene)
      if blocks.touch(region) { others.append((scene, region)) }
    }
    return others
  }

  private func score(_ model: SegmentationModel, _ held: [LabelledRegion]) -> ConfusionMatrix {
    let chips = ChipSet(
      held, normalization: Normalization(model.card), size: chain.file.chips.size,
      stride: chain.file.chips.size)
    return ChipScoring.score(model, on: chips, batch: 8)
  }
}
