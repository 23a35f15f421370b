import Foundation
import Tasks
import Testing

/// One case of `Golden/confusion.json`; nil stands for a score whose denominator is 0.
private struct GoldenScores: Decodable, CustomTestStringConvertible {
  let reference, mapped: [UInt8]
  let classes: Int
  let counts: [Int]
  let overallAccuracy, kappa, weightedKappa: Double
  let precision, recall, f1: [Double?]
  let iou: [Double]
  let support: [Int]
  let meanIoU, meanF1: Double

  var testDescription: String { "support \(support)" }

  private struct File: Decodable { let cases: [GoldenScores] }

  static let all: [GoldenScores] = {
    guard
      let url = Bundle.module.url(forResource: "confusion", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(File.self, from: data)
    else { preconditionFailure("Golden/confusion.json is missing or damaged") }
    return file.cases
  }()
}

@Suite("Confusion matrix")
struct ConfusionMatrixTests {
  private func isSame(_ found: Double, _ golden: Double?) -> Bool {
    golden.map { abs(found - $0) <= 1e-12 } ?? found.isNaN
  }

  @Test("All scores are scikit-learn's", arguments: GoldenScores.all)
  fileprivate func golden(_ golden: GoldenScores) {
    var matrix = ConfusionMatrix(classes: golden.classes)
    matrix.add(reference: golden.reference, mapped: golden.mapped)
    #expect(matrix.counts == golden.counts && matrix.total == golden.reference.count)
    #expect(isSame(matrix.overallAccuracy, golden.overallAccuracy) && isSame(matrix.kappa, golden.kappa))
    #expect(isSame(matrix.weightedKappa, golden.weightedKappa))
    // scikit-learn gives the IoU of a class that neither side holds as 0.
    for index in 0..<golden.classes where matrix.present.contains(index) {
      let scores = matrix.scores(of: index)
      #expect(isSame(scores.precision, golden.precision[index]), "precision of \(index)")
      #expect(isSame(scores.recall, golden.recall[index]), "recall of \(index)")
      #expect(isSame(scores.f1, golden.f1[index]), "F1 of \(index)")
      #expect(isSame(scores.iou, golden.iou[index]), "IoU of \(index)")
      #expect(scores.support == golden.support[index])
    }
    #expect(isSame(matrix.meanIoU, golden.meanIoU) && isSame(matrix.meanF1, golden.meanF1))
    let mapped = Set(golden.mapped)
    #expect(
      matrix.onlyMapped
        == (0..<golden.classes).filter { golden.support[$0] == 0 && mapped.contains(UInt8($0)) })
  }

  @Test("Pixels that either side does not know count nowhere")
  func unknown() {
    var matrix = ConfusionMatrix(classes: 2)
    matrix.add(reference: [0, 255, 1, 1, 255], mapped: [0, 0, 255, 0, 255])
    #expect(matrix.counts == [1, 0, 1, 0] && matrix.total == 2 && matrix.overallAccuracy == 0.5)
  }

  @Test("With nothing counted every score is NaN, not 0")
  func empty() {
    let matrix = ConfusionMatrix(classes: 3)
    #expect(matrix.overallAccuracy.isNaN && matrix.kappa.isNaN && matrix.meanIoU.isNaN)
    #expect(matrix.scores(of: 1).iou.isNaN && matrix.scores(of: 1).support == 0)
  }

  @Test("Two matrices add up to that of all pixels")
  func sum() {
    let golden = GoldenScores.all[0]
    var (whole, first, second) = (
      ConfusionMatrix(classes: 5), ConfusionMatrix(classes: 5), ConfusionMatrix(classes: 5)
    )
    whole.add(reference: golden.reference, mapped: golden.mapped)
    first.add(reference: golden.reference.prefix(77), mapped: golden.mapped.prefix(77))
    second.add(reference: golden.reference.dropFirst(77), mapped: golden.mapped.dropFirst(77))
    first.add(second)
    #expect(first == whole)
  }
}
