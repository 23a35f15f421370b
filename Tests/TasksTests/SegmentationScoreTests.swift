import Classes
import Foundation
import Tasks
import Testing

@Suite("Scores of a model")
struct SegmentationScoreTests {
  private func scores(_ reference: [UInt8], _ mapped: [UInt8]) -> SegmentationScore {
    var scores = SegmentationScore(classes: 2)
    scores.add(
      reference: reference, mapped: mapped, confidence: reference.map { _ in 0.75 }, width: 4)
    scores.addMappedArea(mapped, pixelArea: 100)
    return scores
  }

  private let reference: [UInt8] = [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, ClassIndex.none, 0, 0, 1, 1]
  private let mapped: [UInt8] = [0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, ClassIndex.none, 1]

  @Test("Labelled and mapped pixels count, in every score; two parts are their sum; JSON keeps all of it")
  func parts() throws {
    var sum = scores(reference, mapped)
    #expect(sum.matrix.counts == [7, 1, 0, 6])
    #expect(abs(sum.calibration.expectedError - abs(13.0 / 14 - 0.75)) < 1e-9)
    #expect(sum.mappedPixels == [7, 8] && sum.pixelArea == 100)
    sum.add(scores(reference, reference))
    #expect(sum.matrix.counts == [15, 1, 0, 13] && sum.mappedPixels == [15, 15])
    let kept = try JSONDecoder().decode(SegmentationScore.self, from: JSONEncoder().encode(sum))
    #expect(kept.matrix == sum.matrix && kept.calibration == sum.calibration && kept.boundary == sum.boundary)
    #expect(kept.mappedPixels == sum.mappedPixels && kept.pixelArea == sum.pixelArea)
  }

  @Test("Areas are there where the whole was mapped, and in pixels where their size is not known")
  func areas() {
    var scores = scores(reference, mapped)
    #expect(scores.area != nil && SegmentationScore(classes: 2).area == nil)
    scores.addMappedArea(mapped, pixelArea: nil)
    #expect(scores.pixelArea == nil && scores.mappedPixels == [14, 16])
  }
}
