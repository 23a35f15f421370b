import Classes
import Foundation
import Numerics
import Tensors
import Testing
import Transfer

/// `Golden/transferability.json`.
private struct GoldenTransferability: Decodable {
  struct Predictions: Decodable, CustomTestStringConvertible {
    let sourceClasses: Int
    let labels: [UInt8]
    let probabilities: [Float]
    let leep, nce: Double

    var testDescription: String { "\(labels.count) samples, \(sourceClasses) source classes" }
  }

  struct Features: Decodable, CustomTestStringConvertible {
    let width: Int
    let labels: [UInt8]
    let features: [Float]
    let hScore, logME: Double

    var testDescription: String { "\(labels.count) samples, \(width) features" }
  }

  let predictions: [Predictions]
  let features: [Features]

  static let shared: GoldenTransferability = {
    guard
      let url = Bundle.module.url(
        forResource: "transferability", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/transferability.json is missing or damaged") }
    return file
  }()
}

private func isSame(_ found: Double, _ golden: Double, _ tolerance: Double) -> Bool {
  abs(found - golden) <= tolerance * max(1, abs(golden))
}

/// Labels of four classes, and features of which the classes' means stand out from noise of a given size.
private func noisyFeatures(noise: Double, seed: UInt64) -> (features: [Float], labels: [UInt8]) {
  var random = RandomSource(seed: seed, stream: "noisy features")
  let centers = (0..<4 * 10).map { _ in random.normal() }
  let labels = (0..<300).map { _ in UInt8(random.index(below: 4)) }
  let features = labels.flatMap { label in
    (0..<10).map { Float(centers[Int(label) * 10 + $0] + noise * random.normal()) }
  }
  return (features, labels)
}

@Suite("Transferability from predictions")
struct SourcePredictionsTests {
  @Test("LEEP and NCE are those of their definitions", arguments: GoldenTransferability.shared.predictions)
  fileprivate func golden(_ golden: GoldenTransferability.Predictions) {
    let predictions = SourcePredictions(
      probabilities: golden.probabilities, sourceClasses: golden.sourceClasses, labels: golden.labels)
    #expect(isSame(predictions.leep, golden.leep, 1e-12))
    #expect(isSame(predictions.negativeConditionalEntropy, golden.nce, 1e-12))
  }

  @Test("Both are 0 where the source class tells the label, and the labels' entropy where it tells nothing")
  func extremes() {
    let labels: [UInt8] = [0, 1, 2, 0, 1, 2, 0, 1]
    let sure = labels.flatMap { label in (0..<3).map { Float(UInt8($0) == 2 - label ? 1 : 0) } }
    let known = SourcePredictions(probabilities: sure, sourceClasses: 3, labels: labels)
    #expect(known.leep == 0 && known.negativeConditionalEntropy == 0)
    let unsure = SourcePredictions(
      probabilities: Array(repeating: 0.25, count: 32), sourceClasses: 4, labels: labels)
    let entropy = [3.0, 3, 2].reduce(0.0) { $0 + $1 / 8 * log($1 / 8) }
    #expect(isSame(unsure.leep, entropy, 1e-14))
    #expect(isSame(unsure.negativeConditionalEntropy, entropy, 1e-14))
  }

  @Test("Samples without a label count nowhere; without any there is no score")
  func unlabelled() {
    let golden = GoldenTransferability.shared.predictions[0]
    let more = SourcePredictions(
      probabilities: [0, 0.5, 0.5, 0] + golden.probabilities, sourceClasses: golden.sourceClasses,
      labels: [ClassIndex.none] + golden.labels)
    #expect(isSame(more.leep, golden.leep, 1e-12))
    #expect(isSame(more.negativeConditionalEntropy, golden.nce, 1e-12))
    let none = SourcePredictions(probabilities: [1], sourceClasses: 1, labels: [ClassIndex.none])
    #expect(none.leep.isNaN && none.negativeConditionalEntropy.isNaN)
  }

  @Test("Both fall as predictions get noisier", arguments: 0..<5)
  func noise(seed: UInt64) {
    let scores = [0.3, 1, 3, 10].map { noise -> (Double, Double) in
      var random = RandomSource(seed: seed, stream: "noisy predictions")
      let labels = (0..<400).map { _ in UInt8(random.index(below: 4)) }
      let probabilities = labels.flatMap { label -> [Float] in
        let weights = (0..<4).map { exp((Int(label) == $0 ? 3 : 0) + noise * random.normal()) }
        return weights.map { Float($0 / weights.reduce(0, +)) }
      }
      let predictions = SourcePredictions(probabilities: probabilities, sourceClasses: 4, labels: labels)
      return (predictions.leep, predictions.negativeConditionalEntropy)
    }
    for (less, more) in zip(scores, scores.dropFirst()) { #expect(less.0 > more.0 && less.1 > more.1) }
  }
}

@Suite("Transferability from features")
struct LabelledFeaturesTests {
  @Test(
    "The H-score is that of scikit-learn's covariance, LogME the largest density that a search finds",
    arguments: GoldenTransferability.shared.features)
  fileprivate func golden(_ golden: GoldenTransferability.Features) {
    let features = LabelledFeatures(golden.features, width: golden.width, labels: golden.labels)
    #expect(isSame(features.hScore, golden.hScore, 1e-10), "\(features.hScore), \(golden.hScore)")
    #expect(isSame(features.logME, golden.logME, 1e-7), "\(features.logME), \(golden.logME)")
  }

