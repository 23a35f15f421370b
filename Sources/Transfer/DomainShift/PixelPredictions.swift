import Checkpoints
import Chips
import Layers
import Models
import Numerics
import Tasks
import Tensors

/// The features, probabilities and classes that a model computes for a sample of the pixels of one domain,
/// without any label.
///
/// The same chips and seed give the same pixels for every model.
public struct PixelPredictions: Sendable {
  /// The features that the head reads at the sampled pixels.
  public let features: FeatureSample
  /// Class probabilities at them, `[n, classes]`.
  public let probabilities: [Float]
  /// Class of each of them in the labels; ``ClassIndex/none`` where there is none.
  public let labels: [UInt8]
  /// The share of each class in the map of all valid pixels of the chips.
  public let mapped: ClassProportions
  /// Labels against the map over all labelled pixels of the chips.
  public let confusion: ConfusionMatrix
  /// The number of chips that the model has seen.
  public let chips: Int

  /// Returns the number of chips of a side that the model is shown: those that take a second or two, and no
  /// fewer than 16, for a domain is not known by one place.
  public static func chipLimit(size: Int) -> Int { min(32, max(16, (1 << 17) / (size * size))) }

  /// Looks at chips as they are, evenly spread over the set.
  ///
  /// Nil where no pixel is valid.
  ///
  /// - Parameters:
  ///   - model: weights in inference.
  ///   - limit: the most pixels in the sample, the same number of each chip.
  public init?(
    of model: Model, on chips: ChipSet, limit: Int = 1000, batch: Int = 8, seed: UInt64,
    kernels: any Kernels
  ) {
    let set = chips.thinned(to: Self.chipLimit(size: chips.size))
    let count = set.chips.count
    guard count > 0 else { return nil }
    let classes = model.card.classes.count
    let share = max(1, limit / count)
    var sample = Sample()
    var (mapped, confusion) = ([Int](repeating: 0, count: classes), ConfusionMatrix(classes: classes))
    for start in stride(from: 0, to: count, by: batch) {
      let numbers = Array(start..<min(start + batch, count))
      let cut = set.batch(numbers)
      let pass = Pass(.inference, kernels: kernels)
      let output = model.network(Value(cut.input), in: pass)
      let (features, scores) = (
        kernels.plain(output.features.tensor), kernels.plain(output.scores.tensor)
      )
      let map = scores.likeliestClasses
      let targets = cut.targets(onPlaces: map.count / numbers.count)
      confusion.add(reference: targets, mapped: map)
      let outputs = (features, Softmax.probabilities(scores))
      let plane = map.count / numbers.count
      for (image, number) in numbers.enumerated() {
        // A network of whole images has one place a chip.
        let valid = plane == 1 ? [0] : set.validPixels(ofChip: number)
        for pixel in valid { mapped[Int(map[image * plane + pixel])] += 1 }
        // A stream of its own for each chip: no chip shifts the pixels of another.
        var random = RandomSource(seed: seed, stream: "seen pixels \(number)")
        for pixel in valid.shuffled(using: &random).prefix(share).sorted() {
          sample.add(pixel, of: image, outputs)
          sample.labels.append(targets[image * plane + pixel])
          sample.chips.append(number)
        }
      }
    }
    guard !sample.labels.isEmpty else { return nil }
    features = FeatureSample(
      sample.features, width: sample.features.count / sample.labels.count, chips: sample.chips)
    (probabilities, labels) = (sample.probabilities, sample.labels)
    (self.mapped, self.confusion, self.chips) = (ClassProportions(counts: mapped), confusion, count)
  }

  private struct Sample {
    var features: [Double] = []
    var probabilities: [Float] = []
    var labels: [UInt8] = []
    var chips: [Int] = []

    mutating func add(_ pixel: Int, of image: Int, _ outputs: (features: Tensor, probabilities: Tensor)) {
      features += outputs.features.column(image, pixel).map(Double.init)
      probabilities += outputs.probabilities.column(image, pixel)
    }
  }
}

extension Model {
  /// Returns a copy that normalises by the statistics of other chips: a domain is to be seen by the
  /// statistics that are its own.
  public func withStatistics(of chips: ChipSet, kernels: any Kernels) -> Model {
    let copy = copy()
    _ = StatisticsAdaptation().adapt(
      copy, to: chips.thinned(to: PixelPredictions.chipLimit(size: chips.size)), kernels: kernels)
    return copy
  }
}

extension Tensor {
  /// Returns all channels of plain `[N, C, H, W]` at a pixel.
  fileprivate func column(_ image: Int, _ pixel: Int) -> [Float] {
    let (channels, plane) = (shape.channels, shape.height * shape.width)
    return withValues { values in
      (0..<channels).map { values[(image * channels + $0) * plane + pixel] }
    }
  }
}
