import Chips
import Classes
import Foundation
import Numerics
import Rasters
import Tensors
import Testing

@Suite("Rare class sampling")
struct RareClassSamplerTests {
  /// Sixteen chips in a row, of one class each but for the last, which holds two; class 3 is nowhere.
  private static let classes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 0]
  private let chips: ChipSet = {
    let region = paintedRegion(
      16 * 8, 8,
      label: { row, column in
        if row == 0 { return ClassIndex.none }
        return column / 8 == 15 && row >= 6 ? 4 : UInt8(classes[column / 8])
      }
    ) { _, _, _ in 1 }
    return ChipSet([region], normalization: normalization([.plain()]), size: 8, stride: 8)
  }()

  @Test("Presence counts the labelled pixels of each chip, and none beyond the region")
  func presence() {
    let presence = chips.classPresence(classes: 5)
    #expect(presence.counts.count == 16)
    #expect(presence.counts[0] == [56, 0, 0, 0, 0] && presence.counts[13] == [0, 0, 56, 0, 0])
    #expect(presence.counts[15] == [40, 0, 0, 0, 16])
    #expect(presence.shares == [544, 224, 112, 0, 16].map { $0 / 896 })
    let small = paintedRegion(3, 2, label: { _, _ in 1 }) { _, _, _ in 0 }
    let beyond = ChipSet([small], normalization: normalization([.plain()]), size: 8, stride: 8)
    #expect(beyond.classPresence(classes: 2).counts == [[0, 6]])
  }

  @Test(
    "Classes are drawn in proportion to exp((1 - f) / T), chips of a class alike", arguments: [0.1, 0.2, 1])
  func frequencies(temperature: Double) {
    let sampler = RareClassSampler(chips, classes: 5, temperature: temperature)
    let weights = [544.0, 224, 112, .infinity, 16].map { exp((1 - $0 / 896) / temperature) }
    let expected = weights.map { $0 / weights.reduce(0, +) }
    #expect(zip(sampler.probabilities, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    var random = RandomSource(seed: 2, stream: "sampling")
    let count = 100_000
    var drawn = [Int](repeating: 0, count: 16)
    for number in sampler.draw(count: count, random: &random) { drawn[number] += 1 }
    for chip in 0..<16 {
      let holders = Double([10, 4, 2][Self.classes[chip]])
      let probability = expected[Self.classes[chip]] / holders + (chip == 15 ? expected[4] : 0)
      let error = (probability * (1 - probability) / Double(count)).squareRoot()
      #expect(abs(Double(drawn[chip]) / Double(count) - probability) < 5 * error)
    }
  }

  @Test(
    "A low temperature draws the rarest class alone, without overflow, a high one all that are there alike")
  func temperatures() {
    #expect(RareClassSampler(chips, classes: 5, temperature: 1e-4).probabilities == [0, 0, 0, 0, 1])
    let even = RareClassSampler(chips, classes: 5, temperature: 1e6).probabilities
    #expect(zip(even, [0.25, 0.25, 0.25, 0, 0.25]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test("The same seed draws the same chips, with two random numbers each")
  func seeds() {
    let sampler = RareClassSampler(chips, classes: 5)
    var (random, counted) = (RandomSource(seed: 1, stream: "s"), RandomSource(seed: 1, stream: "s"))
    let first = sampler.draw(count: 50, random: &random)
    for _ in 0..<100 { _ = counted.next() }
    #expect(random.next() == counted.next())
    var again = RandomSource(seed: 1, stream: "s")
    #expect(sampler.draw(count: 50, random: &again) == first)
  }
}
