import ChangeDetection
import Foundation
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Misregistration by phase correlation")
struct PhaseCorrelationTests {
  /// Two dates of one ground, the later one shifted, brighter and noisier; with holes, and another ground in
  /// a corner.
  private func pair(_ down: Double, _ right: Double, width: Int = 230, height: Int = 190, bands: Int = 2)
    -> PairInMemory
  {
    var random = RandomSource(seed: 9, stream: "noise")
    let other = DrawnGround(seed: 99)
    var (before, after): ([Float], [Float]) = ([], [])
    for band in 0..<bands {
      let ground = DrawnGround(seed: UInt64(band))
      for row in 0..<height {
        for column in 0..<width {
          before.append(Float(ground.value(Double(row), Double(column)) + 0.2 * random.normal()))
          let source = row < height / 3 && column < width / 3 ? other : ground
          after.append(
            Float(3 * source.value(Double(row) - down, Double(column) - right) + 20 + 0.6 * random.normal()))
        }
      }
    }
    let valid = (0..<width * height).map { $0 / width > 8 && !($0 / width > 120 && $0 % width > 170) }
    return PairInMemory(
      before: before, after: after, valid: valid, bands: bands, width: width, height: height)
  }

  @Test(
    "A shift is measured within 0.1 pixels",
    arguments: [(0.0, 0.0), (0.4, -0.4), (0.4, 0), (2.3, 0), (-2.3, 2.3), (-17.25, 6.5)])
  func shifts(down: Double, right: Double) throws {
    let found = try #require(try PhaseCorrelation(of: pair(down, right)))
    #expect(abs(found.down - down) < 0.1 && abs(found.right - right) < 0.1, "\(found)")
  }

  @Test("A scene of several tiles, and one smaller than a tile", arguments: [(600, 530), (160, 140)])
  func sizes(width: Int, height: Int) throws {
    let found = try #require(try PhaseCorrelation(of: pair(0.4, 1.3, width: width, height: height, bands: 1)))
    #expect(abs(found.down - 0.4) < 0.1 && abs(found.right - 1.3) < 0.1, "\(found)")
  }

  @Test("Dates without anything in common have no shift")
  func unrelated() throws {
    var random = RandomSource(seed: 1, stream: "noise")
    let noise = (0..<4).map { _ in (0..<128 * 128).map { _ in Float(random.normal()) } }
    let pair = PairInMemory(
      before: noise[0] + noise[1], after: noise[2] + noise[3], bands: 2, width: 128, height: 128)
    #expect(try PhaseCorrelation(of: pair) == nil)
    let flat = PairInMemory(
      before: Array(repeating: 1, count: 4096), after: Array(repeating: 2, count: 4096), bands: 1, width: 64,
      height: 64)
    #expect(try PhaseCorrelation(of: flat) == nil)
  }
}
