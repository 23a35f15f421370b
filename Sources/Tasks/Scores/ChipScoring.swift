import Checkpoints
import Chips
import Layers
import Models
import Tensors

/// Scores a model on labelled chips, as they are.
public enum ChipScoring {
  /// Computes the headline of the model's task on all chips, each label once, `batch` chips at a time; nil
  /// where nothing is labelled.
  public static func headline(
    _ model: SegmentationModel, on chips: ChipSet, batch: Int, kernels: any Kernels
  ) -> Double? {
    func value(_ task: some PredictionTask) -> Double {
      score(model, by: task, on: chips, batch: batch, kernels: kernels).headline
    }
    let value = value(model.task)
    return value.isNaN ? nil : value
  }

  /// Counts what a model says of all chips, each label once, `batch` chips at a time.
  package static func score<Task: PredictionTask>(
    _ model: SegmentationModel, by task: Task, on chips: ChipSet, batch: Int, kernels: any Kernels
  ) -> Task.Score {
    var score = task.noScore
    forEachBatch(model, chips, batch, kernels) { _, cut, scores in task.add(scores, of: cut, to: &score) }
    return score
  }

  /// Computes all scores over the regions of the chips, at the pixels that the chips cover.
  public static func scores(
    _ model: SegmentationModel, on chips: ChipSet, batch: Int, kernels: any Kernels
  ) -> SegmentationScore {
    let labels = (0..<chips.regionCount).map(chips.labels)
    var maps = labels.map { labels in
      (
        classes: [UInt8](repeating: ignored, count: labels.values.count),
        confidence: [Float](repeating: 0, count: labels.values.count)
      )
    }
    let plane = chips.size * chips.size
    forEachBatch(model, chips, batch, kernels) { numbers, cut, scores in
      let targets = cut.targets
      let classes = highest(scores)
      let probabilities = Softmax.probabilities(scores)
      for (index, number) in numbers.enumerated() {
        for pixel in 0..<plane where targets[index * plane + pixel] != ignored {
          let (region, place) = chips.place(of: pixel, inChip: number)
          let mapped = classes[index * plane + pixel]
          let confidence = probabilities.value(at: index, Int(mapped), pixel)
          // Scores that are not finite name no class.
          guard confidence.isFinite else { continue }
          (maps[region].classes[place], maps[region].confidence[place]) = (mapped, confidence)
        }
      }
    }
    var result = SegmentationScore(classes: model.card.classes.count)
    for (labels, map) in zip(labels, maps) {
      result.add(
        reference: labels.values, mapped: map.classes, confidence: map.confidence, width: labels.width)
    }
    return result
  }

  private static func forEachBatch(
    _ model: SegmentationModel, _ chips: ChipSet, _ batch: Int, _ kernels: any Kernels,
    _ body: (_ numbers: [Int], _ batch: ChipBatch, _ scores: Tensor) -> Void
  ) {
    for start in stride(from: 0, to: chips.chips.count, by: batch) {
      let numbers = Array(start..<min(start + batch, chips.chips.count))
      let cut = chips.batchCountingOnce(numbers)
      let pass = Pass(.inference, kernels: kernels)
      let scores = kernels.plain(model.network(Value(cut.input), in: pass).scores.tensor)
      body(numbers, cut, scores)
    }
  }

  /// Returns the class with the highest score of each pixel of plain `[N, K, H, W]`, the lowest index where
  /// several tie.
  package static func highest(_ scores: Tensor) -> [UInt8] {
    let (classes, plane) = (scores.shape.channels, scores.shape.height * scores.shape.width)
    return scores.withValues { values in
      (0..<scores.shape.batch * plane).map { index in
        let first = index / plane * classes * plane + index % plane
        var best = 0
        for candidate in 1..<classes where values[first + candidate * plane] > values[first + best * plane] {
          best = candidate
        }
        return UInt8(best)
      }
    }
  }
}

extension Tensor {
  /// Returns the value of a class at a pixel of an image of plain `[N, K, H, W]`.
  fileprivate func value(at image: Int, _ index: Int, _ pixel: Int) -> Float {
    let plane = shape.height * shape.width
    return withValues { $0[(image * shape.channels + index) * plane + pixel] }
  }
}
