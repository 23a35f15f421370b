import ChangeDetection
import Foundation
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Comparisons of two dates")
struct ComparisonTests {
  @Test("CVA: length in standard deviations, direction from all up over none to all down")
  func changeVectors() throws {
    // Each band of each date has mean 0 and variance 1.
    let (before, after): ([Float], [Float]) = ([1, -1, 1, -1, 1, -1, 1, -1], [-1, 1, 1, -1, -1, 1, -1, 1])
    let pair = PairInMemory(
      before: before.map { 10 * $0 + 3 }, after: after.map { 0.5 * $0 - 7 }, bands: 2, width: 4, height: 1)
    let analysis = try #require(try ChangeVectorAnalysis(of: pair))
    let length = try analysis.magnitude(of: pair).read(rows: 0..<1).values
    let angle = try analysis.direction(of: pair).read(rows: 0..<1).values
    let (root2, pi) = (Float(2).squareRoot(), Float.pi)
    for (found, expected) in zip(length, [2 * root2, 2 * root2, 2, 2]) {
      #expect(abs(found - expected) < 1e-5)
    }
    for (found, expected) in zip(angle, [pi, 0, 0.75 * pi, 0.25 * pi]) {
      #expect(abs(found - expected) < 1e-3)
    }
  }

  @Test(
    "Ratios are the same in amplitude, intensity and decibels, and see gains alike",
    arguments: BackscatterUnit.allCases)
  func units(unit: BackscatterUnit) throws {
    let amplitude: ([Float], [Float]) = ([3, 3, 3, 0.5, 8, 4], [3, 6, 1.5, 0.5, 4, 9])
    func stored(_ values: [Float]) -> [Float] {
      values.map { value in
        switch unit {
        case .amplitude: value
        case .intensity: value * value
        case .decibels: 20 * log10(value)
        }
      }
    }
    let pair = PairInMemory(
      before: stored(amplitude.0), after: stored(amplitude.1), bands: 1, width: 6, height: 1)
    let floors = (0.05 * amplitude.0.reduce(0, +) / 6, 0.05 * amplitude.1.reduce(0, +) / 6)
    let ratios = zip(amplitude.0, amplitude.1).map { ($1 + floors.1) / ($0 + floors.0) }
    func check(_ source: some PlaneSource, _ function: (Float) -> Float) throws {
      let values = try source.read(rows: 0..<1).values
      #expect(zip(values, ratios.map(function)).allSatisfy { abs($0 - $1) < 1e-4 * max(1, $1) }, "\(values)")
    }
    try check(BackscatterRatio(.logarithm, of: pair, unit: unit, radius: 0)) { log($0) }
    try check(BackscatterRatio(.contrast, of: pair, unit: unit, radius: 0)) { 1 - min($0, 1 / $0) }
    try check(BackscatterRatio(.larger, of: pair, unit: unit, radius: 0)) { max($0, 1 / $0) }
  }

  /// Speckle of 4 looks; in a square backscatter is four times as strong at the later date, or a fourth.
  private func radar(factor: Double) -> PairInMemory {
    let square = 30..<60
    let before = speckle(width: 100, height: 90, looks: 4, seed: 20)
    let after = speckle(width: 100, height: 90, looks: 4, seed: 21) { row, column in
      1.5 * (square.contains(row) && square.contains(column) ? factor : 1)
    }
    var valid = [Bool](repeating: true, count: 9000)
    for index in 0..<300 { valid[index] = false }
    return PairInMemory(
      before: before.values, after: after.values, valid: valid, bands: 1, width: 100, height: 90)
  }

  @Test("A square that rose or fell is found in speckle", arguments: [4, 0.25])
  func square(factor: Double) throws {
    let pair = radar(factor: factor)
    let magnitude = try #require(try LogRatioMagnitude(pair, unit: .intensity))
    let threshold = try #require(try Histogram(of: magnitude)?.otsuThreshold)
    var (hits, alarms, unknown) = (0, 0, 0)
    try HysteresisThreshold(magnitude, threshold: threshold, core: 1.5 * threshold).forEachStrip {
      mask, _, first in
      for (index, value) in mask.enumerated() {
        let inside = (30..<60).contains(first + index / 100) && (30..<60).contains(index % 100)
        hits += value == .changed && inside ? 1 : 0
        alarms += value == .changed && !inside ? 1 : 0
        unknown += value == .notObserved ? 1 : 0
      }
    }
    #expect(hits > 840 && alarms < 60 && unknown == 300, "\(hits) hits, \(alarms) false alarms")
  }

  @Test("PCA-kmeans: the clusters of a difference, on a scale from 0 to 1, whatever the strips and threads")
  func clusters() throws {
    let difference = MappedPlane(try BackscatterRatio(.logarithm, of: radar(factor: 4), unit: .intensity)) {
      abs($0)
    }
    let clusters = try #require(try PrincipalComponentClusters(difference))
    let values = try computing(threads: 1) { try clusters.read(rows: 0..<90).values }
    #expect(try computing(threads: 2) { try inRows(clusters) }.map(\.bitPattern) == values.map(\.bitPattern))
    var sums = [0.0, 0.0], counts = [0.0, 0.0]
    for value in values where !value.isNaN {
      let side = Double(value) > PrincipalComponentClusters.threshold ? 1 : 0
      sums[side] += Double(value)
      counts[side] += 1
    }
    // Centres are the means of their clusters.
    #expect(abs(sums[0] / counts[0]) < 1e-3 && abs(sums[1] / counts[1] - 1) < 1e-3)
    #expect(abs(counts[1] - 900) < 200, "\(counts[1])")
    #expect(values.count(where: \.isNaN) == 300)
  }

  @Test("Radiometric normalisation finds the lines of what did not change")
  func normalization() throws {
    var random = RandomSource(seed: 4, stream: "bands")
    let (width, height, bands) = (240, 200, 4)
    var (before, after): ([Float], [Float]) = ([], [])
    for band in 0..<bands {
      for pixel in 0..<width * height {
        let ground = random.normal()
        before.append(Float(ground + 0.05 * random.normal()))
        // A fifth of the scene changed altogether.
        let later = pixel % width < 48 ? 2 * random.normal() + 3 : ground
        after.append(Float((later + 0.05 * random.normal()) * Double(band + 2) + 10))
      }
    }
    let pair = PairInMemory(before: before, after: after, bands: bands, width: width, height: height)
    let detection = try #require(try MultivariateAlterationDetection(of: pair))
    let lines = try #require(try InvariantFeatureLines(detection, of: pair))
    for band in 0..<bands {
      let slope = 1 / Double(band + 2)
      #expect(
        abs(lines.slopes[band] / slope - 1) < 0.01 && abs(lines.offsets[band] + 10 * slope) < 0.03,
        "\(lines)")
    }
    let brought = try NormalizedPair(pair, lines).read(rows: 0..<height)
    let distance =
      brought.before.indices.filter { $0 % width >= 48 }
      .map { Double(abs(brought.before[$0] - brought.after[$0])) }.max() ?? 1
    #expect(distance < 0.4)
  }
}
