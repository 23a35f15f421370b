import Foundation

/// Takes a picture like Sentinel-1's: VV and VH in hundredths of a decibel, with the speckle of four looks.
struct RadarSensor {
  /// The stored value outside the swath.
  static let noData = Int16.min
  /// Decibels for one stored step.
  static let scale = 0.01
  /// Decibels between the values that occur: finer ones would store speckle, not land.
  static let precision = 0.05

  let seed: UInt64
  /// The edge of the swath: pixels with `x * a + y * b < c` are outside.
  let border: (a: Double, b: Double, c: Double)

  /// Takes a picture, `[2][side, side]`: VV and VH.
  func picture(of truth: GroundTruth) -> [[Int16]] {
    let (side, width) = (truth.side, truth.samples)
    var random = SeededNumbers(seed: seed)
    var bands = [[Int16]](repeating: [Int16](repeating: Self.noData, count: side * side), count: 2)
    for pixel in 0..<side * side {
      let first = pixel / side * 2 * width + pixel % side * 2
      let mean =
        [first, first + 1, first + width, first + width + 1]
        .reduce(SIMD2<Double>()) { $0 + truth.surfaces[$1].backscatter } / 4
      let (x, y) = (Double(pixel % side), Double(pixel / side))
      let isOutside = x * border.a + y * border.b < border.c
      for band in 0..<2 {
        let power = mean[band] * speckle(&random)
        guard !isOutside else { continue }
        let decibels = 10 * log10(power)
        let steps = max(-900, min(400, (decibels / Self.precision).rounded()))
        bands[band][pixel] = Int16(steps * (Self.precision / Self.scale).rounded())
      }
    }
    return bands
  }

  /// Returns the mean of four exponentially distributed looks: gamma distributed with mean 1.
  private func speckle(_ random: inout SeededNumbers) -> Double {
    var sum = 0.0
    for _ in 0..<4 { sum -= log(1 - random.uniform()) }
    return sum / 4
  }
}
