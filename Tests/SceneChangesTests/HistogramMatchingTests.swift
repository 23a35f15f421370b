import ChangeDetection
import Numerics
import SceneChanges
import Testing

@Suite("Histogram matching of two dates")
struct HistogramMatchingTests {
  @Test("It undoes any rising map of the later date, and differences beyond its ends stay as they are")
  func undone() throws {
    var random = RandomSource(seed: 5, stream: "matching")
    let before = (0..<20_000).map { _ in Float(10 + 2 * random.normal()) }
    let after = before.map { $0 * $0 * 0.5 + 3 }
    let pair = PairInMemory(before: before, after: after, bands: 1, width: 200, height: 100)
    let matching = try #require(try HistogramMatching(of: pair))
    let brought = try NormalizedPair(pair, matching).read(rows: 0..<100)
    let sorted = before.sorted()
    for (own, value) in zip(brought.before, brought.after) where own > sorted[400] && own < sorted[19_600] {
      #expect(abs(own - value) < 0.05)
    }
    let (low, high) = (after.min()!, after.max()!)
    #expect(abs(matching(high + 7, band: 0) - matching(high, band: 0) - 7) < 1e-4)
    #expect(abs(matching(low, band: 0) - matching(low - 7, band: 0) - 7) < 1e-4)
  }

  @Test("Nothing seen is nothing to match")
  func nothing() throws {
    let empty = [Float](repeating: .nan, count: 64)
    #expect(
      try HistogramMatching(of: PairInMemory(before: empty, after: empty, bands: 1, width: 8, height: 8))
        == nil)
  }
}