  @Test("Neither depends on which way features are turned, nor the H-score on their unit")
  func turned() {
    let golden = GoldenTransferability.shared.features[0]
    let whole = LabelledFeatures(golden.features, width: 6, labels: golden.labels)
    let turned = golden.features.indices.map { place -> Float in
      // Features 0 and 1 by atan(4 / 3).
      let first = place - place % 6
      let (x, y) = (golden.features[first], golden.features[first + 1])
      return place % 6 == 0
        ? 0.6 * x - 0.8 * y : place % 6 == 1 ? 0.8 * x + 0.6 * y : golden.features[place]
    }
    let other = LabelledFeatures(turned, width: 6, labels: golden.labels)
    #expect(isSame(other.hScore, whole.hScore, 1e-5) && isSame(other.logME, whole.logME, 1e-5))
    let scaled = LabelledFeatures(golden.features.map { 1024 * $0 }, width: 6, labels: golden.labels)
    #expect(isSame(scaled.hScore, whole.hScore, 1e-12) && isSame(scaled.logME, whole.logME, 1e-8))
  }

  @Test("Samples without a label count nowhere; without any, or with NaN, there is no score")
  func unlabelled() {
    let golden = GoldenTransferability.shared.features[0]
    let more = LabelledFeatures(
      golden.features + [9, .nan, 9, 9, 9, 9], width: 6, labels: golden.labels + [ClassIndex.none])
    #expect(isSame(more.hScore, golden.hScore, 1e-10) && isSame(more.logME, golden.logME, 1e-7))
    for bad in [
      LabelledFeatures([1, 2], width: 2, labels: [ClassIndex.none]),
      LabelledFeatures([1, .nan, 2, 3], width: 2, labels: [0, 1]),
    ] {
      #expect(bad.hScore.isNaN && bad.logME.isNaN)
    }
  }

  @Test("Features that say nothing, or everything, have finite scores")
  func extremes() {
    let labels = (0..<40).map { UInt8($0 % 2) }
    let zero = LabelledFeatures([Float](repeating: 0, count: 80), width: 2, labels: labels)
    // Only noise, of variance 1 / 2, about 0.
    #expect(zero.hScore == 0 && isSame(zero.logME, -0.5 * (log(.pi) + 1), 1e-12))
    let orthogonal = LabelledFeatures(
      labels.indices.map { $0 % 4 < 2 ? 1 : -1 }, width: 1, labels: labels)
    #expect(abs(orthogonal.hScore) < 1e-12 && isSame(orthogonal.logME, zero.logME, 1e-8))
    let exact = LabelledFeatures(
      labels.flatMap { [Float($0), 1 - Float($0)] }, width: 2, labels: labels)
    #expect(exact.hScore > 0.9 && exact.logME.isFinite && exact.logME > 5)
    let one = LabelledFeatures([1, 2, 3], width: 1, labels: [4, 4, 4])
    #expect(one.hScore == 0 && one.logME.isFinite)
  }

  @Test("Both fall as features get noisier", arguments: 0..<5)
  func noise(seed: UInt64) {
    let scores = [0.1, 0.5, 2, 8].map { noise -> (Double, Double) in
      let (features, labels) = noisyFeatures(noise: noise, seed: seed)
      let sample = LabelledFeatures(features, width: 10, labels: labels)
      return (sample.hScore, sample.logME)
    }
    for (less, more) in zip(scores, scores.dropFirst()) { #expect(less.0 > more.0 && less.1 > more.1) }
    #expect(scores[0].0 > 2.9, "\(scores[0].0): four classes' means far apart span 3 directions")
  }

  @Test("More features of noise alone do not raise the H-score, as they raise the plain one")
  func shrunk() {
    var random = RandomSource(seed: 1, stream: "noise alone")
    let labels = (0..<100).map { UInt8($0 % 4) }
    let score = LabelledFeatures((0..<8000).map { _ in Float(random.normal()) }, width: 80, labels: labels)
      .hScore
    // The plain one is near 3 x 80 / 100.
    #expect(score < 0.2, "\(score)")
  }
}
