import Checkpoints
import Chips
import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Pixels that did not change")
struct InvariantFeaturesTests {
  private static func ground(_ band: Int, _ row: Int, _ column: Int) -> Double {
    0.25 + 0.15 * sin(Double(row) * 0.13 + Double(band)) * cos(Double(column) * 0.09)
  }

  /// A small number that is different in every pixel.
  private static func noise(_ band: Int, _ row: Int, _ column: Int, _ seed: Int) -> Double {
    let mixed = (row &* 73_856_093) ^ (column &* 19_349_663) ^ ((band + 7 * seed) &* 83_492_791)
    return Double(mixed & 0xffff) / 65_536 - 0.5
  }

  @Test("the lines are found under clouds on a quarter of the scene and harvests on another part")
  func robust() throws {
    let reference = try SyntheticScene(width: 120, height: 100, bands: 2) { band, row, column in
      Float(Self.ground(band, row, column) + 0.004 * Self.noise(band, row, column, 1))
    }
    let lines = [(slope: 0.7, offset: 0.06), (slope: 1.3, offset: -0.02)]
    let other = try SyntheticScene(
      width: 110, height: 100, bands: 2,
      transform: GeoTransform(originX: 600_100, originY: 5_200_000, pixelSize: 10)
    ) { band, row, column in
      // What the line brings back to the reference ten columns further on.
      let value = (Self.ground(band, row, column + 10) - lines[band].offset) / lines[band].slope
      if row < 25 { return 0.9 }
      if row > 85 { return Float(value + 0.1 * Double(band + 1)) }
      return row == 50 ? .nan : Float(value + 0.004 * Self.noise(band, row, column, 2))
    }
    var features = InvariantFeatures(pairs: 1, bands: 2)
    #expect(try features.add(other.open(), like: reference.open()))
    #expect(features.count == 110 * 99)
    let (step, weight) = features.step
    guard case .invariantFeatures(let slopes, let offsets) = step else {
      Issue.record("\(step)")
      return
    }
    for band in 0..<2 {
      #expect(abs(slopes[band] - lines[band].slope) < 0.005)
      #expect(abs(offsets[band] - lines[band].offset) < 0.002)
    }
    #expect(weight > 0.3 && weight < 0.6)
  }

  @Test("scenes apart have no pixel in common")
  func apart() throws {
    let one = try SyntheticScene(width: 10, height: 10, bands: 1) { _, _, _ in 1 }
    let other = try SyntheticScene(
      width: 10, height: 10, bands: 1,
      transform: GeoTransform(originX: 700_000, originY: 5_200_000, pixelSize: 10)
    ) { _, _, _ in 1 }
    var features = InvariantFeatures(pairs: 1, bands: 1)
    #expect(try features.add(one.open(), like: other.open()) == false && features.count == 0)
  }
}
