import Checkpoints
import Chips
import Foundation
import Numerics
import Rasters
import Scenes
import Tensors
import Testing

/// One case of `Golden/fourier.json`.
private struct GoldenSwap: Decodable, CustomTestStringConvertible {
  let size, reach: Int
  let values: [Double]

  var testDescription: String { "\(size) pixels, frequencies up to \(reach)" }

  private struct File: Decodable { let cases: [GoldenSwap] }

  static let all: [GoldenSwap] = {
    let url = Bundle.module.url(forResource: "fourier", withExtension: "json", subdirectory: "Golden")
    return try! JSONDecoder().decode(File.self, from: Data(contentsOf: url!)).cases
  }()

  /// The share of the size that the largest frequency is.
  var beta: Double { (Double(reach) + 0.5) / Double(size) }
}

@Suite("Low frequencies of another domain")
struct FourierStyleTests {
  /// The chip of the script that wrote the golden values.
  private func value(
    _ first: Double, _ second: Double, _ third: Int, _ band: Int, _ row: Int, _ column: Int
  ) -> Double {
    let waves =
      0.05 * sin(first * Double(row) + 0.3 * Double(band))
      + 0.04 * cos(second * Double(column) * Double(1 + band))
    return 0.2 + 0.1 * Double(band) + waves + 0.01 * Double((row * 7 + column * third) % 5)
  }

  private func chips(_ region: LabelledRegion, _ size: Int, mean: Double = 0, deviation: Double = 1)
    -> ChipSet
  {
    let bands = (0..<region.pixels.bandCount).map { _ in
      ModelCard.Band(name: "band", wavelength: nil, mean: mean, deviation: deviation)
    }
    return ChipSet(
      [region], normalization: normalization(bands), size: size, stride: size, unlabelled: true)
  }

  /// The first chip of `own` with the low frequencies of one of `other`.
  private func swapped(_ own: ChipSet, _ other: ChipSet, beta: Double) -> [Float] {
    var own = own
    own.style = FourierStyle(of: other, beta: beta)
    var random = RandomSource(seed: 3, stream: "fourier")
    return own.batch([0], augmentation: .none, random: &random).input.withValues { Array($0) }
  }

  @Test(
    "amplitudes are swapped as numpy's FFT swaps them, whatever the normalisation", arguments: GoldenSwap.all)
  private func golden(expected: GoldenSwap) {
    let size = expected.size
    let own = paintedRegion(size, size, bands: 2) { Float(value(0.9, 0.4, 3, $0, $1, $2)) }
    let other = paintedRegion(size, size, bands: 2) { Float(1.7 * value(0.35, 1.1, 2, $0, $1, $2) - 0.1) }
    for (mean, deviation) in [(0.0, 1.0), (0.3, 0.05)] {
      let result = swapped(
        chips(own, size, mean: mean, deviation: deviation), chips(other, size, mean: 0.1, deviation: 2),
        beta: expected.beta)
      let largest = zip(result, expected.values).map { abs(Double($0) * deviation + mean - $1) }.max()
      #expect(largest! < 1e-6)
    }
  }

  @Test("a chip onto itself is the chip, data in every pixel or not", arguments: [0.0, 0.05, 0.1, 0.3])
  func identity(beta: Double) {
    for border in [0, 9] {
      let region = paintedRegion(32, 32, bands: 2, isValid: { $1 >= border }) {
        Float(value(0.9, 0.4, 3, $0, $1, $2))
      }
      let plain = chips(region, 32).batch([0]).input.withValues { Array($0) }
      let result = swapped(chips(region, 32), chips(region, 32), beta: beta)
      #expect(zip(plain, result).allSatisfy { abs($0 - $1) <= 1e-5 })
    }
  }

  @Test("a flat chip beside no data becomes another flat value, without a ring at the border")
  func noRinging() {
    let own = paintedRegion(32, 32, isValid: { row, column in column >= 12 && row > 3 }) { _, _, _ in 0.4 }
    let other = paintedRegion(32, 32, isValid: { _, column in column < 20 }) { _, _, _ in 0.1 }
    let result = swapped(chips(own, 32), chips(other, 32), beta: 0.2)
    for (place, value) in result.enumerated() {
      let isValid = place % 32 >= 12 && place / 32 > 3
      #expect(abs(value - (isValid ? 0.1 : 0)) < 1e-6)
    }
  }

  @Test("without a style a batch draws the numbers that it drew before")
  func untouchedStream() {
    let region = paintedRegion(64, 64) { Float($1 * 64 + $2 + $0) }
    var (first, second) = (RandomSource(seed: 1, stream: "a"), RandomSource(seed: 1, stream: "a"))
    let set = chips(region, 32)
    var styled = set
    styled.style = FourierStyle(of: set, beta: 0)
    _ = set.batch([0, 1], augmentation: .none, random: &first)
    _ = styled.batch([0, 1], augmentation: .none, random: &second)
    let isApart = first.next() != second.next()
    #expect(isApart)
  }
}
