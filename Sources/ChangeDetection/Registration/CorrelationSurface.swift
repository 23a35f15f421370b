import Foundation

/// The agreement of the phases of a cross spectrum at any shift.
struct CorrelationSurface {
  private let side: Int
  private let real, imaginary: [Double]
  /// Frequencies of rows and columns, in cycles a tile, from -side / 2 on.
  private let frequencies: [Double]
  /// The standard deviation of the agreement of random phases.
  let randomDeviation: Double

  /// - Parameter weighsCoherence: whether frequencies count by how well their neighbours, bands and tiles
  ///   agree with each other.
  init(_ spectrum: CrossSpectrum, band: Double, weighsCoherence: Bool = false) {
    side = spectrum.side
    let size = Double(spectrum.side)
    let frequencies = (0..<spectrum.side).map { Double($0 < spectrum.side / 2 ? $0 : $0 - spectrum.side) }
    let falls = frequencies.map { exp(-0.5 * ($0 / size / band) * ($0 / size / band)) }
    var (total, squares) = (0.0, 0.0)
    var (real, imaginary) = (spectrum.real, spectrum.imaginary)
    for row in 0..<spectrum.side {
      for column in 0..<spectrum.side {
        let weight = falls[row] * falls[column]
        total += weight
        squares += weight * weight
        real[row * spectrum.side + column] *= weight
        imaginary[row * spectrum.side + column] *= weight
      }
    }
    if weighsCoherence {
      let count = Double(spectrum.count)
      func means(_ values: [Double]) -> [Double] {
        windowSums(values, width: spectrum.side, height: spectrum.side, radius: 2).map { $0 / (25 * count) }
      }
      for (place, mean) in zip(means(spectrum.real), means(spectrum.imaginary)).enumerated() {
        // Random phases of 25 neighbours leave a little.
        let coherence = max(0, mean.0 * mean.0 + mean.1 * mean.1 - 0.04)
        real[place] *= coherence
        imaginary[place] *= coherence
      }
    }
    let scale = 1 / (total * Double(spectrum.count))
    (self.real, self.imaginary) = (real.map { $0 * scale }, imaginary.map { $0 * scale })
    self.frequencies = frequencies
    // Half of the phases repeat the other half; bands are taken to say the same.
    randomDeviation = squares.squareRoot() / total / Double(spectrum.tiles).squareRoot()
  }

  /// Returns the agreement at a shift.
  func value(_ down: Double, _ right: Double) -> Double { values([down], [right])[0] }

  /// Returns the agreement at all pairs of shifts down and right, row by row.
  private func values(_ downs: [Double], _ rights: [Double]) -> [Double] {
    let turns = rights.map { right in
      frequencies.map { 2 * Double.pi * $0 * right / Double(side) }.map { (cos($0), sin($0)) }
    }
    // Along columns first: [side, rights].
    var (partReal, partImaginary): ([Double], [Double]) = ([], [])
    for row in 0..<side {
      for turn in turns {
        var (sumReal, sumImaginary) = (0.0, 0.0)
        for column in 0..<side {
          let place = row * side + column
          sumReal += real[place] * turn[column].0 - imaginary[place] * turn[column].1
          sumImaginary += real[place] * turn[column].1 + imaginary[place] * turn[column].0
        }
        partReal.append(sumReal)
        partImaginary.append(sumImaginary)
      }
    }
    return downs.flatMap { down in
      let turns = frequencies.map { 2 * Double.pi * $0 * down / Double(side) }.map { (cos($0), sin($0)) }
      return rights.indices.map { index in
        (0..<side).reduce(0) {
          $0 + partReal[$1 * rights.count + index] * turns[$1].0
            - partImaginary[$1 * rights.count + index] * turns[$1].1
        }
      }
    }
  }

  /// The whole shift at which phases agree best, up to a quarter of the side either way.
  var wholePeak: (down: Double, right: Double) {
    // The inverse transform is the conjugate of the forward one of the conjugate.
    var (first, second) = (real, imaginary.map { -$0 })
    FourierTransform(size: side).forward(real: &first, imaginary: &second)
    var (best, down, right) = (-Double.infinity, 0, 0)
    for row in -side / 4...side / 4 {
      for column in -side / 4...side / 4 {
        let value = first[(row + side) % side * side + (column + side) % side]
        if value > best { (best, down, right) = (value, row, column) }
      }
    }
    return (Double(down), Double(right))
  }

  /// Returns the best shift near another one, to a hundredth of a pixel.
  func peak(near centre: (down: Double, right: Double)) -> (down: Double, right: Double) {
    [0.1, 0.01].reduce(centre) { peak(near: $0, step: $1, reach: 12) }
  }

  /// Returns the best of the shifts up to `reach` steps around another one.
  private func peak(near centre: (down: Double, right: Double), step: Double, reach: Int) -> (
    down: Double, right: Double
  ) {
    let downs = (-reach...reach).map { centre.down + Double($0) * step }
    let rights = (-reach...reach).map { centre.right + Double($0) * step }
    let values = values(downs, rights)
    let best = values.indices.max { values[$0] < values[$1] } ?? 0
    return (downs[best / rights.count], rights[best % rights.count])
  }
}
