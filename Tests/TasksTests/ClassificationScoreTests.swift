import Chips
import Classes
import Foundation
import Layers
import Rasters
import Scenes
import Tasks
import Tensors
import Testing

/// `Golden/classification.json`; nil stands for what is not defined.
private struct GoldenClassification: Decodable {
  struct Single: Decodable {
    let classes: Int
    let truth: [UInt8]
    let probabilities: [[Float]]
    let accuracy, kappa, f1: Double
    /// Of the k likeliest, for k from 1 on.
    let top: [Double]
  }

  struct Several: Decodable {
    let classes: Int
    let truth: [[UInt8]]
    let probabilities: [[Float]]
    let averagePrecision: [Double?]
    let meanAveragePrecision, macroF1, microF1, exact: Double

    enum CodingKeys: String, CodingKey {
      case classes, truth, probabilities, exact
      case averagePrecision = "average precision"
      case meanAveragePrecision = "mean average precision"
      case macroF1 = "macro f1"
      case microF1 = "micro f1"
    }
  }

  struct Loss: Decodable {
    let smoothing, value: Double
    let scores, gradient: [[Double]]
    let truth: [[UInt8]]
  }

  let single: [Single]
  let several: [Several]
  let loss: [Loss]

  static let shared: GoldenClassification = {
    guard
      let url = Bundle.module.url(
        forResource: "classification", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/classification.json is missing or damaged") }
    return file
  }()
}

private func isSame(_ found: Double?, _ golden: Double?) -> Bool {
  guard let golden else { return found?.isNaN ?? true }
  return found.map { abs($0 - golden) < 1e-12 } ?? false
}

extension ReportedScore {
  fileprivate func figure(_ name: String) -> Double? { figures.first { $0.name == name }?.value }
}

@Suite("Scores of whole images")
struct ClassificationScoreTests {
  @Test("One class an image: scikit-learn's figures, of two halves together", arguments: 0..<3)
  func single(index: Int) {
    let golden = GoldenClassification.shared.single[index]
    var (score, rest) = (
      ClassificationScore(classes: golden.classes), ClassificationScore(classes: golden.classes)
    )
    for (place, (truth, given)) in zip(golden.truth, golden.probabilities).enumerated() {
      if place % 2 == 0 {
        score.add(truth: truth, probabilities: given)
      } else {
        rest.add(truth: truth, probabilities: given)
      }
    }
    score.add(rest)
    #expect(isSame(score.headline, golden.accuracy) && isSame(score.figure("OA"), golden.accuracy))
    #expect(isSame(score.figure("kappa"), golden.kappa))
    #expect(isSame(score.figure("F1"), golden.f1))
    for (place, top) in golden.top.enumerated() { #expect(isSame(score.topAccuracy(place + 1), top)) }
    #expect((score.figure("top-3 accuracy") != nil) == (golden.classes > 3))
  }

  @Test("Several classes an image: scikit-learn's figures, of two halves together", arguments: 0..<3)
  func several(index: Int) {
    let golden = GoldenClassification.shared.several[index]
    var (score, rest) = (MultiLabelScore(classes: golden.classes), MultiLabelScore(classes: golden.classes))
    for (place, (truth, given)) in zip(golden.truth, golden.probabilities).enumerated() {
      if place % 2 == 0 {
        score.add(truth: truth, probabilities: given)
      } else {
        rest.add(truth: truth, probabilities: given)
      }
    }
    score.add(rest)
    for (place, precision) in golden.averagePrecision.enumerated() {
      #expect(isSame(score.averagePrecision(of: place), precision), "class \(place)")
    }
    #expect(isSame(score.headline, golden.meanAveragePrecision))
    #expect(isSame(score.figure("F1"), golden.macroF1) && isSame(score.figure("micro F1"), golden.microF1))
    #expect(isSame(score.figure("exact"), golden.exact))
  }

  @Test("Probabilities that are not finite count nowhere")
  func notFinite() {
    var (single, several) = (ClassificationScore(classes: 2), MultiLabelScore(classes: 2))
    single.add(truth: 0, probabilities: [.nan, 1])
    several.add(truth: [0], probabilities: [.nan, 1])
    #expect(single.matrix.total == 0 && several.total == 0 && single.headline.isNaN)
  }
}

/// A region of 4 x 4 pixels of one band, all of them labelled as `label`.
private func region(_ label: UInt8, shows classes: [UInt8]?, named name: String) -> LabelledRegion {
  let window = Window(column: 0, row: 0, width: 4, height: 4)
  var region = LabelledRegion(
    window: window,
    pixels: PixelBlock(
      width: 4, height: 4, bandCount: 1, values: (0..<16).map(Float.init),
      valid: Array(repeating: true, count: 16)),
    labels: Array(repeating: label, count: 16), ground: Ground(named: name))
  region.annotations = classes.map { ShownClasses($0) }
  return region
}

private func batch(_ regions: [LabelledRegion]) -> ChipBatch {
  let chips = ChipSet(regions, normalization: .none(bands: 1), size: 4, stride: 4)
  return chips.batch(Array(chips.chips.indices))
}

@Suite("Objectives of whole images")
struct WholeImageObjectiveTests {
  @Test("Several classes are learned by PyTorch's BCEWithLogitsLoss", arguments: 0..<2)
  func several(index: Int) {
    let golden = GoldenClassification.shared.loss[index]
    let classes = golden.scores[0].count
    let task = MultiLabelClassification(classes: classes)
    var recipe = LossRecipe()
    recipe.labelSmoothing = golden.smoothing
    let scores = Tensor(
      golden.scores.flatMap { $0.map(Float.init) }, shape: [golden.scores.count, classes, 1, 1])
    let found = task.objective(recipe, labelCounts: []).evaluate(
      task.answers(scores), of: batch(golden.truth.enumerated().map { region(0, shows: $1, named: "\($0)") }))
    #expect(abs(found.value - golden.value) < 1e-6)
    let gradient = golden.gradient.flatMap(\.self)
    #expect(zip(found.gradient.values, gradient).allSatisfy { abs(Double($0) - $1) < 1e-7 })
  }

