import Classes
import Foundation
import Tasks
import Testing
import Transfer

/// `Golden/scores.json`; nil stands for what is not defined.
private struct GoldenScoreFile: Decodable {
  struct Reliability: Decodable, CustomTestStringConvertible {
    struct Line: Decodable {
      let count: Int
      let confidence, accuracy: Double?
    }
    let bins: Int
    let confidence: [Float]
    let right: [Bool]
    let table: [Line]
    let error: Double

    var testDescription: String { "\(bins) bins" }
  }

  struct Boundary: Decodable, CustomTestStringConvertible {
    let height, width, classes: Int
    let distance: Int?
    let reference, mapped: [UInt8]
    let scores: [Double?]
    let mean: Double

    var testDescription: String { "\(height) x \(width), distance \(distance ?? 0)" }
  }

  struct Areas: Decodable, CustomTestStringConvertible {
    let counts, pixels: [Int]
    let pixelArea: Double
    /// Value and standard error each.
    let areas, producer: [[Double]]
    let user: [[Double?]]
    let overall: [Double]

    var testDescription: String { "\(pixels)" }
  }

  struct Quantile: Decodable {
    let freedom: Int
    let probability, quantile: Double
  }

  let calibration: [Reliability]
  let boundaries: [Boundary]
  let areas: [Areas]
  let student: [Quantile]

  static let shared: GoldenScoreFile = {
    guard
      let url = Bundle.module.url(forResource: "scores", withExtension: "json", subdirectory: "Golden"),
      let data = try? Data(contentsOf: url), let file = try? JSONDecoder().decode(Self.self, from: data)
    else { preconditionFailure("Golden/scores.json is missing or damaged") }
    return file
  }()
}

private func isSame(_ found: Double, _ golden: Double?, _ tolerance: Double = 1e-12) -> Bool {
  golden.map { abs(found - $0) <= tolerance * max(1, abs($0)) } ?? found.isNaN
}

@Suite("Calibration")
struct CalibrationTests {
  @Test("Error and table are those of comparing bin by bin", arguments: GoldenScoreFile.shared.calibration)
  fileprivate func golden(_ golden: GoldenScoreFile.Reliability) {
    var (calibration, rest) = (Calibration(bins: golden.bins), Calibration(bins: golden.bins))
    calibration.add(confidence: golden.confidence.prefix(123), isRight: golden.right.prefix(123))
    rest.add(confidence: golden.confidence.dropFirst(123), isRight: golden.right.dropFirst(123))
    calibration.add(rest)
    #expect(calibration.total == 500 && isSame(calibration.expectedError, golden.error))
    for (bin, line) in zip(calibration.bins, golden.table) {
      #expect(bin.count == line.count)
      #expect(isSame(bin.confidence, line.confidence) && isSame(bin.accuracy, line.accuracy))
    }
  }

  @Test("Right as often as confident is an error of 0; sure and always wrong is one of 1")
  func extremes() {
    var (calibrated, wrong) = (Calibration(), Calibration())
    calibrated.add(
      confidence: Array(repeating: 0.75, count: 400), isRight: (0..<400).map { $0 % 4 != 0 })
    wrong.add(confidence: [1, 1, 1], isRight: [false, false, false])
    #expect(calibrated.expectedError == 0 && wrong.expectedError == 1)
    #expect(Calibration().expectedError.isNaN && Calibration().bins.count == 15)
    // Probabilities of 0, and a sum of exponentials that rounding has made larger than 1.
    wrong.add(confidence: [0, Float(1).nextUp], isRight: [false, true])
    #expect(wrong.bins[0].count == 1 && wrong.bins[14].count == 4)
  }

  @Test("Pixels that either side does not know count nowhere")
  func unknown() {
    var (calibration, known) = (Calibration(), Calibration())
    calibration.add(confidence: [0.9, 0.8, 0.7, 0.6], reference: [1, 255, 0, 2], mapped: [1, 1, 255, 0])
    known.add(confidence: [0.9, 0.6], isRight: [true, false])
    #expect(calibration == known)
  }
}

@Suite("Boundary IoU")
struct BoundaryIoUTests {
  @Test("Scores are those of scipy's erosions", arguments: GoldenScoreFile.shared.boundaries)
  fileprivate func golden(_ golden: GoldenScoreFile.Boundary) {
    var score = BoundaryIoU(classes: golden.classes, distance: golden.distance)
    score.add(
      reference: golden.reference, mapped: golden.mapped, width: golden.width, height: golden.height)
    for index in 0..<golden.classes { #expect(isSame(score.score(of: index), golden.scores[index])) }
    #expect(isSame(score.mean, golden.mean))
  }

  @Test("A map that is right scores 1, however few pixels are labelled")
  func right() {
    let golden = GoldenScoreFile.shared.boundaries[0]
    let sparse = golden.mapped.enumerated().map { $0 % 61 % 7 < 5 ? $1 : ClassIndex.none }
    var score = BoundaryIoU(classes: 3, distance: 2)
    score.add(reference: sparse, mapped: golden.mapped, width: golden.width, height: golden.height)
    #expect(score.mean == 1)
    #expect(BoundaryIoU(classes: 3).mean.isNaN)
  }

  @Test("A straight edge moved by one pixel: d - 1 of d + 1 columns agree")
  func shifted() {
    func edge(at column: Int) -> [UInt8] { (0..<40 * 30).map { $0 % 40 < column ? 0 : 1 } }
    for distance in 2...6 {
      var score = BoundaryIoU(classes: 2, distance: distance)
      score.add(reference: edge(at: 20), mapped: edge(at: 21), width: 40, height: 30)
      #expect(isSame(score.mean, Double(distance - 1) / Double(distance + 1)))
    }
  }

  @Test("Regions add up, pixel by pixel")
  func sum() {
    let golden = GoldenScoreFile.shared.boundaries[0]
    var once = BoundaryIoU(classes: 3, distance: 4)
    once.add(reference: golden.reference, mapped: golden.mapped, width: golden.width, height: golden.height)
    var twice = once
    twice.add(once)
    #expect(twice != once && twice.mean == once.mean)
    #expect(BoundaryIoU.distance(width: 300, height: 400) == 10)
    #expect(BoundaryIoU.distance(width: 9, height: 9) == 1)
  }
}

@Suite("Area estimates")
struct AreaEstimateTests {
  private func estimate(_ golden: GoldenScoreFile.Areas) -> AreaEstimate {
    AreaEstimate(sample(golden.counts), mappedPixels: golden.pixels, pixelArea: golden.pixelArea)
  }

