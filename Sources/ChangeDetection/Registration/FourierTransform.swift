import Foundation

/// The discrete Fourier transform of squares whose side is a power of two, in place (radix 2).
///
/// - Source: Cooley & Tukey 1965 (doi:10.1090/S0025-5718-1965-0178586-1).
struct FourierTransform: Sendable {
  /// Pixels of a side.
  let size: Int
  /// Cosines and sines of -2 pi k / size, `[size / 2]`.
  private let cosines, sines: [Double]

  init(size: Int) {
    precondition(size > 0 && size & (size - 1) == 0, "\(size) is no power of two")
    self.size = size
    let angles = (0..<size / 2).map { -2 * Double.pi * Double($0) / Double(size) }
    (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
  }

  /// Transforms `[size, size]` complex numbers, first along rows and then along columns.
  func forward(real: inout [Double], imaginary: inout [Double]) {
    precondition(real.count == size * size && imaginary.count == size * size, "\(real.count) numbers")
    for row in 0..<size { line(&real, &imaginary, from: row * size, step: 1) }
    for column in 0..<size { line(&real, &imaginary, from: column, step: size) }
  }

  private func line(_ real: inout [Double], _ imaginary: inout [Double], from start: Int, step: Int) {
    // Numbers whose places are each other's bits backwards change places.
    var other = 0
    for place in 1..<max(1, size) {
      var bit = size >> 1
      while other & bit != 0 {
        other ^= bit
        bit >>= 1
      }
      other |= bit
      if place < other {
        real.swapAt(start + place * step, start + other * step)
        imaginary.swapAt(start + place * step, start + other * step)
      }
    }
    var length = 2
    while length <= size {
      for block in stride(from: 0, to: size, by: length) {
        for index in 0..<length / 2 {
          let (cosine, sine) = (cosines[index * size / length], sines[index * size / length])
          let upper = start + (block + index) * step
          let lower = upper + length / 2 * step
          let partReal = real[lower] * cosine - imaginary[lower] * sine
          let partImaginary = real[lower] * sine + imaginary[lower] * cosine
          (real[lower], imaginary[lower]) = (real[upper] - partReal, imaginary[upper] - partImaginary)
          real[upper] += partReal
          imaginary[upper] += partImaginary
        }
      }
      length *= 2
    }
  }
}
