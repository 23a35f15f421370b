import ChangeDetection
import Foundation
import NumericOracles
import Rasters
import Testing

/// Real pairs with a reference, which are not part of the repository; one setting for all optical pairs, one
/// for all radar pairs.
@Suite("Real pairs", .enabled(if: RealData.isPresent, "\(RealData.absence)"))
struct RealPairTests {
  @Test("Optical: IR-MAD, Kittler-Illingworth")
  func taizhou() throws {
    let pair = try RealPair("change-taizhou")
    let detection = try #require(try MultivariateAlterationDetection(of: pair.pair))
    let magnitude = detection.magnitude(of: pair.pair)
    let threshold = try #require(try Histogram(of: magnitude)?.kittlerIllingworthThreshold)
    let kappa = try pair.kappa(magnitude, threshold, core: MultivariateAlterationDetection.standardCore)
    print("change-taizhou: kappa \(kappa) after \(detection.iterations) estimates, threshold \(threshold)")
    #expect(kappa >= 0.945)
  }

  @Test(
    "Radar: PCA-kmeans of the log of the 3 x 3 mean ratio is what an independent implementation gives",
    arguments: [
      ("ottawa", 0.926), ("san-francisco", 0.863), ("yellow-river-a", 0.793), ("yellow-river-c", 0.749),
    ])
  func clusters(name: String, expected: Double) throws {
    let pair = try RealPair("sar-change/\(name)")
    let difference = MappedPlane(try BackscatterRatio(.logarithm, of: pair.pair, unit: .amplitude)) {
      abs($0)
    }
    let clusters = try #require(try PrincipalComponentClusters(difference))
    let kappa = try pair.kappa(clusters, PrincipalComponentClusters.threshold, core: 1)
    print("\(name): PCA-kmeans kappa \(kappa)")
    #expect(abs(kappa - expected) < 0.02)
  }

  @Test(
    "Radar: log-ratio, non-local means, Otsu",
    arguments: [
      ("ottawa", 0.93), ("san-francisco", 0.88), ("yellow-river-a", 0.82), ("yellow-river-c", 0.79),
    ])
  func radar(name: String, least: Double) throws {
    let pair = try RealPair("sar-change/\(name)")
    let start = Date()
    let magnitude = PlaneInMemory(
      try #require(try LogRatioMagnitude(pair.pair, unit: .amplitude)).read(rows: 0..<pair.pair.height))
    let seconds = Date().timeIntervalSince(start)
    let threshold = try #require(try Histogram(of: magnitude)?.otsuThreshold)
    let kappa = try pair.kappa(magnitude, threshold)
    print("\(name): kappa \(kappa), threshold \(threshold), \(seconds) s")
    #expect(kappa >= least)
  }
}

/// A real pair in memory.
private struct RealPair {
  let pair: PairInMemory
  let reference: [UInt8]

  init(_ name: String) throws {
    let folder = RealData.path(name)
    func values(_ file: String) throws -> (values: [Float], bands: Int, grid: Grid) {
      let raster = try RasterFile(path: "\(folder)/\(file).tif")
      let bands: [[Float]] = try (1...raster.bands.count).map {
        try raster.readValues(raster.grid.bounds, band: $0)
      }
      return (bands.flatMap { $0 }, bands.count, raster.grid)
    }
    let (before, after) = (try values("t1"), try values("t2"))
    pair = PairInMemory(
      before: before.values, after: after.values, bands: before.bands, width: before.grid.width,
      height: before.grid.height)
    let raster = try RasterFile(path: "\(folder)/reference.tif")
    reference = try raster.readValues(raster.grid.bounds, band: 1)
  }

  /// Cohen's kappa where the reference is 1 (unchanged) or 2 (changed).
  func kappa(
    _ magnitude: some PlaneSource, _ threshold: Double, core: Double = HysteresisThreshold.standardCore
  ) throws
    -> Double
  {
    let change = try HysteresisThreshold(
      magnitude, threshold: threshold, core: core * threshold)
    var changed: [Bool] = []
    try change.forEachStrip { mask, _, _ in changed += mask.map { $0 == .changed } }
    var counts = [[0.0, 0.0], [0.0, 0.0]]
    for (label, value) in zip(reference, changed) where label > 0 {
      counts[label == 2 ? 1 : 0][value ? 1 : 0] += 1
    }
    let total = counts.joined().reduce(0, +)
    let agreement = (counts[0][0] + counts[1][1]) / total
    let chance = (0...1).reduce(0.0) {
      $0 + (counts[$1][0] + counts[$1][1]) * (counts[0][$1] + counts[1][$1]) / (total * total)
    }
    return (agreement - chance) / (1 - chance)
  }
}
