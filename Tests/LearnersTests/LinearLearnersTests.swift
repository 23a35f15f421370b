import Learners
import NumericOracles
import Testing

@Suite("Linear learners against scikit-learn")
struct LinearLearnersTests {
  private let golden = GoldenLearners.shared

  private func distance(_ learner: any Learner, from expected: [Float]) throws -> Float {
    let learned = try learner.learn(golden.table, seed: 1, isCancelled: { false })
    return zip(learned.classifier.probabilities(of: golden.probe), expected).map { abs($0 - $1) }.max()!
  }

  @Test("A softmax regression has scikit-learn's probabilities")
  func softmax() throws {
    #expect(try distance(SoftmaxRegression(cost: 0.7), from: golden.softmax) < 2e-4)
  }

  @Test("A discriminant analysis with a shrunk covariance has scikit-learn's probabilities")
  func discriminant() throws {
    #expect(try distance(LinearDiscriminant(), from: golden.lda) < 1e-5)
  }

  @Test("The nearest prototype is scikit-learn's nearest centroid")
  func prototypes() throws {
    let learned = try Prototypes().learn(golden.table, seed: 1, isCancelled: { false })
    #expect(learned.classifier.classes(of: golden.probe) == golden.nearest)
  }

  @Test("Standardising changes what a discriminant analysis says by rounding alone")
  func standardized() throws {
    #expect(try distance(StandardizedLearner(LinearDiscriminant()), from: golden.lda) < 1e-4)
  }

  @Test("A class without a sample is never answered with")
  func absentClass() throws {
    let table = golden.table.samples(at: golden.labels.indices.filter { golden.labels[$0] != 2 })
    for learner in [SoftmaxRegression(), LinearDiscriminant(), Prototypes()] as [any Learner] {
      let learned = try StandardizedLearner(learner).learn(table, seed: 1, isCancelled: { false })
      let probabilities = learned.classifier.probabilities(of: golden.probe)
      #expect(stride(from: 2, to: probabilities.count, by: 4).allSatisfy { probabilities[$0] == 0 })
      #expect(probabilities.allSatisfy { $0.isFinite })
    }
  }

  @Test("One class alone, or one sample a class, is learned")
  func fewSamples() throws {
    let first = (0..<4).map { index in golden.labels.firstIndex(of: UInt8(index))! }
    for learner in [SoftmaxRegression(), LinearDiscriminant(), Prototypes()] as [any Learner] {
      let own = StandardizedLearner(learner)
      let single = try own.learn(golden.table.samples(at: [first[3]]), seed: 1, isCancelled: { false })
      #expect(single.classifier.classes(of: golden.probe).allSatisfy { $0 == 3 })
      let each = try own.learn(golden.table.samples(at: first), seed: 1, isCancelled: { false })
      #expect(each.classifier.probabilities(of: golden.probe).allSatisfy { $0.isFinite })
    }
  }

  @Test("A feature of one value changes nothing")
  func constantFeature() throws {
    var table = FeatureTable(width: 7, classCount: 4)
    for (sample, label) in golden.labels.enumerated() {
      table.append(
        Array(golden.values[sample * 6..<(sample + 1) * 6]) + [3], class: label, ground: Int32(sample))
    }
    let probe = stride(from: 0, to: golden.probe.count, by: 6).flatMap { golden.probe[$0..<$0 + 6] + [3] }
    let learner = StandardizedLearner(Prototypes())
    let answers = try learner.learn(table, seed: 1, isCancelled: { false }).classifier
      .probabilities(of: probe)
    let expected = try learner.learn(golden.table, seed: 1, isCancelled: { false }).classifier
      .probabilities(of: golden.probe)
    #expect(zip(answers, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test("Learning gives the same bytes on one thread and on several")
  func threads() throws {
    func weights(_ threads: Int) throws -> [String: [Float]] {
      try computing(threads: threads) {
        try SoftmaxRegression().learn(golden.table, seed: 1, isCancelled: { false }).classifier.tensors
      }
    }
    #expect(try weights(1) == weights(3))
  }
}
