import Checkpoints
import Chips
import Layers
import Models
import Tensors

/// Scores a model on labelled chips, as they are.
public enum ChipScoring {
  /// Counts the labelled pixels of all chips, each once, `batch` chips at a time.
  public static func score(_ model: SegmentationModel, on chips: ChipSet, batch: Int) -> ConfusionMatrix {
    let classes = model.card.classes.count
    var matrix = ConfusionMatrix(classes: classes)
    for start in stride(from: 0, to: chips.chips.count, by: batch) {
      let cut = chips.batchCountingOnce(Array(start..<min(start + batch, chips.chips.count)))
      let pass = Pass(.inference)
      let scores = pass.tape.kernels.plain(model.network(Value(cut.input), in: pass).scores.tensor)
      matrix.add(reference: cut.targets, mapped: highest(scores))
    }
    return matrix
  }

  /// The class with the highest score of each pixel of plain `[N, K, H, W]`, the lowest index where several tie.
  static func highest(_ scores: Tensor) -> [UInt8] {
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
