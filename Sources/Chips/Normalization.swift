import Checkpoints
import Rasters

/// Turns physical values into what a network was trained on: (value - mean) / deviation for each band, 0 where invalid.
public struct Normalization: Hashable, Sendable {
  private let means: [Float]
  private let factors: [Float]

  /// The normalisation that a model's card states.
  public init(_ card: ModelCard) {
    means = card.bands.map { Float($0.mean) }
    factors = card.bands.map { Float(1 / $0.deviation) }
  }

  /// How many bands it takes.
  public var bandCount: Int { means.count }

  /// The normalised value of a valid pixel.
  @inline(__always)
  func callAsFunction(_ value: Float, band: Int) -> Float { (value - means[band]) * factors[band] }

  /// Normalises a block in place, `[C, H, W]`; invalid pixels become 0, each band's mean.
  public func apply(to block: inout PixelBlock) {
    precondition(
      block.bandCount == bandCount, "a block of \(block.bandCount) bands for a card of \(bandCount)")
    let count = block.width * block.height
    block.values.withUnsafeMutableBufferPointer { values in
      block.valid.withUnsafeBufferPointer { valid in
        for band in 0..<bandCount {
          let (mean, factor) = (means[band], factors[band])
          let line = values.baseAddress! + band * count
          for pixel in 0..<count { line[pixel] = valid[pixel] ? (line[pixel] - mean) * factor : 0 }
        }
      }
    }
  }
}

/// Mean and standard deviation of each band over valid pixels.
public struct BandStatistics {
  private var count = 0.0
  private var sums: [Double]
  private var squares: [Double]

  /// Nothing seen yet.
  public init(bandCount: Int) {
    sums = Array(repeating: 0, count: bandCount)
    squares = sums
  }

  /// Adds the valid pixels of a block.
  public mutating func add(_ block: PixelBlock) {
    let pixels = block.width * block.height
    count += Double(block.validCount)
    for band in sums.indices {
      for pixel in 0..<pixels where block.valid[pixel] {
        let value = Double(block.values[band * pixels + pixel])
        sums[band] += value
        squares[band] += value * value
      }
    }
  }

  /// Mean and deviation of each band; a deviation of 1 where a band is constant or nothing was seen.
  public var result: [(mean: Double, deviation: Double)] {
    zip(sums, squares).map { sum, square in
      guard count > 0 else { return (0, 1) }
      let mean = sum / count
      let variance = square / count - mean * mean
      return (mean, variance > 1e-12 * max(1, mean * mean) ? variance.squareRoot() : 1)
    }
  }
}
