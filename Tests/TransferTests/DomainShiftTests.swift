import Classes
import Foundation
import Numerics
import Tensors
import Testing
import Transfer

/// `Golden/domain-shift.json`.
struct GoldenDomainShift: Decodable {
  struct Domains: Decodable, CustomTestStringConvertible {
    let width: Int
    let source, target: [Double]
    let sourceChips, targetChips: [Int]
    let squaredMMD, coral, accuracy: Double
    let standardizedMMD, standardizedCoral, standardizedAccuracy: Double
    let pcaShares, pcaSource: [Double]

    var testDescription: String { "\(sourceChips.count) and \(targetChips.count) pixels, \(width) features" }

    var samples: (FeatureSample, FeatureSample) {
      (
        FeatureSample(source, width: width, chips: sourceChips),
        FeatureSample(target, width: width, chips: targetChips)
      )
    }
  }

  struct Predictions: Decodable, CustomTestStringConvertible {
    let classes: Int
    let probabilities: [Float]
    let entropy, density: Double

    var testDescription: String { "\(probabilities.count / classes) pixels, \(classes) classes" }
  }

  let domains: [Domains]
  let predictions: [Predictions]

  static let shared: GoldenDomainShift = {
    guard
      let url = Bundle.module.url(
        forResource: "domain-shift", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/domain-shift.json is missing or damaged") }
    return file
  }()
}

private func isSame(_ found: Double, _ golden: Double, _ tolerance: Double) -> Bool {
  abs(found - golden) <= tolerance * max(1, abs(golden))
}

/// Normal features about a mean.
private func cloud(_ name: String, count: Int, width: Int = 5, at mean: Double = 0, seed: UInt64)
  -> FeatureSample
{
  var random = RandomSource(seed: seed, stream: name)
  return FeatureSample((0..<count * width).map { _ in mean + random.normal() }, width: width)
}

@Suite("Distances between domains")
struct DomainShiftTests {
  @Test(
    "MMD, CORAL, domain classifier and PCA are those of scikit-learn and numpy",
    arguments: GoldenDomainShift.shared.domains)
  func golden(_ golden: GoldenDomainShift.Domains) throws {
    let (source, target) = golden.samples
    #expect(isSame(source.squaredMMD(to: target), golden.squaredMMD, 1e-12))
    #expect(isSame(source.correlationDistance(to: target), golden.coral, 1e-12))
    let classifier = try #require(DomainSeparation(source, target))
    #expect(isSame(classifier.accuracy, golden.accuracy, 1e-12))
    let distance = DomainDistance(source, target)
    #expect(isSame(distance.squaredMMD, golden.standardizedMMD, 1e-12))
    #expect(isSame(distance.correlation, golden.standardizedCoral, 1e-12))
    #expect(isSame(distance.separation?.accuracy ?? -1, golden.standardizedAccuracy, 1e-12))
    let components = try #require(PrincipalComponents(of: source, target))
    #expect(zip(components.shares, golden.pcaShares).allSatisfy { isSame($0, $1, 1e-12) })
    let points = components.points(of: source).prefix(4).flatMap { [$0.x, $0.y] }
    #expect(zip(points, golden.pcaSource).allSatisfy { isSame($0, $1, 1e-10) })
  }

  @Test("A sample is at no distance from itself but for the bias that is taken away")
  func itself() {
    let sample = cloud("one", count: 40, seed: 1)
    #expect(sample.correlationDistance(to: sample) == 0)
    // Pairs of a pixel with itself are counted between the samples, not within.
    #expect(sample.squaredMMD(to: sample) < 0)
  }

  @Test("The MMD of two points each has a closed form")
  func closedForm() {
    // Squared distances within 1 and 1, between 4, 9, 1, 4: the median of six is 2.5.
    let near = FeatureSample([0, 1], width: 1)
    let far = FeatureSample([2, 3], width: 1)
    func kernel(_ distance: Double) -> Double {
      (-2...2).reduce(0) { $0 + exp(-distance / (2 * 2.5 * pow(2, Double($1)))) } / 5
    }
    let expected = 2 * kernel(1) - (kernel(4) + kernel(9) + kernel(1) + kernel(4)) / 2
    #expect(isSame(near.squaredMMD(to: far), expected, 1e-14))
  }