  @Test("Chips of which nothing is known teach nothing")
  func unknown() {
    let task = MultiLabelClassification(classes: 2)
    let answers = Tensor([0.9, 0.2, 0.4, 0.3], shape: [2, 2, 1, 1])
    let objective = task.objective(LossRecipe(), labelCounts: [])
    var unlabelled = region(1, shows: nil, named: "b")
    unlabelled.labels[0..<15] = ArraySlice(repeating: ClassIndex.none, count: 15)
    let both = batch([region(0, shows: [0], named: "a"), unlabelled])
    // One labelled pixel is enough for the class to be there; of one class a chip it is not.
    #expect(objective.evaluate(answers, of: both).gradient.values.allSatisfy { $0 != 0 })
    #expect(both.wholeChipTargets == [0, ClassIndex.none])
    let single = SceneClassification(classes: 2).objective(LossRecipe(), labelCounts: [1, 1])
    #expect(single.evaluate(answers, of: both).gradient.values[2...] == [0, 0])
  }

  @Test("A chip has the class of half of its pixels, or the first that its image shows")
  func wholeChips() {
    var half = region(1, shows: nil, named: "a")
    half.labels[0..<8] = [0, 0, 0, 0, 0, 0, 0, 0]
    var less = half
    less.labels[8] = ClassIndex.none
    less.labels[0] = 2
    #expect(batch([half]).wholeChipTargets == [0])
    #expect(batch([less]).wholeChipTargets == [ClassIndex.none])
    #expect(batch([region(3, shows: [2, 1], named: "b")]).wholeChipTargets == [2])
  }
}
