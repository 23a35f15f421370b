import ChangeDetection
import Foundation
import NumericOracles
import Numerics
import Tensors
import Testing

/// `Golden/alteration.json`: a pair, and what scipy makes of it.
private struct GoldenAlteration: Decodable {
  struct Result: Decodable {
    let iterations: Int
    let correlations, statistic, tolerant: [Double]
  }

  let bands, height, width: Int
  let before, after: [Float]
  let valid: [Bool]
  let plain, reweighted: Result

  static let file: GoldenAlteration = {
    let url = Bundle.module.url(forResource: "alteration", withExtension: "json", subdirectory: "Golden")
    return try! JSONDecoder().decode(GoldenAlteration.self, from: Data(contentsOf: url!))
  }()

  /// The pair, with each band of the earlier date mapped.
  func pair(_ map: ([Float]) -> [Float] = { $0 }) -> PairInMemory {
    let pixels = width * height
    var mapped = before
    for pixel in 0..<pixels {
      let values = map((0..<bands).map { before[$0 * pixels + pixel] })
      for band in 0..<bands { mapped[band * pixels + pixel] = values[band] }
    }
    return PairInMemory(
      before: mapped, after: after, valid: valid, bands: bands, width: width, height: height)
  }
}

@Suite("Multivariate alteration detection")
struct AlterationDetectionTests {
  @Test("Correlations, iterations and statistic are those of scipy's eigenproblem", arguments: [true, false])
  func golden(reweighted: Bool) throws {
    let file = GoldenAlteration.file
    let expected = reweighted ? file.reweighted : file.plain
    let pair = file.pair()
    let detection = try #require(
      try MultivariateAlterationDetection(of: pair, iterations: reweighted ? 100 : 1))
    #expect(detection.iterations == expected.iterations && detection.converged == reweighted)
    #expect(zip(detection.correlations, expected.correlations).allSatisfy { abs($0 - $1) < 1e-6 })
    let values = try detection.statistic(of: pair).read(rows: 0..<file.height).values
    #expect(zip(values, file.valid).allSatisfy { $0.isNaN != $1 })
    let seen = values.filter { !$0.isNaN }
    #expect(seen.count == expected.statistic.count)
    #expect(zip(seen, expected.statistic).allSatisfy { abs(Double($0) - $1) < 1e-4 * max(1, $1) })
    let tolerant = try detection.tolerantStatistic(of: pair).read(rows: 0..<file.height).values
      .filter { !$0.isNaN }
    #expect(zip(tolerant, expected.tolerant).allSatisfy { abs(Double($0) - $1) < 1e-4 * max(1, $1) })
  }

  @Test("What is bright and rare is no change where one date alone is noisy; a change of it is")
  func rare() throws {
    let (side, bands) = (120, 4)
    var random = RandomSource(seed: 5, stream: "rare")
    var before: [Float] = []
    var after: [Float] = []
    let square = 30..<38
    for band in 0..<bands {
      for place in 0..<side * side {
        let (row, column) = (place / side, place % side)
        let isRare = square.contains(row) && (square.contains(column) || square.contains(column - 50))
        let ground = (isRare ? 40 : 0) * (band.isMultiple(of: 2) ? 1.0 : -1.0) + 4 * random.normal()
        before.append(Float(ground))
        let isChanged = isRare && column >= 80
        after.append(Float((isChanged ? -0.5 : 1) * 3 * ground + 6 * random.normal()))
      }
    }
    let pair = PairInMemory(before: before, after: after, bands: bands, width: side, height: side)
    let detection = try #require(try MultivariateAlterationDetection(of: pair))
    let limit = Float(
      try #require(try detection.inflation(of: pair)) * detection.distribution.quantile(0.999))
    func share(_ plane: some PlaneSource, _ columns: Range<Int>) throws -> Double {
      let values = try plane.read(rows: 0..<side).values
      let inside = square.flatMap { row in columns.map { values[row * side + $0] } }
      return Double(inside.count { $0 > limit }) / Double(inside.count)
    }
    #expect(try share(detection.statistic(of: pair), square) > 0.5)
    #expect(try share(detection.tolerantStatistic(of: pair), square) < 0.1)
    #expect(try share(detection.tolerantStatistic(of: pair), 80..<88) == 1)
  }

  @Test("Mixing, scaling and shifting the bands of one date changes nothing")
  func invariance() throws {
    let file = GoldenAlteration.file
    func statistic(_ pair: PairInMemory) throws -> [Float] {
      let detection = try #require(try MultivariateAlterationDetection(of: pair))
      return try detection.statistic(of: pair).read(rows: 0..<file.height).values.filter { !$0.isNaN }
    }
    let plain = try statistic(file.pair())
    let mixed = try statistic(
      file.pair {
        [3 * $0[0] - 50, 0.01 * $0[1] + $0[0], -2 * $0[2] + 1000, $0[3] + 0.5 * $0[2], $0[4], -$0[5]]
      })
    #expect(zip(plain, mixed).allSatisfy { abs($0 - $1) < 1e-3 * max(1, $0) })
  }

  @Test("One or two threads, and bands that are copies or constant, give finite numbers and the same bytes")
  func awkward() throws {
    let file = GoldenAlteration.file
    let pair = file.pair { [$0[0], $0[0], $0[2], 7, $0[4], $0[5]] }
    func statistic(threads: Int) throws -> [Float] {
      try computing(threads: threads) {
        let detection = try #require(try MultivariateAlterationDetection(of: pair))
        return try detection.statistic(of: pair).read(rows: 0..<file.height).values
      }
    }
    let one = try statistic(threads: 1)
    #expect(zip(one, file.valid).allSatisfy { $0.isFinite == $1 })
    #expect(try statistic(threads: 2).map(\.bitPattern) == one.map(\.bitPattern))
  }

  @Test("Dates that are the same have statistic 0, and nothing valid gives nothing")
  func same() throws {
    let file = GoldenAlteration.file
    let same = PairInMemory(
      before: file.before, after: file.before, bands: file.bands, width: file.width, height: file.height)
    let detection = try #require(try MultivariateAlterationDetection(of: same))
    #expect(detection.correlations.allSatisfy { $0 > 0.999_999 })
    let values = try detection.statistic(of: same).read(rows: 0..<file.height).values
    #expect(values.allSatisfy { $0 < 1e-6 })
    let none = PairInMemory(
      before: file.before, after: file.after, valid: file.valid.map { _ in false }, bands: file.bands,
      width: file.width, height: file.height)
    #expect(try MultivariateAlterationDetection(of: none) == nil)
  }
}

@Suite("Chi-square")
struct ChiSquareTests {
  // scipy.stats.chi2.sf(x, k) and chi2.ppf(p, k), scipy 1.17.1
  @Test(
    "Tail probabilities and quantiles are scipy's",
    arguments: [
      (1, 3.841_458_820_694_124, 0.95), (2, 9.210_340_371_976_18, 0.99), (6, 12.591_587_243_743_977, 0.95),
      (7, 0.989_255_683_130_399_4, 0.005), (40, 55.758_479_278_887_02, 0.95),
      (101, 149.215_423_040_773_77, 0.9987),
    ])
  func quantiles(degrees: Int, value: Double, share: Double) {
    let distribution = ChiSquare(degrees: degrees)
    #expect(abs(distribution.survival(value) - (1 - share)) < 1e-9)
    #expect(abs(distribution.quantile(share) / value - 1) < 1e-9)
  }

  @Test("Far tails keep their digits")
  func tails() {
    #expect(abs(ChiSquare(degrees: 5).survival(300) / 1.001_530_230_595_781_7e-62 - 1) < 1e-10)
    #expect(ChiSquare(degrees: 3).survival(0) == 1 && ChiSquare(degrees: 3).survival(1e9) == 0)
  }
}