  /// A matrix with the given counts, rows the reference classes.
  private func sample(_ counts: [Int]) -> ConfusionMatrix {
    let classes = Int(Double(counts.count).squareRoot())
    var matrix = ConfusionMatrix(classes: classes)
    for (place, count) in counts.enumerated() {
      matrix.add(
        reference: Array(repeating: UInt8(place / classes), count: count),
        mapped: Array(repeating: UInt8(place % classes), count: count))
    }
    return matrix
  }

  @Test("Areas, accuracies and errors are those of the equations", arguments: GoldenScoreFile.shared.areas)
  fileprivate func golden(_ golden: GoldenScoreFile.Areas) {
    let found = estimate(golden)
    func expect(_ estimate: AreaEstimate.Estimate, _ golden: [Double?]) {
      #expect(isSame(estimate.value, golden[0]) && isSame(estimate.standardError, golden[1]))
    }
    for index in golden.pixels.indices {
      expect(found.areas[index], golden.areas[index])
      expect(found.userAccuracies[index], golden.user[index])
      expect(found.producerAccuracies[index], golden.producer[index])
    }
    expect(found.overallAccuracy, golden.overall)
  }

  @Test("The worked example is the paper's, in hectares")
  func published() {
    let found = estimate(GoldenScoreFile.shared.areas[0])
    #expect(found.areas.map { $0.value.rounded() } == [21_158, 11_686, 285_770, 581_386])
    #expect(found.areas.map { $0.margin.rounded() } == [6158, 3756, 15_510, 16_282])
  }

  @Test("A map without an error has its own areas, with certainty")
  func certain() {
    let found = AreaEstimate(sample([7, 0, 0, 9]), mappedPixels: [300, 100], pixelArea: 2)
    #expect(found.areas.map(\.value) == [600, 200] && found.areas.map(\.standardError) == [0, 0])
    #expect(found.overallAccuracy.value == 1 && found.producerAccuracies.map(\.value) == [1, 1])
  }

  @Test("What the sample does not know is NaN, not certain")
  func unknown() {
    let one = AreaEstimate(sample([7, 0, 0, 1]), mappedPixels: [300, 100], pixelArea: 1)
    #expect(one.areas[1].value == 100 && one.areas[1].standardError.isNaN)
    let none = AreaEstimate(sample([7, 0, 2, 0]), mappedPixels: [300, 100], pixelArea: 1)
    #expect(none.areas[0].value.isNaN && none.userAccuracies[1].value.isNaN)
  }
}

@Suite("Summary of scores")
struct ScoreSummaryTests {
  @Test("Student's quantiles are scipy's")
  func student() {
    for golden in GoldenScoreFile.shared.student {
      let found = StudentDistribution(freedom: golden.freedom).quantile(golden.probability)
      #expect(
        abs(found - golden.quantile) <= 1e-11 * golden.quantile,
        "\(golden.freedom), \(golden.probability): \(found), \(golden.quantile)")
    }
  }

  @Test("With two scores the interval is known: t is tan of 0.475 pi")
  func two() {
    let summary = ScoreSummary([0.5, 0.7])
    #expect(isSame(summary.mean, 0.6) && isSame(summary.deviation, 0.02.squareRoot()))
    #expect(isSame(summary.margin, tan(0.475 * .pi) * 0.1))
  }

  @Test("The interval holds the mean of 95 % of samples")
  func coverage() {
    var held = 0
    for trial in 0..<4000 {
      let sample = (0..<5).map { index -> Double in
        // Normal by Box and Muller, from a sequence that fills the square evenly.
        let number = Double(trial * 5 + index + 1)
        let (first, second) = (
          (number * 0.754_877_666_246_69).truncatingRemainder(dividingBy: 1),
          (number * number * 0.569_840_290_998_05).truncatingRemainder(dividingBy: 1)
        )
        return (-2 * log(1 - first)).squareRoot() * cos(2 * .pi * second)
      }
      let summary = ScoreSummary(sample)
      if abs(summary.mean) <= summary.margin { held += 1 }
    }
    #expect(abs(Double(held) / 4000 - 0.95) < 0.02)
  }

  @Test("One score has no spread, and no score no mean")
  func few() {
    let one = ScoreSummary([0.4])
    #expect(one.mean == 0.4 && one.deviation.isNaN && one.margin.isNaN)
    #expect(ScoreSummary([]).mean.isNaN && ScoreSummary([1, .nan, 2]).mean.isNaN)
  }
}
