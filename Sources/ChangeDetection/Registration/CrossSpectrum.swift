import Foundation

/// The phases between the spectra of two dates, added up over tiles and bands.
struct CrossSpectrum {
  let side: Int
  /// `[side, side]`: e^(-2 pi i k d / side) for a shift d.
  private(set) var real, imaginary: [Double]
  private(set) var tiles = 0
  /// Spectra that were added.
  private(set) var count = 0
  private let transform: FourierTransform
  /// The weights of Hann's window: with them a tile's borders are no edges.
  private let taper: [Double]

  init(side: Int) {
    self.side = side
    real = Array(repeating: 0, count: side * side)
    imaginary = real
    transform = FourierTransform(size: side)
    taper = (0..<side).map { 0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / Double(side)) }
  }

  /// Adds a tile of which at least half was observed.
  mutating func add(_ block: PairBlock, bands: Int) {
    guard 2 * block.valid.count(where: \.self) >= block.count else { return }
    tiles += 1
    let weights = weights(block)
    let total = weights.reduce(0, +)
    for band in 0..<bands {
      let start = band * block.count
      func centred(_ values: [Float]) -> [Double] {
        var sum = 0.0
        for (index, weight) in weights.enumerated() where weight > 0 {
          sum += weight * Double(values[start + index])
        }
        let mean = sum / total
        return weights.enumerated().map { index, weight in
          weight > 0 ? (Double(values[start + index]) - mean) * weight : 0
        }
      }
      // One transform does for two real images: the spectrum of the one is even, that of i times the other is
      // odd.
      var (first, second) = (centred(block.before), centred(block.after))
      transform.forward(real: &first, imaginary: &second)
      count += 1
      for row in 0..<side {
        for column in 0..<side {
          let place = row * side + column
          let mirror = (side - row) % side * side + (side - column) % side
          let before = (first[place] + first[mirror], second[place] - second[mirror])
          let after = (second[place] + second[mirror], first[mirror] - first[place])
          let product = (
            before.0 * after.0 + before.1 * after.1, before.0 * after.1 - before.1 * after.0
          )
          let length = (product.0 * product.0 + product.1 * product.1).squareRoot()
          guard length > 0 else { continue }
          real[place] += product.0 / length
          imaginary[place] += product.1 / length
        }
      }
    }
  }

  /// Returns the weight of each pixel, which falls towards borders of the tile and of what was observed. A
  /// sharp border lies at the same place at both dates, and would say that nothing is displaced.
  private func weights(_ block: PairBlock) -> [Double] {
    let seen = windowSums(block.valid.map { $0 ? 1 : 0 }, width: side, height: side, radius: Self.ramp)
    return block.valid.indices.map { index in
      guard block.valid[index] else { return 0 }
      // The tile's own border is the taper's affair.
      let rows = min(side - 1, index / side + Self.ramp) - max(0, index / side - Self.ramp) + 1
      let columns = min(side - 1, index % side + Self.ramp) - max(0, index % side - Self.ramp) + 1
      let share = seen[index] / Double(rows * columns)
      return max(0, 2 * share - 1) * taper[index / side] * taper[index % side]
    }
  }

  /// The distance in pixels from a border of what was observed over which weights rise to 1.
  private static let ramp = 8
}
