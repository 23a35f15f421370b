import Classes
import Foundation
import Layers
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Lovász-softmax")
struct LovaszSoftmaxTests {
  /// The definition in Double: errors in descending order times the growth of |M| / |{y = c} u M| over their
  /// pixels.
  private static func value(_ scores: [Double], _ targets: [UInt8], classes: Int) -> Double {
    let labelled = targets.indices.filter { targets[$0] != ClassIndex.none }
    let present = (0..<classes).filter { index in labelled.contains { targets[$0] == index } }
    let losses = present.map { index in
      let own = Set(labelled.filter { targets[$0] == index })
      let errors = labelled.map { pixel in
        let exponentials = (0..<classes).map { exp(scores[$0 * targets.count + pixel]) }
        let probability = exponentials[index] / exponentials.reduce(0, +)
        return (pixel: pixel, size: own.contains(pixel) ? 1 - probability : probability)
      }
      var (wrong, before, sum) = (Set<Int>(), 0.0, 0.0)
      for error in errors.sorted(by: { $0.size > $1.size }) {
        wrong.insert(error.pixel)
        let distance = Double(wrong.count) / Double(own.union(wrong).count)
        sum += error.size * (distance - before)
        before = distance
      }
      return sum
    }
    return losses.reduce(0, +) / Double(present.count)
  }

  @Test("value and gradient are those of the definition in Double", arguments: [1, 2, 3, 4] as [UInt64])
  func definition(seed: UInt64) {
    let (shape, pixels): (Shape, Int) = ([1, 4, 5, 7], 35)
    var random = RandomSource(seed: seed, stream: "lovasz")
    let scores = (0..<shape.count).map { _ in Float(2 * random.normal()) }
    // Class 2 is absent.
    let targets = (0..<pixels).map { _ in ([0, 1, 3, ClassIndex.none] as [UInt8])[random.index(below: 4)] }
    let found = LovaszSoftmax().evaluate(
      probabilities: Softmax.probabilities(Tensor(scores, shape: shape)), targets: targets)
    let exact = scores.map(Double.init)
    #expect(abs(found.value - Self.value(exact, targets, classes: 4)) < 1e-6)
    let derivatives = exact.indices.map { place in
      let values = [1e-6, -1e-6].map { step in
        var moved = exact
        moved[place] += step
        return Self.value(moved, targets, classes: 4)
      }
      return (values[0] - values[1]) / 2e-6
    }
    #expect(scaledDifference(found.gradient.values.map(Double.init), derivatives) < 1e-5)
  }

  @Test("of certain predictions it is 1 - IoU, the mean over the classes present")
  func certain() {
    // Class 0: 3 labelled, 2 of them found, 1 too much. Class 1: 2 labelled, 1 found, 1 too much. Class 2:
    // not labelled.
    let (targets, predictions): ([UInt8], [Int]) = ([0, 0, 0, 1, 1, ClassIndex.none], [0, 0, 1, 1, 0, 2])
    let scores = (0..<3).flatMap { index in predictions.map { Float($0 == index ? 100 : -100) } }
    let found = LovaszSoftmax().evaluate(
      probabilities: Softmax.probabilities(Tensor(scores, shape: [1, 3, 2, 3])), targets: targets)
    #expect(abs(found.value - ((1 - 2.0 / 4) + (1 - 1.0 / 3)) / 2) < 1e-12)
  }

  @Test("chips are one set of pixels, not one each")
  func batch() {
    let scores = HashedValues("chips").tensor([2, 3, 2, 2], scale: 2).values
    let targets: [UInt8] = [0, 1, 1, 2, 2, 2, 0, 1]
    // The same eight pixels as one chip of two rows, one after the other.
    var joined: [Float] = []
    for index in 0..<3 {
      for chip in 0..<2 {
        let start = (chip * 3 + index) * 4
        joined += scores[start..<start + 4]
      }
    }
    let values = [Tensor(scores, shape: [2, 3, 2, 2]), Tensor(joined, shape: [1, 3, 2, 4])].map {
      LovaszSoftmax().evaluate(probabilities: Softmax.probabilities($0), targets: targets).value
    }
    #expect(abs(values[0] - values[1]) < 1e-12)
  }
}
