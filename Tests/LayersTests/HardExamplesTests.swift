import Classes
import Foundation
import Layers
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("The hardest pixels")
struct HardExamplesTests {
  private let weights: [Float] = [1, 0.25, 3]

  @Test("all of them are cross-entropy", arguments: [false, true])
  func everything(weighted: Bool) {
    let classWeights = weighted ? weights : nil
    let some = Softmax.probabilities(HashedValues("hard").tensor([2, 3, 5, 3], scale: 2))
    let targets = (0..<30).map { $0 % 4 == 3 ? ClassIndex.none : UInt8($0 % 4) }
    let found = HardExamples(share: 1, classWeights: classWeights)
      .evaluate(probabilities: some, targets: targets)
    let reference = CrossEntropy(classWeights: classWeights).evaluate(probabilities: some, targets: targets)
    #expect(abs(found.value - reference.value) < 1e-6 * reference.value)
    #expect(scaledDifference(found.gradient.values, reference.gradient.values) < 1e-6)
  }

  @Test(
    "only the share with the largest losses counts, as if the others had no label",
    arguments: [0.1, 0.25, 0.5, 0.9], [1, 2, 3] as [UInt64])
  func share(share: Double, seed: UInt64) {
    let (shape, pixels): (Shape, Int) = ([1, 3, 9, 11], 99)
    var random = RandomSource(seed: seed, stream: "hard")
    let scores = Tensor((0..<shape.count).map { _ in Float(2 * random.normal()) }, shape: shape)
    let targets = (0..<pixels).map { _ in ([0, 1, 2, ClassIndex.none] as [UInt8])[random.index(below: 4)] }
    let probabilities = Softmax.probabilities(scores)
    let losses = targets.indices.filter { targets[$0] != ClassIndex.none }.map { pixel in
      let target = Int(targets[pixel])
      return (
        pixel: pixel,
        size: Double(weights[target]) * -log(Double(probabilities.values[target * pixels + pixel]))
      )
    }
    let count = max(1, Int((share * Double(losses.count)).rounded()))
    let hardest = Set(losses.sorted { $0.size > $1.size }.prefix(count).map(\.pixel))
    let found = HardExamples(share: share, classWeights: weights)
      .evaluate(probabilities: probabilities, targets: targets)
    let reference = CrossEntropy(classWeights: weights).evaluate(
      probabilities: probabilities,
      targets: targets.indices.map { hardest.contains($0) ? targets[$0] : ClassIndex.none })
    #expect(abs(found.value - reference.value) < 1e-6 * reference.value)
    #expect(scaledDifference(found.gradient.values, reference.gradient.values) < 1e-6)
    #expect(found.gradient.values.filter { $0 != 0 }.count == 3 * count)
  }

  @Test("of equally hard pixels the first count, and one counts however small the share")
  func ties() {
    let probabilities = Tensor(repeating: 0.5, shape: [1, 2, 2, 4])
    let targets: [UInt8] = [ClassIndex.none, 0, 1, 0, 1, 1, 0, 1]
    let found = HardExamples(share: 0.43).evaluate(probabilities: probabilities, targets: targets)
    #expect(abs(found.value - log(2)) < 1e-7)
    let moved = found.gradient.values.prefix(8).map { $0 != 0 }
    #expect(moved == [false, true, true, true, false, false, false, false])
    let one = HardExamples(share: 0.001).evaluate(probabilities: probabilities, targets: targets)
    #expect(
      one.gradient.values.prefix(8).map { $0 != 0 } == [false, true] + Array(repeating: false, count: 6))
  }

  @Test("a pixel that costs nothing is the easiest")
  func costless() {
    // Pixel 0 is certain and right: its loss is -log 1 = -0, which is not to be taken for a large number.
    let probabilities = Tensor([1, 0.9, 0, 0.1], shape: [1, 2, 1, 2])
    let found = HardExamples(share: 0.5).evaluate(probabilities: probabilities, targets: [0, 0])
    #expect(abs(found.value + log(0.9)) < 1e-6)
  }

  @Test("pixels that weigh nothing are a loss of zero")
  func weightless() {
    let probabilities = Tensor(repeating: 0.5, shape: [1, 2, 1, 2])
    let found = HardExamples(share: 1, classWeights: [0, 1])
      .evaluate(probabilities: probabilities, targets: [0, 0])
    #expect(found.value == 0)
    #expect(found.gradient.values == [0, 0, 0, 0])
  }
}
