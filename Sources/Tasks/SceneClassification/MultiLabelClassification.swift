import Chips
import Foundation
import Layers
import Rasters
import Tensors

/// Any number of classes for a whole image or chip, each by a probability of its own.
package struct MultiLabelClassification: PredictionTask {
  package static let name = "multi-label-classification"
  package static let answersWholeWindows = true
  package static let limits = TaskLimits(hasPixels: false, hasOneClass: false)

  private let classes: Int

  package init(classes: Int) { self.classes = classes }

  /// Returns the probability of each class by itself: the logistic function of its score.
  package func answers(_ scores: Tensor) -> Tensor {
    Tensor(scores.values.map { 1 / (1 + exp(-$0)) }, shape: scores.shape)
  }

  /// Returns the objective of each class by itself, whatever losses a recipe names: those of one class for
  /// each place mean nothing here.
  package func objective(_ loss: LossRecipe, labelCounts: [Int]) -> any Objective {
    BinaryObjective(labelSmoothing: loss.labelSmoothing)
  }

  package var emptyScore: MultiLabelScore { MultiLabelScore(classes: classes) }

  package func add(_ scores: Tensor, of batch: ChipBatch, to score: inout MultiLabelScore) {
    let probabilities = answers(scores)
    for index in batch.origins.indices {
      let truth = ChipTruth(of: batch, chip: index)
      if truth.isKnown { score.add(truth: truth.classes, probabilities: probabilities.row(index)) }
    }
  }

  package func assembly(columns: WindowPlan, rows: WindowPlan, panels: [Panel], blend: Blend) -> ChipTable {
    ChipTable(columns: columns, rows: rows, panel: panels[0])
  }

  package func assemblyBytes(rows: WindowPlan, panels: [Panel]) -> Int {
    ChipTable.bytes(panels: panels, classes: classes)
  }

  package func files(in directory: URL, for map: MapDescription) throws -> ChipTableFiles {
    ChipTableFiles(in: directory, for: map, naming: .all(above: MultiLabelScore.threshold))
  }

  package func reference(_ labels: ReferenceLabels) -> ReferenceChips<MultiLabelScore> {
    ReferenceChips(labels, isOneClass: false) { score, truth, chip in
      score.add(truth: truth.classes, probabilities: chip.probabilities)
    }
  }
}

/// Binary cross-entropy: the mean over the chips whose classes are known, and over the classes, of
/// -t log p - (1 - t) log(1 - p). The definition is PyTorch's `BCEWithLogitsLoss`.
///
/// With label smoothing e a class that is there has t = 1 - e / 2, another one e / 2. Without any known chip
/// loss and gradient are 0.
struct BinaryObjective: Objective {
  private let labelSmoothing: Double

  init(labelSmoothing: Double) { self.labelSmoothing = labelSmoothing }

  func evaluate(_ answers: Tensor, of batch: ChipBatch) -> LossValue {
    let classes = answers.shape.channels
    let targets = batch.origins.indices.map { target(of: batch, chip: $0, classes: classes) }
    let count = Double(targets.count { $0 != nil } * classes)
    var sum = 0.0
    let gradient = Tensor(shape: answers.shape) { gradient in
      gradient.update(repeating: 0)
      answers.withValues { answers in
        for (index, target) in targets.enumerated() {
          guard let target else { continue }
          for place in 0..<classes {
            let (p, t) = (answers[index * classes + place], target[place])
            sum -= Double(t) * Self.logarithm(p) + Double(1 - t) * Self.logarithm(1 - p)
            gradient[index * classes + place] = (p - t) / Float(count)
          }
        }
      }
    }
    return LossValue(value: count > 0 ? sum / count : 0, gradient: gradient)
  }

  /// Returns the loss of probabilities of one half, as likely as not.
  func ofGuessing(like answers: Tensor, of batch: ChipBatch) -> Double {
    evaluate(Tensor(repeating: 0.5, shape: answers.shape), of: batch).value
  }

  /// Returns how much of each class a chip shows; nil where nothing is known of it, or of the one mixed into
  /// it.
  private func target(of batch: ChipBatch, chip index: Int, classes: Int) -> [Float]? {
    guard let own = smoothed(ChipTruth(of: batch, chip: index), classes) else { return nil }
    guard let mixture = batch.mixture else { return own }
    guard let other = smoothed(ChipTruth(of: batch, chip: mixture.partners[index]), classes) else {
      return nil
    }
    let share = Float(mixture.share)
    return zip(own, other).map { (1 - share) * $0 + share * $1 }
  }

  private func smoothed(_ truth: ChipTruth, _ classes: Int) -> [Float]? {
    guard truth.isKnown else { return nil }
    var target = [Float](repeating: Float(labelSmoothing / 2), count: classes)
    for index in truth.classes { target[Int(index)] = Float(1 - labelSmoothing / 2) }
    return target
  }

  /// Returns log p; the smallest normal number stands in for a probability that underflowed.
  private static func logarithm(_ probability: Float) -> Double {
    log(Double(max(probability, .leastNormalMagnitude)))
  }
}
