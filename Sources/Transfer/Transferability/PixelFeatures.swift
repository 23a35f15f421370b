import Checkpoints
import Chips
import Classes
import Layers
import Models
import Numerics
import Tasks
import Tensors

/// The features that an encoder computes for labelled pixels, or for whole chips, for scores that predict
/// without training how well weights will transfer.
public struct PixelFeatures {
  /// Features row by row, `[n, width]`: the values of all of the encoder's maps at the pixel, the largest map
  /// first; of a network of whole images what its head reads.
  public private(set) var features: [Float] = []
  /// Features of a pixel.
  public private(set) var width = 0
  /// Probabilities of the classes that the weights know, `[n, sourceClasses]`; empty where they know none.
  public private(set) var probabilities: [Float] = []
  /// Classes that the weights know.
  public private(set) var sourceClasses = 0
  /// The class index of each pixel.
  public private(set) var labels: [UInt8] = []

  /// Looks at labelled pixels of all chips.
  ///
  /// - Parameters:
  ///   - model: weights in inference; their head counts where it was trained.
  ///   - limit: the most pixels; more are thinned out by `seed`.
  public init(
    of model: Model, on chips: ChipSet, limit: Int, batch: Int = 8, seed: UInt64,
    kernels: any Kernels
  ) {
    let labelled = (0..<chips.regionCount).reduce(0) { sum, region in
      sum + chips.labels(ofRegion: region).values.count { $0 != ClassIndex.none }
    }
    let share = min(1, Double(limit) / Double(max(1, labelled)))
    var random = RandomSource(seed: seed, stream: "pixel features")
    for start in stride(from: 0, to: chips.chips.count, by: batch) {
      let cut = chips.batchCountingOnce(Array(start..<min(start + batch, chips.chips.count)))
      if type(of: model.task).answersWholeWindows {
        add(wholeChipsOf: cut, model, kernels)
        continue
      }
      let pixels = cut.targets.indices.filter {
        cut.targets[$0] != ClassIndex.none && random.uniform() < share
      }
      add(pixels, of: cut, model, kernels)
    }
  }

  private mutating func add(
    _ pixels: [Int], of cut: ChipBatch, _ model: Model, _ kernels: any Kernels
  ) {
    let pass = Pass(.inference, kernels: kernels)
    let input = Value(cut.input)
    let maps = model.network.encoderFeatures(of: input, in: pass).map { kernels.plain($0.tensor) }
    var scores: Tensor?
    if model.card.hasTrainedHead {
      scores = Softmax.probabilities(kernels.plain(model.network(input, in: pass).scores.tensor))
    }
    let (height, side) = (cut.input.shape.height, cut.input.shape.width)
    width = maps.reduce(0) { $0 + $1.shape.channels }
    for pixel in pixels {
      let (image, row, column) = (pixel / (height * side), pixel % (height * side) / side, pixel % side)
      for map in maps {
        let shape = map.shape
        let place = row * shape.height / height * shape.width + column * shape.width / side
        append(map, image: image, place: place, to: &features)
      }
      if let scores {
        sourceClasses = scores.shape.channels
        append(scores, image: image, place: row * side + column, to: &probabilities)
      }
      labels.append(cut.targets[pixel])
    }
  }

  /// Looks at all labelled chips of a batch.
  private mutating func add(wholeChipsOf cut: ChipBatch, _ model: Model, _ kernels: any Kernels) {
    let output = model.network(Value(cut.input), in: Pass(.inference, kernels: kernels))
    let seen = kernels.plain(output.features.tensor)
    let scores =
      model.card.hasTrainedHead ? Softmax.probabilities(kernels.plain(output.scores.tensor)) : nil
    width = seen.shape.channels
    for (image, target) in cut.wholeChipTargets.enumerated() where target != ClassIndex.none {
      append(seen, image: image, place: 0, to: &features)
      if let scores {
        sourceClasses = scores.shape.channels
        append(scores, image: image, place: 0, to: &probabilities)
      }
      labels.append(target)
    }
  }

  /// Appends all channels of `[N, C, H, W]` at a pixel.
  private func append(_ map: Tensor, image: Int, place: Int, to row: inout [Float]) {
    let (channels, plane) = (map.shape.channels, map.shape.height * map.shape.width)
    map.withValues { values in
      for channel in 0..<channels { row.append(values[(image * channels + channel) * plane + place]) }
    }
  }

  /// The features with their labels, for LogME and H-score.
  public var labelled: LabelledFeatures { LabelledFeatures(features, width: width, labels: labels) }

  /// The weights' own predictions with the labels, for LEEP and NCE; nil where the weights know no classes.
  public var predictions: SourcePredictions? {
    sourceClasses == 0
      ? nil : SourcePredictions(probabilities: probabilities, sourceClasses: sourceClasses, labels: labels)
  }
}
