import Foundation

/// The Fourier coefficients of a square plane up to a small frequency, and their way back.
///
/// Only (2b + 1)^2 coefficients are wanted, so they are summed directly, along rows and then along columns:
/// of 128 x 128 pixels and b = 1 that is less work than reading them. Those of negative column frequency are
/// the conjugates of the others and are not kept.
struct LowFrequencies: Sendable {
  /// Pixels of a side.
  package let size: Int
  /// The largest frequency b, in cycles a side.
  let reach: Int
  /// Cosines and sines of 2 pi k x / size, `[b + 1, size]`.
  private let cosines, sines: [Double]

  /// - Precondition: `2 * reach < size`; at half the size a frequency is its own negative.
  package init(size: Int, reach: Int) {
    precondition(2 * reach < size, "a frequency of \(reach) on \(size) pixels")
    (self.size, self.reach) = (size, reach)
    let angles = (0...reach).flatMap { frequency in
      (0..<size).map { 2 * .pi * Double(frequency * $0 % size) / Double(size) }
    }
    (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
  }

  /// A complex number.
  struct Coefficient {
    package var real = 0.0
    package var imaginary = 0.0

    var amplitude: Double { (real * real + imaginary * imaginary).squareRoot() }
  }

  /// The number of coefficients: row frequencies -b ... b, column frequencies 0 ... b.
  package var count: Int { (2 * reach + 1) * (reach + 1) }

  /// Returns the coefficients of a plane `[size, size]`, `[2b + 1, b + 1]`.
  func coefficients(of plane: UnsafeBufferPointer<Float>) -> [Coefficient] {
    var rows = [Coefficient](repeating: Coefficient(), count: size * (reach + 1))
    for row in 0..<size {
      for frequency in 0...reach {
        var sum = Coefficient()
        for column in 0..<size {
          let value = Double(plane[row * size + column])
          sum.real += value * cosines[frequency * size + column]
          sum.imaginary -= value * sines[frequency * size + column]
        }
        rows[row * (reach + 1) + frequency] = sum
      }
    }
    var result = [Coefficient](repeating: Coefficient(), count: count)
    for down in -reach...reach {
      for frequency in 0...reach {
        var sum = Coefficient()
        for row in 0..<size {
          let (cosine, sine) = wave(down, row)
          let part = rows[row * (reach + 1) + frequency]
          sum.real += part.real * cosine + part.imaginary * sine
          sum.imaginary += part.imaginary * cosine - part.real * sine
        }
        result[(down + reach) * (reach + 1) + frequency] = sum
      }
    }
    return result
  }

  /// Adds to a plane what a change of its coefficients, as ``coefficients(of:)`` orders them, does to its
  /// pixels.
  package func add(_ change: [Coefficient], to plane: UnsafeMutableBufferPointer<Float>) {
    let scale = 1 / Double(size * size)
    var line = [Coefficient](repeating: Coefficient(), count: reach + 1)
    for row in 0..<size {
      for frequency in 0...reach {
        var sum = Coefficient()
        for down in -reach...reach {
          let (cosine, sine) = wave(down, row)
          let part = change[(down + reach) * (reach + 1) + frequency]
          sum.real += part.real * cosine - part.imaginary * sine
          sum.imaginary += part.imaginary * cosine + part.real * sine
        }
        line[frequency] = sum
      }
      for column in 0..<size {
        var sum = line[0].real
        // Each of them stands for its conjugate, too.
        for frequency in 0..<reach {
          let place = (frequency + 1) * size + column
          sum +=
            2 * (line[frequency + 1].real * cosines[place] - line[frequency + 1].imaginary * sines[place])
        }
        plane[row * size + column] += Float(sum * scale)
      }
    }
  }

  /// Cosine and sine of 2 pi k x / size, for a k of either sign.
  private func wave(_ frequency: Int, _ place: Int) -> (cosine: Double, sine: Double) {
    let index = abs(frequency) * size + place
    return (cosines[index], frequency < 0 ? -sines[index] : sines[index])
  }
}
