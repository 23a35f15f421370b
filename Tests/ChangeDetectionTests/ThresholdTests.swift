import ChangeDetection
import Foundation
import Numerics
import Tensors
import Testing

@Suite("Thresholds")
struct ThresholdTests {
  /// Two normal modes, `share` of the values in the upper one.
  private func modes(_ share: Double, _ low: (Double, Double), _ high: (Double, Double), side: Int = 200)
    -> PlaneInMemory
  {
    var random = RandomSource(seed: 3, stream: "modes")
    return PlaneInMemory(
      Plane(
        width: side,
        values: (0..<side * side).map { index in
          // Change lies together, in the first rows.
          let (mean, deviation) = Double(index) < share * Double(side * side) ? high : low
          return Float(mean + deviation * random.normal())
        }))
  }

  @Test("Otsu, two means: half-way between modes of the same size and width")
  func halfway() throws {
    let histogram = try #require(try Histogram(of: modes(0.5, (1, 0.1), (3, 0.1))))
    #expect(abs(try #require(histogram.otsuThreshold) - 2) < 0.7)
    #expect(abs(try #require(histogram.twoMeansThreshold) - 2) < 0.05)
  }

  @Test("Otsu is the border of largest variance between the classes, by all borders")
  func otsu() throws {
    let counts = [0, 3, 9, 14, 6, 2, 1, 0, 1, 4, 7, 2, 0, 1]
    let histogram = Histogram(counts: counts, range: 0...14)
    var (best, border) = (-1.0, 0.0)
    for split in 1..<counts.count {
      func side(_ bins: Range<Int>) -> (Double, Double) {
        let weight = bins.reduce(0) { $0 + counts[$1] }
        return (
          Double(weight), bins.reduce(0.0) { $0 + (Double($1) + 0.5) * Double(counts[$1]) } / Double(weight)
        )
      }
      let (low, high) = (side(0..<split), side(split..<counts.count))
      let between = low.0 * high.0 * (low.1 - high.1) * (low.1 - high.1)
      if between > best * (1 + 1e-12) { (best, border) = (between, Double(split)) }
    }
    #expect(histogram.otsuThreshold == border || histogram.otsuThreshold == border + 1)
  }

  @Test("Kittler-Illingworth: where two normal densities with their shares cross")
  func minimumError() throws {
    let histogram = try #require(try Histogram(of: modes(0.1, (1, 0.3), (4, 0.8))))
    // 0.9 / 0.3 e^(-(x - 1)^2 / 0.18) = 0.1 / 0.8 e^(-(x - 4)^2 / 1.28)
    var (low, high) = (1.0, 4.0)
    for _ in 0..<60 {
      let x = (low + high) / 2
      let below = 0.9 / 0.3 * exp(-(x - 1) * (x - 1) / 0.18)
      if below > 0.1 / 0.8 * exp(-(x - 4) * (x - 4) / 1.28) { low = x } else { high = x }
    }
    let threshold = try #require(histogram.kittlerIllingworthThreshold)
    #expect(abs(threshold - low) < 0.1, "\(threshold) for \(low)")
  }

  @Test("Tiles that hold the change show its mode where the whole scene hides it")
  func tiles() throws {
    let scene = modes(0.004, (1, 0.4), (3, 0.4), side: 512)
    let selection = try TileSelection(scene)
    #expect(selection.count <= 8)
    let threshold = try #require(try Histogram(of: selection)?.kittlerIllingworthThreshold)
    #expect(abs(threshold - 2.2) < 0.4, "\(threshold)")
  }

  @Test("Values that are all the same have no threshold, and nothing observed has no histogram")
  func none() throws {
    let flat = try #require(try Histogram(of: PlaneInMemory(Plane(width: 3, values: [2, 2, 2]))))
    #expect(
      flat.otsuThreshold == nil && flat.kittlerIllingworthThreshold == nil && flat.twoMeansThreshold == nil)
    #expect(try Histogram(of: PlaneInMemory(Plane(width: 2, values: [.nan, .nan]))) == nil)
  }

  @Test("A region is change if its core is, wherever it winds; others are not; the unobserved is neither")
  func hysteresis() throws {
    // A U whose right arm has the core, a speck without one, a speck that touches by a corner only.
    let values: [Float] = [
      2, 0, 0, 2, 0, 2,
      2, 0, 0, 2, 0, 0,
      2, 2, 2, 4, 0, 2,
      0, 0, .nan, 0, 2, 0,
    ]
    let mask = try HysteresisThreshold(
      PlaneInMemory(Plane(width: 6, values: values)), threshold: 1, core: 3)
    var found: [PostClassification.Mask] = []
    try mask.forEachStrip { values, _, _ in found += values }
    let changed: Set = [0, 3, 6, 9, 12, 13, 14, 15]
    #expect(
      found == values.indices.map { $0 == 20 ? .notObserved : changed.contains($0) ? .changed : .unchanged })
  }

  @Test("Regions are those of a flood fill", arguments: [UInt64(1), 2, 3])
  func regions(seed: UInt64) throws {
    var random = RandomSource(seed: seed, stream: "regions")
    let (width, height) = (57, 43)
    let values = (0..<width * height).map { _ in Float(random.uniform()) }
    let mask = try HysteresisThreshold(
      PlaneInMemory(Plane(width: width, values: values)), threshold: 0.45, core: 0.98)
    var found: [Bool] = []
    try mask.forEachStrip { values, _, _ in found += values.map { $0 == .changed } }
    var expected = values.map { $0 > 0.98 }
    var open = expected.indices.filter { expected[$0] }
    while let place = open.popLast() {
      let (row, column) = (place / width, place % width)
      for (down, right) in [(0, 1), (1, 0), (0, -1), (-1, 0)]
      where (0..<height).contains(row + down) && (0..<width).contains(column + right) {
        let next = (row + down) * width + column + right
        if !expected[next] && values[next] > 0.45 {
          expected[next] = true
          open.append(next)
        }
      }
    }
    #expect(found == expected)
  }
}
