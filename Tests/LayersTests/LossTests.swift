import Checkpoints
import Classes
import Foundation
import Layers
import NumericOracles
import Numerics
import Tensors
import Testing

/// Reference values that `Golden/write_golden.py` wrote.
let golden = Result {
  let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
  return try Safetensors(contentsOf: folder.appendingPathComponent("layers.safetensors").path).tensors
}

@Suite("Losses and softmax")
struct LossTests {
  private static let weights: [Float] = [1, 0.25, 3, 0.5, 1.5]

  /// A loss, and the name of its reference values.
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let loss: any SegmentationLoss
    var testDescription: String { name }

    static let all =
      smooth + [
        Case(name: "lovasz-softmax", loss: LovaszSoftmax()),
        Case(name: "hard-examples", loss: HardExamples()),
        Case(name: "weighted-hard-examples", loss: HardExamples(share: 0.6, classWeights: weights)),
      ]
    /// Those without kinks; the others are held against definitions in Double in suites of their own.
    static let smooth = [
      Case(name: "cross-entropy", loss: CrossEntropy()),
      Case(name: "weighted-cross-entropy", loss: CrossEntropy(classWeights: weights)),
      Case(name: "smoothed-cross-entropy", loss: CrossEntropy(labelSmoothing: 0.1)),
      Case(
        name: "weighted-smoothed-cross-entropy",
        loss: CrossEntropy(classWeights: weights, labelSmoothing: 0.25)),
      Case(name: "focal", loss: Focal()),
      Case(name: "weighted-focal", loss: Focal(gamma: 0.5, classWeights: weights)),
      Case(name: "dice", loss: Dice()),
      Case(name: "earth-mover", loss: EarthMover()),
      Case(name: "tversky", loss: Tversky()),
      Case(name: "tversky-smoothing", loss: Tversky(alpha: 0.8, beta: 0.4, smoothing: 3)),
      Case(
        name: "sum", loss: WeightedLosses([(CrossEntropy(classWeights: weights), 0.5), (Dice(), 2)])),
    ]
  }

  @Test(
    "value and gradient are PyTorch's, unlabelled pixels and an absent class included", arguments: Case.all)
  func parity(case: Case) throws {
    let golden = try golden.get()
    let targets = golden["labels"]!.values.map { UInt8($0) }
    let found = `case`.loss.evaluate(
      probabilities: Softmax.probabilities(golden["scores"]!), targets: targets)
    let value = Double(golden["\(`case`.name).value"]!.values[0])
    #expect(abs(found.value - value) < 1e-5 * value)
    #expect(scaledDifference(found.gradient.values, golden["\(`case`.name).gradient"]!.values) < 1e-5)
  }

  @Test("the gradient is the derivative of the value", arguments: Case.smooth, [1, 2, 3] as [UInt64])
  func derivative(case: Case, seed: UInt64) {
    let shape: Shape = [2, 5, 4, 3]
    var random = RandomSource(seed: seed, stream: "losses")
    let scores = (0..<shape.count).map { _ in Float(random.normal()) }
    let targets = (0..<24).map { _ in
      random.uniform() < 0.2 ? ClassIndex.none : UInt8(random.index(below: 5))
    }
    func evaluate(_ scores: [Float]) -> LossValue {
      `case`.loss.evaluate(
        probabilities: Softmax.probabilities(Tensor(scores, shape: shape)), targets: targets)
    }
    let gradient = evaluate(scores).gradient.values
    let derivatives = scores.indices.map { place in
      var (above, below) = (scores, scores)
      above[place] += 0.01
      below[place] -= 0.01
      return Float((evaluate(above).value - evaluate(below).value) / Double(above[place] - below[place]))
    }
    #expect(scaledDifference(gradient, derivatives) < 1e-3)
  }

  @Test("an unlabelled pixel moves nothing; nothing labelled is a loss of zero", arguments: Case.all)
  func unlabelled(case: Case) {
    let shape: Shape = [1, 5, 2, 2]
    let probabilities = Softmax.probabilities(HashedValues("scores").tensor(shape))
    let some = `case`.loss.evaluate(
      probabilities: probabilities, targets: [ClassIndex.none, 0, 4, ClassIndex.none])
    for index in 0..<5 {
      #expect(some.gradient.values[index * 4] == 0)
      #expect(some.gradient.values[index * 4 + 3] == 0)
    }
    #expect(some.value > 0)
    #expect(some.gradient.values.contains { $0 != 0 })
    let none = `case`.loss.evaluate(
      probabilities: probabilities, targets: Array(repeating: ClassIndex.none, count: 4))
    #expect(none.value == 0)
    #expect(none.gradient.values.allSatisfy { $0 == 0 })
  }

  @Test("losses and gradients do not depend on the number of threads", arguments: Case.all)
  func threads(case: Case) {
    let shape: Shape = [2, 5, 37, 61]
    let probabilities = Softmax.probabilities(HashedValues("threads").tensor(shape, scale: 3))
    let labels = HashedValues("labels")
    let targets = (0..<2 * 37 * 61).map { index -> UInt8 in
      let label = UInt8(labels.bits(index) >> 32 % 6)
      return label == 5 ? ClassIndex.none : label
    }
    let runs = [1, 3].map { threads in
      computing(threads: threads) { `case`.loss.evaluate(probabilities: probabilities, targets: targets) }
    }
    #expect(runs[0].value == runs[1].value)
    #expect(runs[0].gradient.values == runs[1].gradient.values)
  }

  @Test("what is not a number at a pixel without a label stays there", arguments: Case.all)
  func unlabelledNaN(case: Case) {
    var scores = HashedValues("scores").tensor([1, 5, 2, 2]).values
    for index in 0..<5 { scores[index * 4 + 2] = .nan }
    let found = `case`.loss.evaluate(
      probabilities: Softmax.probabilities(Tensor(scores, shape: [1, 5, 2, 2])),
      targets: [1, 0, ClassIndex.none, 4])
    #expect(found.value.isFinite)
    #expect(found.gradient.values.allSatisfy { $0.isFinite })
    let lost = `case`.loss.evaluate(
      probabilities: Softmax.probabilities(Tensor(scores, shape: [1, 5, 2, 2])), targets: [1, 0, 3, 4])
    #expect(lost.value.isNaN, "at a labelled pixel it shows")
  }

  @Test(
    "sure and right costs a focal loss nothing, and no weights and an exponent of 0 make it cross-entropy")
  func focal() {
    let shape: Shape = [1, 2, 1, 2]
    let right = Softmax.probabilities(Tensor([200, -200, -200, 200], shape: shape))
    for gamma in [0, 0.5, 2] {
      let found = Focal(gamma: gamma).evaluate(probabilities: right, targets: [0, 1])
      #expect(found.value == 0)
      #expect(found.gradient.values.allSatisfy { $0 == 0 })
    }
    let some = Softmax.probabilities(HashedValues("focal").tensor([2, 4, 3, 3]))
    let targets = (0..<18).map { $0 % 5 == 4 ? ClassIndex.none : UInt8($0 % 5) }
    let plain = Focal(gamma: 0).evaluate(probabilities: some, targets: targets)
    let reference = CrossEntropy().evaluate(probabilities: some, targets: targets)
    #expect(abs(plain.value - reference.value) < 1e-12)
    #expect(scaledDifference(plain.gradient.values, reference.gradient.values) < 1e-6)
  }

  @Test("Dice is the Tversky loss with both halves alike")
  func dice() {
    let some = Softmax.probabilities(HashedValues("dice").tensor([2, 4, 3, 3]))
    let targets = (0..<18).map { $0 % 4 == 3 ? ClassIndex.none : UInt8($0 % 4) }
    let found = Dice().evaluate(probabilities: some, targets: targets)
    let reference = Tversky(alpha: 0.5, beta: 0.5, smoothing: 0.5)
      .evaluate(probabilities: some, targets: targets)
    #expect(found.value == reference.value)
    #expect(found.gradient.values == reference.gradient.values)
  }

  @Test("a perfect and a hopeless prediction", arguments: [1, 3] as [Float])
  func extremes(weight: Float) {
    let shape: Shape = [1, 2, 1, 2]
    let loss = CrossEntropy(classWeights: [weight, 1])
    let right = Softmax.probabilities(Tensor([200, -200, -200, 200], shape: shape))
    #expect(loss.evaluate(probabilities: right, targets: [0, 1]).value == 0)
    #expect(abs(Dice().evaluate(probabilities: right, targets: [0, 1]).value) < 1e-6)
    let wrong = loss.evaluate(probabilities: right, targets: [1, 0])
    #expect(wrong.value.isFinite && wrong.value > 80)
    let reference = -weight / (weight + 1)
    #expect(
      scaledDifference(wrong.gradient.values, [1 / (weight + 1), reference, -1 / (weight + 1), -reference])
        < 1e-6)
  }

  @Test("softmax: each pixel sums to 1, large scores do not overflow, NaN stays in its pixel")
  func softmax() {
    // Two pixels of three classes more than a chunk apart.
    let shape: Shape = [2, 3, 50, 41]
    var values = HashedValues("softmax").tensor(shape, scale: 30).values
    let plane = 50 * 41
    values[5] = 1e4
    values[plane + 1030] = .nan
    let found = Softmax.probabilities(Tensor(values, shape: shape)).values
    var sums = [Float](repeating: 0, count: 2 * plane)
    for image in 0..<2 {
      for index in 0..<3 {
        for pixel in 0..<plane { sums[image * plane + pixel] += found[(image * 3 + index) * plane + pixel] }
      }
    }
    #expect(found[5] == 1 && found[plane + 5] == 0)
    #expect(sums[1030].isNaN)
    sums[1030] = 1
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
    let (a, b) = (Double(values[7]), Double(values[plane + 7]))
    let c = Double(values[2 * plane + 7])
    #expect(abs(Double(found[7]) - exp(a) / (exp(a) + exp(b) + exp(c))) < 1e-6)
  }
}
