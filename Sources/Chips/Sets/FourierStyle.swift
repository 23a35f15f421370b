import Numerics

/// Fourier domain adaptation: chips get the low-frequency amplitudes of chips of another domain and keep
/// their own phases, and with them what is where.
///
/// The window of frequencies is centred, -b ... b in both directions with b = floor(beta * size), so that
/// with b = 0 means are swapped and nothing else. Values are physical, before normalisation; where a chip
/// holds no data the mean of its band stands in, so that the border of the data adds no wave of its own.
///
/// - Source: Yang & Soatto 2020, arXiv:2004.05498.
public struct FourierStyle: Sendable {
  private let frequencies: LowFrequencies
  /// The amplitudes of each chip of the other domain, for each band.
  private let amplitudes: [[[Double]]]

  /// Creates the style of the chips of another domain.
  ///
  /// - Parameter beta: the largest frequency that is swapped, as a share of the chips' size; below 0.5.
  public init(of chips: ChipSet, beta: Double) {
    let frequencies = LowFrequencies(size: chips.size, reach: Int(beta * Double(chips.size)))
    self.frequencies = frequencies
    amplitudes = chips.chips.indices.map { number in
      var (values, valid) = chips.physicalValues(of: number)
      let plane = chips.size * chips.size
      return values.withUnsafeMutableBufferPointer { values in
        valid.withUnsafeMutableBufferPointer { valid in
          (0..<values.count / plane).map { band in
            let line = UnsafeMutableBufferPointer(rebasing: values[band * plane..<(band + 1) * plane])
            let filled = Self.filled(line, UnsafeBufferPointer(valid))
            return filled.withUnsafeBufferPointer(frequencies.coefficients).map(\.amplitude)
          }
        }
      }
    }
  }

  /// One chip's amplitudes, drawn for another.
  struct Swap {
    fileprivate let frequencies: LowFrequencies
    fileprivate let amplitudes: [[Double]]

    /// Changes the valid pixels of a chip of physical values.
    package func apply(to chip: ChipPixels) {
      for band in 0..<chip.bands {
        let plane = chip.plane(band)
        var filled = FourierStyle.filled(plane, UnsafeBufferPointer(chip.valid))
        let own = filled.withUnsafeBufferPointer(frequencies.coefficients)
        let change = zip(own, amplitudes[band]).map { own, wanted in
          let amplitude = own.amplitude
          // What has no phase gets one of 0.
          guard amplitude > 0 else { return LowFrequencies.Coefficient(real: wanted) }
          let factor = wanted / amplitude - 1
          return LowFrequencies.Coefficient(real: own.real * factor, imaginary: own.imaginary * factor)
        }
        filled.withUnsafeMutableBufferPointer { frequencies.add(change, to: $0) }
        for pixel in plane.indices where chip.valid[pixel] { plane[pixel] = filled[pixel] }
      }
    }
  }

  /// Draws a chip of the other domain.
  func swap(random: inout RandomSource) -> Swap {
    Swap(frequencies: frequencies, amplitudes: amplitudes[random.index(below: amplitudes.count)])
  }

  /// Returns a plane with its mean where it holds no data; all 0 where it holds none.
  fileprivate static func filled(
    _ plane: UnsafeMutableBufferPointer<Float>, _ valid: UnsafeBufferPointer<Bool>
  ) -> [Float] {
    var (sum, count) = (0.0, 0.0)
    for pixel in plane.indices where valid[pixel] {
      sum += Double(plane[pixel])
      count += 1
    }
    let mean = count > 0 ? Float(sum / count) : 0
    return plane.indices.map { valid[$0] ? plane[$0] : mean }
  }
}
