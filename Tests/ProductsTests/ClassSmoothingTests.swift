import Classes
import Products
import Testing

@Suite("Smoothing a class map")
struct ClassSmoothingTests {
  private static let width = 23
  private static let height = 17

  /// A map of random classes and confidences, a tenth of it without a class.
  private func map(classes count: Int, seed: Int) -> (classes: [UInt8], confidence: [UInt8]) {
    var random = SystemSeeded(UInt64(seed))
    var (classes, confidence): ([UInt8], [UInt8]) = ([], [])
    for _ in 0..<Self.width * Self.height {
      let hasClass = Int.random(in: 0..<10, using: &random) > 0
      classes.append(hasClass ? UInt8(Int.random(in: 0..<count, using: &random)) : ClassIndex.none)
      let least = (100 + count - 1) / count
      confidence.append(hasClass ? UInt8(Int.random(in: least...100, using: &random)) : 255)
    }
    return (classes, confidence)
  }

  private func smoothed(
    _ map: (classes: [UInt8], confidence: [UInt8]), classes: Int, radius: Int, rows: Range<Int>? = nil
  ) -> [UInt8] {
    ClassSmoothing(classCount: classes, radius: radius).smoothed(
      classes: map.classes, confidence: map.confidence, width: Self.width, rows: rows ?? 0..<Self.height)
  }

  /// The mean of the probabilities around a pixel, by its definition: the other classes share the rest alike.
  private func means(
    _ map: (classes: [UInt8], confidence: [UInt8]), classes count: Int, radius: Int, row: Int, column: Int
  ) -> (means: [Double], present: Set<Int>) {
    var sums = [Double](repeating: 0, count: count)
    var present: Set<Int> = []
    for y in max(0, row - radius)...min(Self.height - 1, row + radius) {
      for x in max(0, column - radius)...min(Self.width - 1, column + radius) {
        let own = Int(map.classes[y * Self.width + x])
        guard own < count else { continue }
        present.insert(own)
        let share = Double(map.confidence[y * Self.width + x]) / 100
        for index in 0..<count { sums[index] += index == own ? share : (1 - share) / Double(count - 1) }
      }
    }
    return (sums, present)
  }

  @Test(
    "Each pixel gets the class of the largest mean probability around it, and never one that is not there",
    arguments: [2, 3, 9, 40], [1, 2, 5, 30])
  func definition(classes: Int, radius: Int) {
    let map = map(classes: classes, seed: classes * 100 + radius)
    let result = smoothed(map, classes: classes, radius: radius)
    for row in 0..<Self.height {
      for column in 0..<Self.width {
        let place = row * Self.width + column
        guard map.classes[place] != ClassIndex.none else {
          #expect(result[place] == ClassIndex.none)
          continue
        }
        let around = means(map, classes: classes, radius: radius, row: row, column: column)
        #expect(around.present.contains(Int(result[place])))
        let best = around.present.map { around.means[$0] }.max()!
        #expect(around.means[Int(result[place])] > best - 1e-9)
      }
    }
    #expect(result != map.classes)
  }

  @Test(
    "Rows in parts, each with the rows around it, give what all rows give at once", arguments: [1, 4, 16])
  func strips(radius: Int) {
    let map = map(classes: 5, seed: radius)
    let whole = smoothed(map, classes: 5, radius: radius)
    var parts: [UInt8] = []
    for first in stride(from: 0, to: Self.height, by: 3) {
      let inner = first..<min(Self.height, first + 3)
      let around = max(0, first - radius)..<min(Self.height, inner.upperBound + radius)
      let pixels = around.lowerBound * Self.width..<around.upperBound * Self.width
      parts += ClassSmoothing(classCount: 5, radius: radius).smoothed(
        classes: Array(map.classes[pixels]), confidence: Array(map.confidence[pixels]), width: Self.width,
        rows: inner.lowerBound - around.lowerBound..<inner.upperBound - around.lowerBound)
    }
    #expect(parts == whole)
  }

  @Test("Of equal votes the pixel's own class stays; guesses are no reason for another class")
  func ties() {
    let filter = ClassSmoothing(classCount: 3, radius: 1)
    // Rounded down, a third is less than what is left for each other class: such a pixel has no vote.
    #expect(
      filter.smoothed(classes: [0, 1, 0], confidence: [33, 33, 33], width: 3, rows: 0..<1) == [0, 1, 0])
    #expect(filter.smoothed(classes: [1, 0], confidence: [80, 80], width: 2, rows: 0..<1) == [1, 0])
    #expect(
      filter.smoothed(classes: [2, 255, 2], confidence: [90, 255, 90], width: 3, rows: 0..<1) == [2, 255, 2])
  }
}

/// The same numbers for the same seed (SplitMix64).
private struct SystemSeeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
