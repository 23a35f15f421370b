import Checkpoints
import Chips
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

/// Scenes of the same ground whose sensors disagree: what adjustment has to undo.
@Suite("Scenes adjusted to a reference")
struct RadiometricFittingTests {
  /// A smooth ground of many values with a darker half, from about 0.05 to 0.6.
  private static func ground(_ band: Int, _ row: Int, _ column: Int) -> Double {
    let wave = sin(Double(row) * 0.11 + Double(band)) * cos(Double(column) * 0.07)
    return 0.25 + 0.12 * wave + (column > 60 ? 0.15 : 0) + 0.0003 * Double((row * 31 + column * 17) % 97)
  }

  private func scene(
    width: Int = 120, height: Int = 90, border: Int = 5, _ change: (Double) -> Double
  ) throws -> SyntheticScene {
    try SyntheticScene(width: width, height: height, bands: 2) { band, row, column in
      column < border ? .nan : Float(change(Self.ground(band, row, column)))
    }
  }

  private func reference(_ scenes: [SyntheticScene]) throws -> RadiometricReference {
    var reference = RadiometricReference(scenes: scenes.count, bands: 2)
    for scene in scenes { try reference.add(scene.open()) }
    return reference
  }

  private func adjusted(_ scene: SyntheticScene, _ steps: [RadiometricStep]) throws -> PixelBlock {
    let opened = try scene.open()
    for maps in try RadiometricFitting(steps).maps(for: scene.open(), isReference: false) {
      opened.adjust(by: maps)
    }
    return try opened.read(scene.grid.bounds)
  }

  /// The difference that all but 3 in 1000 values keep within: what lies beyond the outermost quantiles is
  /// shifted as they are.
  private func usualDifference(_ one: PixelBlock, _ other: PixelBlock) -> Float {
    let differences = zip(one.values, other.values).map { abs($0 - $1) }.sorted()
    return differences[differences.count * 997 / 1000]
  }

  private func largestDifference(_ one: PixelBlock, _ other: PixelBlock) -> Float {
    zip(one.values, other.values).map { abs($0 - $1) }.max()!
  }

  @Test("a scaled and shifted scene is brought back exactly by either method")
  func linear() throws {
    let (own, other) = (try scene { $0 }, try scene { 0.1 + 0.55 * $0 })
    let reference = try reference([own])
    let wanted = try own.open().read(own.grid.bounds)
    #expect(try largestDifference(adjusted(other, [reference.standardise]), wanted) < 2e-6)
    let matched = try adjusted(other, [reference.histogramMatching])
    #expect(usualDifference(matched, wanted) < 2e-6 && largestDifference(matched, wanted) < 0.02)
  }

  @Test("a scene of another gamma is brought back by its histogram, not by centre and spread")
  func gamma() throws {
    let (own, other) = (try scene { $0 }, try scene { 0.05 + 0.7 * pow($0, 1.8) })
    let reference = try reference([own])
    let wanted = try own.open().read(own.grid.bounds)
    let before = try largestDifference(other.open().read(own.grid.bounds), wanted)
    let matched = try usualDifference(adjusted(other, [reference.histogramMatching]), wanted)
    let standardised = try usualDifference(adjusted(other, [reference.standardise]), wanted)
    #expect(matched < 0.004 && standardised > 3 * matched && before > 0.1)
  }

  @Test("no data stays no data and counts for nothing")
  func noData() throws {
    let own = try scene { $0 }
    let (narrow, wide) = (try scene(border: 5) { 2 * $0 }, try scene(border: 40) { 2 * $0 })
    let step = try reference([own]).histogramMatching
    for (scene, border) in [(narrow, 5), (wide, 40)] {
      let block = try adjusted(scene, [step])
      for place in block.valid.indices {
        #expect(block.valid[place] == (place % 120 >= border))
        if !block.valid[place] { #expect(block.values[place] == 0) }
      }
    }
    let empty = try SyntheticScene(width: 40, height: 40, bands: 2) { _, _, _ in .nan }
    #expect(try RadiometricFitting([step]).maps(for: empty.open(), isReference: false).isEmpty)
  }

  @Test("a pixel's value does not depend on the window or part that it is read in, nor on when")
  func windows() throws {
    let (own, other) = (try scene { $0 }, try scene { 0.3 * $0 })
    let step = try reference([own]).histogramMatching
    let whole = try adjusted(other, [step])
    #expect(try adjusted(other, [step]) == whole)
    let opened = try other.open()
    for maps in try RadiometricFitting([step]).maps(for: other.open(), isReference: false) {
      opened.adjust(by: maps)
    }
    for window in [
      Window(column: 3, row: 7, width: 50, height: 1), Window(column: 100, row: -4, width: 30, height: 20),
    ] {
      let block = try opened.read(window)
      for row in 0..<window.height {
        for column in 0..<window.width {
          let (y, x) = (window.row + row, window.column + column)
          guard own.grid.bounds.contains(column: x, row: y) else { continue }
          #expect(block.values[row * window.width + column] == whole.values[y * 120 + x])
        }
      }
    }
  }

  @Test("steps follow each other: each sees what the one before leaves")
  func chained() throws {
    let (own, other) = (try scene { $0 }, try scene { 0.05 + 0.7 * pow($0, 1.8) })
    let reference = try reference([own])
    let both = try adjusted(other, [reference.histogramMatching, reference.standardise])
    #expect(try largestDifference(both, own.open().read(own.grid.bounds)) < 0.005)
    let line = RadiometricStep.invariantFeatures(slopes: [2, 3], offsets: [0.5, 0])
    let maps = try RadiometricFitting([line]).maps(for: own.open(), isReference: false)
    #expect(maps.count == 1 && maps[0][0](0.25) == 1 && maps[0][1](0.5) == 1.5)
    #expect(try RadiometricFitting([line]).maps(for: own.open(), isReference: true).isEmpty)
  }

  @Test("quantiles are those between the sorted values, as numpy's are")
  func quantiles() {
    let distribution = BandDistribution([5, 1, 4, 2])
    #expect([0, 0.25, 0.5, 0.9, 1].map(distribution.quantile) == [1, 1.75, 3, 4.7, 5])
    #expect(
      abs(BandDistribution((0...1348).map { Float($0) / 1349 }).spread - 0.5 * 1348 / 1349 / 1.349) < 1e-6)
    #expect(BandDistribution([]).quantile(0.5) == 0)
  }

  @Test("a constant band is shifted and no more")
  func constant() throws {
    let flat = try SyntheticScene(width: 40, height: 30, bands: 2) { band, _, _ in band == 0 ? 0.3 : 0.6 }
    let step = try reference([try scene { $0 }])
    for method in [step.standardise, step.histogramMatching] {
      let block = try adjusted(flat, [method])
      #expect(Set(block.values).count == 2 && block.values.allSatisfy { $0 > 0.1 && $0 < 0.5 })
    }
  }
}