  @Test(
    "Samples of one distribution cannot be told apart, whatever the seed; shifted ones can", arguments: 0..<5)
  func shift(seed: UInt64) throws {
    let (one, same) = (cloud("one", count: 300, seed: seed), cloud("two", count: 300, seed: seed))
    let other = cloud("three", count: 300, at: 1.5, seed: seed)
    let (near, far) = (DomainDistance(one, same), DomainDistance(one, other))
    #expect(abs(near.squaredMMD) < 0.01 && far.squaredMMD > 0.2, "\(near) \(far)")
    let (nearly, fully) = (try #require(near.separation), try #require(far.separation))
    #expect(abs(nearly.accuracy - 0.5) < 0.1 && abs(nearly.proxyADistance) < 0.4)
    #expect(fully.accuracy > 0.9 && fully.proxyADistance > 1.6)
  }

  @Test("Distances do not depend on the features' units")
  func units() {
    let (one, other) = GoldenDomainShift.shared.domains[0].samples
    func scaled(_ sample: FeatureSample, _ values: [Double]) -> FeatureSample {
      FeatureSample(values.indices.map { values[$0] * ($0 % 4 == 2 ? 1024 : 0.25) + 3 }, width: 4)
    }
    let golden = GoldenDomainShift.shared.domains[0]
    let (plain, changed) = (
      DomainDistance(one, other), DomainDistance(scaled(one, golden.source), scaled(other, golden.target))
    )
    #expect(isSame(plain.squaredMMD, changed.squaredMMD, 1e-9))
    #expect(isSame(plain.correlation, changed.correlation, 1e-9))
  }

  @Test("Few pixels, one chip, constant or infinite features give no figure and no crash")
  func nothing() {
    let one = FeatureSample([1, 2], width: 2)
    let many = cloud("many", count: 20, width: 2, seed: 1)
    #expect(one.squaredMMD(to: many).isNaN && one.correlationDistance(to: many).isNaN)
    let chip = FeatureSample([1, 2, 3, 4], width: 2, chips: [7, 7])
    #expect(DomainSeparation(chip, many) == nil)
    let bad = FeatureSample([.nan, 2, 3, 4], width: 2)
    #expect(bad.squaredMMD(to: many).isNaN && DomainSeparation(bad, many) == nil)
    #expect(PrincipalComponents(of: bad) == nil)
    let constant = FeatureSample([Double](repeating: 3, count: 20), width: 2)
    let distance = DomainDistance(constant, constant)
    #expect(distance.squaredMMD == 0 && distance.correlation == 0)
    // Most pixels alike: the median distance is 0, the sample is not.
    let mostly = FeatureSample([Double](repeating: 3, count: 18) + [5, 5], width: 2)
    #expect(constant.squaredMMD(to: mostly).isFinite)
  }

  @Test("Class proportions, how varied they are, and how far apart")
  func proportions() {
    let even = ClassProportions([0, 1, 2, 3, ClassIndex.none], count: 4)
    #expect(even.shares == [0.25, 0.25, 0.25, 0.25] && isSame(even.effectiveClasses, 4, 1e-14))
    let single = ClassProportions(counts: [0, 9, 0, 0])
    #expect(single.effectiveClasses == 1 && isSame(even.difference(from: single), 0.75, 1e-14))
    #expect(ClassProportions(counts: [0, 0]).effectiveClasses == 0)
  }
}

@Suite("Scores that choose among models without labels")
struct ModelSelectionTests {
  @Test(
    "Entropy and neighbourhood density are those of scipy and torch",
    arguments: GoldenDomainShift.shared.predictions)
  func golden(_ golden: GoldenDomainShift.Predictions) {
    let predictions = UnlabelledPredictions(probabilities: golden.probabilities, classes: golden.classes)
    #expect(isSame(predictions.entropy, golden.entropy, 1e-6))
    #expect(isSame(predictions.softNeighbourhoodDensity(), golden.density, 1e-6))
  }

  @Test("Closed forms: sure predictions have no entropy, like ones log(N - 1) of density, pairs log 1")
  func closedForms() {
    let sure = UnlabelledPredictions(probabilities: [1, 0, 0, 1, 1, 0, 0, 1], classes: 2)
    #expect(sure.entropy == 0)
    // Each pixel is like one other; the two unlike ones weigh exp(-20) each.
    let total = 1 + 2 * exp(-20.0)
    let expected = -(1 / total) * log(1 / total) - 2 * exp(-20.0) / total * log(exp(-20.0) / total)
    #expect(isSame(sure.softNeighbourhoodDensity(), expected, 1e-12))
    let unsure = UnlabelledPredictions(probabilities: [Float](repeating: 0.25, count: 40), classes: 4)
    #expect(isSame(unsure.entropy, 1, 1e-12) && isSame(unsure.softNeighbourhoodDensity(), log(9), 1e-12))
    let none = UnlabelledPredictions(probabilities: [0.5, 0.5], classes: 2)
    #expect(none.softNeighbourhoodDensity().isNaN)
    #expect(UnlabelledPredictions(probabilities: [.nan, 0.5], classes: 2).entropy.isNaN)
  }

  @Test(
    "What leads back to the source scores high; shuffled labels score low; a single class has no score",
    arguments: 0..<3)
  func reverse(seed: UInt64) throws {
    var random = RandomSource(seed: seed, stream: "reverse")
    func features(_ labels: [UInt8]) -> FeatureSample {
      let centers: [[Double]] = [[0, 0], [4, 0], [0, 4]]
      return FeatureSample(
        labels.flatMap { label in centers[Int(label)].map { $0 + 0.5 * random.normal() } }, width: 2)
    }
    let labels = (0..<150).map { UInt8($0 % 3) }
    let (source, target) = (features(labels), features(labels))
    func score(_ pseudoLabels: [UInt8]) -> Double? {
      ReverseValidation.score(
        source: source, labels: labels, target: target, pseudoLabels: pseudoLabels, classes: 3)
    }
    let right = try #require(score(labels))
    let shuffled = try #require(score(labels.map { ($0 + 1) % 3 }))
    let merged = try #require(score(labels.map { $0 == 2 ? 1 : $0 }))
    #expect(right > 0.95 && shuffled < 0.05 && merged < 0.7, "\(right) \(shuffled) \(merged)")
    #expect(score(labels.map { _ in 1 }) == nil)
  }
}
