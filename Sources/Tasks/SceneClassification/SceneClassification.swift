import Chips
import Classes
import Foundation
import Layers
import Rasters
import Tensors

/// The task that gives a whole image or chip one class.
package struct SceneClassification: PredictionTask {
  package static let name = "scene-classification"
  package static let answersWholeWindows = true
  package static let limits = TaskLimits(hasPixels: false, hasOneClass: true)

  private let classes: Int

  package init(classes: Int) { self.classes = classes }

  /// Returns class probabilities, one place a chip.
  package func answers(_ scores: Tensor) -> Tensor { Softmax.probabilities(scores) }

  package func objective(_ loss: LossRecipe, labelCounts: [Int]) -> any Objective {
    ClassObjective(loss.ofWholeImages.makeLoss(labelCounts: labelCounts))
  }

  package var emptyScore: ClassificationScore { ClassificationScore(classes: classes) }

  package func add(_ scores: Tensor, of batch: ChipBatch, to score: inout ClassificationScore) {
    let probabilities = answers(scores)
    for (index, truth) in batch.wholeChipTargets.enumerated() where truth != ClassIndex.none {
      score.add(truth: truth, probabilities: probabilities.row(index))
    }
  }

  package func assembly(columns: WindowPlan, rows: WindowPlan, panels: [Panel], blend: Blend) -> ChipTable {
    ChipTable(columns: columns, rows: rows, panel: panels[0])
  }

  package func assemblyBytes(rows: WindowPlan, panels: [Panel]) -> Int {
    ChipTable.bytes(panels: panels, classes: classes)
  }

  package func files(in directory: URL, for map: MapDescription) throws -> ChipTableFiles {
    ChipTableFiles(in: directory, for: map, naming: .likeliest)
  }

  package func reference(_ labels: ReferenceLabels) -> ReferenceChips<ClassificationScore> {
    ReferenceChips(labels, isOneClass: true) { score, truth, chip in
      guard let truth = truth.classes.first else { return }
      score.add(truth: truth, probabilities: chip.probabilities)
    }
  }
}

extension Tensor {
  /// Returns the values of one image of plain `[N, K, 1, 1]`.
  func row(_ index: Int) -> [Float] {
    withValues { Array($0[index * shape.channels..<(index + 1) * shape.channels]) }
  }
}
