import Checkpoints
import Chips
import Classes
import Foundation
import Models
import Rasters
import Scenes
import Tasks
import Transfer

/// Labels to score models by.
protocol HeldOutLabels {
  /// Returns the score, on these labels, of the maps that a model makes.
  func score<Task: PredictionTask>(_ model: Model, by task: Task) throws -> Task.Score
  /// Returns the regions of the labels, adjusted as a model's card says.
  func regions(for card: ModelCard) throws -> [LabelledRegion]
}

/// Labels that a fold holds out.
struct HeldOutRegions: HeldOutLabels {
  /// The held-out regions as their scenes are, not adjusted to any card.
  let held: [LabelledRegion]
  /// The scenes that the regions are parts of.
  let scenes: [SceneEntry]
  let maps: ScoredMaps

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    let opening = SceneOpening(maps.file, adjustingFor: card)
    return try zip(held, scenes).map { try opening.adjusted($0, of: $1) }
  }

  /// Maps what is around held-out labels only; nothing is known of the areas between them.
  func score<Task: PredictionTask>(_ model: Model, by task: Task) throws -> Task.Score {
    var score = task.emptyScore
    for (region, scene) in zip(held, scenes) where region.labels.contains(where: { $0 != ClassIndex.none }) {
      let labels = ReferenceLabels(region.labels, in: region.window, annotations: region.annotations)
      let reference = task.reference(labels)
      try maps.map(scene, with: model, task, beside: reference) { labels.hasLabels(in: $0) }
      reference.add(to: &score)
    }
    return score
  }
}

/// Scenes whose labels nothing was trained on.
struct HeldOutScenes: HeldOutLabels {
  let scenes: [SceneEntry]
  let maps: ScoredMaps

  func regions(for card: ModelCard) throws -> [LabelledRegion] {
    try scenes.filter(\.isLabelled).map(SceneOpening(maps.file, adjustingFor: card).region)
  }

  /// Maps the bounding box of the labels, within which areas are counted.
  func score<Task: PredictionTask>(_ model: Model, by task: Task) throws -> Task.Score {
    let opening = SceneOpening(maps.file)
    var score = task.emptyScore
    for labelled in scenes where labelled.isLabelled {
      let grid = try opening.scene(of: labelled).grid
      let labels = try opening.reference(of: labelled, on: grid)
      let reference = task.reference(labels)
      try maps.map(labelled, with: model, task, beside: reference) { $0.intersection(labels.window) != nil }
      reference.add(to: &score)
      reference.addAreas(to: &score, on: grid)
    }
    return score
  }
}
