import Chips
import Foundation
import Layers
import Rasters
import Tensors

/// The task that gives each pixel a class.
package struct Segmentation: PredictionTask {
  package static let name = "segmentation"
  package static let answersWholeWindows = false
  package static let limits = TaskLimits(hasPixels: true, hasOneClass: true)

  private let classes: Int
  private var keepsProbabilities = false

  package init(classes: Int) { self.classes = classes }

  /// The class, its confidence, and where they are kept the probabilities of all classes.
  package var mapBands: Int { 2 + (keepsProbabilities ? classes : 0) }

  package var keepingProbabilities: Segmentation {
    var task = self
    task.keepsProbabilities = true
    return task
  }

  /// Returns class probabilities.
  package func answers(_ scores: Tensor) -> Tensor { Softmax.probabilities(scores) }

  package func objective(_ loss: LossRecipe, labelCounts: [Int]) -> any Objective {
    ClassObjective(loss.makeLoss(labelCounts: labelCounts))
  }

  package var emptyScore: SegmentationScore { SegmentationScore(classes: classes) }

  package func add(_ scores: Tensor, of batch: ChipBatch, to score: inout SegmentationScore) {
    score.add(reference: batch.targets, mapped: scores.likeliestClasses)
  }

  package func assembly(columns: WindowPlan, rows: WindowPlan, panels: [Panel], blend: Blend)
    -> ScoreBlender
  {
    ScoreBlender(
      columns: columns, rows: rows, panels: panels, classes: classes, blend: blend,
      keepsProbabilities: keepsProbabilities)
  }

  package func assemblyBytes(rows: WindowPlan, panels: [Panel]) -> Int {
    ScoreBlender.bytes(rows: rows, panels: panels, classes: classes)
  }

  package func files(in directory: URL, for map: MapDescription) throws -> ClassMapFiles {
    try ClassMapFiles(in: directory, for: map, keepsProbabilities: keepsProbabilities)
  }

  package func reference(_ labels: ReferenceLabels) -> ReferencePixels { ReferencePixels(labels) }
}
