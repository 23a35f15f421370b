import Chips
import Classes
import NumericOracles
import Numerics
import Tensors
import Testing
import Transfer

/// What self-training believes, and what of one chip is pasted onto another.
@Suite("Labels that a network makes up")
struct PseudoLabelTests {
  @Test("Of each class the surest portion is kept, however unsure that is")
  func thresholds() {
    let thresholds = ClassThresholds(
      confidences: [[0.9, 0.99, 0.8, 0.95, 0.7], [0.4, 0.5, 0.45, 0.35, 0.41], [0.9], []], portion: 0.4)
    #expect(thresholds.values == [Double(Float(0.95)), Double(Float(0.45)), .infinity, .infinity])
    func label(_ probabilities: [Float]) -> UInt8 { thresholds.label { probabilities[$0] } }
    #expect(label([0.96, 0.04, 0, 0]) == 0)
    #expect(label([0.95, 0.05, 0, 0]) == 0)
    #expect(label([0.94, 0.06, 0, 0]) == ClassIndex.none)
    // The less likely class is the surer one beside what it usually gets.
    #expect(label([0.53, 0.46, 0.01, 0]) == 1)
    #expect(label([0, 0, 1, 0]) == ClassIndex.none)
  }

  @Test("All of the pixels of a class are kept at portion 1, none where the portion is less than one pixel")
  func portions() {
    let confidences: [[Float]] = [[0.6, 0.9], [0.7]]
    #expect(
      ClassThresholds(confidences: confidences, portion: 1).values == [
        Double(Float(0.6)), Double(Float(0.7)),
      ])
    #expect(ClassThresholds(confidences: confidences, portion: 0.49).values == [.infinity, .infinity])
  }

  @Test("Half of a chip's classes are pasted, rounded up, whole and with their values", arguments: 0..<20)
  func classMix(seed: Int) {
    var random = RandomSource(seed: UInt64(seed), stream: "mix")
    // Three classes and unlabelled pixels in the first chip, one class in the second, no label in the third.
    let targets: [UInt8] =
      [0, 1, 5, 1, ClassIndex.none, 5] + [2, 2, 2, ClassIndex.none, 2, 2]
      + Array(repeating: ClassIndex.none, count: 6)
    let mix = ClassMix(targets, plane: 6, random: &random)
    let pasted = Set((0..<6).filter { mix.isPasted[$0] }.map { targets[$0] })
    #expect(pasted.count == 2 && !pasted.contains(ClassIndex.none))
    #expect((0..<6).allSatisfy { mix.isPasted[$0] == pasted.contains(targets[$0]) })
    #expect((6..<12).allSatisfy { mix.isPasted[$0] == (targets[$0] == 2) })
    #expect(!mix.isPasted[12...].contains(true))
    let (own, other) = (
      HashedValues("own").tensor([3, 2, 2, 3]), HashedValues("other").tensor([3, 2, 2, 3])
    )
    let mixed = mix.values(own, onto: other).values
    for index in mixed.indices {
      let pixel = index / 12 * 6 + index % 6
      #expect(mixed[index] == (mix.isPasted[pixel] ? own : other).values[index])
    }
    let taught = [UInt8](repeating: 7, count: 18)
    let labels = zip(mix.labels(targets), mix.labels(taught, pasted: false))
    for (pixel, (fromSource, fromTeacher)) in labels.enumerated() {
      #expect(fromSource == (mix.isPasted[pixel] ? targets[pixel] : ClassIndex.none))
      #expect(fromTeacher == (mix.isPasted[pixel] ? ClassIndex.none : 7))
    }
  }

  @Test("Different seeds paste different classes")
  func varies() {
    let sets = (0..<10).map { seed in
      var random = RandomSource(seed: UInt64(seed), stream: "mix")
      return ClassMix([0, 1, 2, 3], plane: 4, random: &random).isPasted
    }
    #expect(Set(sets).count > 2)
  }
}
