import Checkpoints
import Chips
import Classes
import Layers
import Models
import Tensors

/// Labels that a network gives to the pixels of chips without any, by class-balanced thresholds. Of several
/// chips that show a pixel the one that is surest of it says what it is.
struct PseudoLabels {
  /// A list for each region of the chips, row by row, ``ClassIndex/none`` where nothing is believed.
  let labels: [[UInt8]]

  /// Labels for `portion` of the pixels of each class, `batch` chips at a time.
  init(_ model: Model, on chips: ChipSet, portion: Double, batch: Int, kernels: any Kernels) {
    var sizes: [Int] = []
    for region in 0..<chips.regionCount { sizes.append(chips.labels(ofRegion: region).values.count) }
    var surest = sizes.map { [Float](repeating: -1, count: $0) }
    var classes = sizes.map { [UInt8](repeating: ClassIndex.none, count: $0) }
    let inference = Inference(model: model, chips: chips, batch: batch, kernels: kernels)
    inference.forEachPixel { region, place, probability in
      for index in 0..<inference.classes where probability(index) > surest[region][place] {
        (surest[region][place], classes[region][place]) = (probability(index), UInt8(index))
      }
    }
    var confidences = Array(repeating: [Float](), count: inference.classes)
    for (classes, surest) in zip(classes, surest) {
      for (index, confidence) in zip(classes, surest) where index != ClassIndex.none {
        confidences[Int(index)].append(confidence)
      }
    }
    let thresholds = ClassThresholds(confidences: confidences, portion: portion)
    // A second time over the chips rather than all classes' probabilities in memory.
    var labels = sizes.map { [UInt8](repeating: ClassIndex.none, count: $0) }
    inference.forEachPixel { region, place, probability in
      guard (0..<inference.classes).contains(where: { probability($0) >= surest[region][place] }) else {
        return
      }
      labels[region][place] = thresholds.label(probability)
    }
    self.labels = labels
  }

  private struct Inference {
    let model: Model
    let chips: ChipSet
    let batch: Int
    let kernels: any Kernels

    var classes: Int { model.card.classes.count }

    /// Calls `body` with region, place and probabilities of each pixel with data, as often as chips show it.
    func forEachPixel(_ body: (_ region: Int, _ place: Int, _ probability: (_ index: Int) -> Float) -> Void) {
      let plane = chips.size * chips.size
      for start in stride(from: 0, to: chips.chips.count, by: batch) {
        let numbers = Array(start..<min(start + batch, chips.chips.count))
        let pass = Pass(.inference, kernels: kernels)
        let output = model.network(Value(chips.batch(numbers).input), in: pass)
        let probabilities = Softmax.probabilities(kernels.plain(output.scores.tensor))
        probabilities.withValues { values in
          for (index, number) in numbers.enumerated() {
            for pixel in chips.validPixels(ofChip: number) {
              let (region, place) = chips.place(of: pixel, inChip: number)
              body(region, place) { values[(index * classes + $0) * plane + pixel] }
            }
          }
        }
      }
    }
  }
}
