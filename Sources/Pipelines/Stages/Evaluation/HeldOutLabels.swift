import Checkpoints
import Chips
import Foundation
import Layers
import Models
import Rasters
import Scenes
import Transfer

/// Labels to score models by.
protocol HeldOutLabels {
  /// The scores of the maps that a model makes, on them.
  func score(_ model: SegmentationModel) throws -> ModelScores
  /// Their regions, adjusted as a model's card says.
  func regions(for card: ModelCard) throws -> [LabelledRegion]
}

/// Labels that a fold holds out.
struct HeldOutRegions: HeldOutLabels {
  /// As their scenes are.
  let held: [LabelledRegion]
  /// The scenes that they are parts of.
  let scenes: [SceneEntry]
  let maps: ScoredMaps

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    let opening = SceneOpening(maps.file, adjustingFor: card)
    return try zip(held, scenes).map { try opening.adjusted($0, of: $1) }
  }

  /// Maps what is around held-out labels only; nothing is known of the areas between them.
  func score(_ model: SegmentationModel) throws -> ModelScores {
    var scores = ModelScores(classes: maps.file.classes.count)
    for (region, scene) in zip(held, scenes) where region.labels.contains(where: { $0 != ignored }) {
      let reference = ReferenceLabels(region.labels, in: region.window)
      try maps.map(scene, with: model, beside: reference) { reference.hasLabels(in: $0) }
      reference.add(to: &scores)
    }
    return scores
  }
}

/// Scenes whose labels nothing was trained on.
struct HeldOutScenes: HeldOutLabels {
  let scenes: [SceneEntry]
  let maps: ScoredMaps

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    try scenes.filter { $0.labels != nil }.map(SceneOpening(maps.file, adjustingFor: card).region)
  }

  /// Maps the bounding box of the labels, within which areas are counted.
  func score(_ model: SegmentationModel) throws -> ModelScores {
    let opening = SceneOpening(maps.file)
    var scores = ModelScores(classes: maps.file.classes.count)
    for labelled in scenes where labelled.labels != nil {
      let grid = try opening.scene(of: labelled).grid
      let labels = try opening.labels(of: labelled, on: grid)!
      guard let box = try labels.bounds()?.intersection(grid.bounds) else {
        throw RasterError(
          .noLabels, "read labels", path: labels.source.path,
          cause: "no labelled pixel of the pipeline's classes falls on \(labelled.scene.fileName)")
      }
      let reference = ReferenceLabels(try labels.read(box), in: box)
      try maps.map(labelled, with: model, beside: reference) { $0.intersection(box) != nil }
      reference.add(to: &scores)
      reference.addAreas(to: &scores, on: grid)
    }
    return scores
  }
}
