import Foundation
import Tensors

/// How far the later date of a pair is displaced, by the phases of both dates' spectra.
///
/// A shift turns the phases of a spectrum in proportion to frequency and leaves amplitudes, which haze, sun and season change. Phases
/// of tiles all over the scene and of all bands are added up, then the shift is found at which they agree best.
///
/// - Source: Kuglin & Hines 1975; sub-pixel by the Fourier series between the pixels, Guizar-Sicairos, Thurman & Fienup 2008
///   (doi:10.1364/OL.33.000156).
package struct PhaseCorrelation: Sendable {
  /// Pixels that the later date lies further down and further right.
  package let down, right: Double
  /// How well the phases agree at that shift, up to 1.
  package let agreement: Double
  /// How many tiles were compared.
  package let tiles: Int

  /// The length of the shift, in pixels.
  package var distance: Double { (down * down + right * right).squareRoot() }

  /// The largest side of a tile.
  private static let largestSide = 256
  /// A side that tiles are not made smaller than for the sake of their number.
  private static let smallestSide = 64
  /// Tiles across and down at most.
  private static let mostTiles = 8
  /// Frequencies fall off like a normal density of this deviation, in cycles a pixel: resampling spoils the high ones.
  private static let band = 0.15
  /// An agreement below so many standard deviations of that of random phases is none.
  private static let leastSignificance = 6.0

  /// Measures the shift of a pair.
  ///
  /// - Returns: nil where the scene is smaller than 32 pixels, too little of it was observed, or nothing agrees.
  /// - Throws: what reading throws.
  /// - Precision: 0.1 pixels on scenes with structure.
  package init?(of pair: any ImagePair) throws {
    var side = Self.largestSide
    while side > min(pair.width, pair.height) { side /= 2 }
    guard side >= 32 else { return nil }
    let first = try Self.spectrum(of: pair, side: side, step: side, later: (0, 0))
    guard let start = Self.peak(of: first) else { return nil }
    // The second time tiles of the same ground are compared, but for a part of a pixel: what enters and leaves a tile disturbs. They
    // are smaller and many, so that one that changed is among others that did not.
    let whole = (down: Int(start.down.rounded()), right: Int(start.right.rounded()))
    while side > Self.smallestSide && 3 * side > min(pair.width, pair.height) { side /= 2 }
    let second = try Self.spectrum(of: pair, side: side, step: side / 2, later: whole)
    guard let near = Self.peak(of: second) else { return nil }
    // Phases of neighbouring frequencies now hardly differ, so that it shows which frequencies say something.
    let refined = CorrelationSurface(second, band: Self.band, weighsCoherence: true).peak(near: near)
    down = Double(whole.down) + refined.down
    right = Double(whole.right) + refined.right
    agreement = CorrelationSurface(second, band: Self.band).value(refined.down, refined.right)
    tiles = second.tiles
  }

  /// The shift at which phases agree best; nil where they agree as random ones do.
  private static func peak(of spectrum: CrossSpectrum) -> (down: Double, right: Double)? {
    guard spectrum.tiles > 0 else { return nil }
    let surface = CorrelationSurface(spectrum, band: band)
    let peak = surface.peak(near: surface.wholePeak)
    guard surface.value(peak.down, peak.right) >= leastSignificance * surface.randomDeviation else {
      return nil
    }
    return peak
  }

  /// The phases between tiles of the earlier date and tiles of the later one that lie displaced by whole pixels.
  private static func spectrum(
    of pair: any ImagePair, side: Int, step: Int, later: (down: Int, right: Int)
  ) throws -> CrossSpectrum {
    // Tiles lie where both dates have them.
    func starts(_ length: Int, _ shift: Int) -> [Int] {
      let (first, room) = (max(0, -shift), length - abs(shift) - side)
      guard room >= 0 else { return [] }
      let count = min(mostTiles, room / step + 1)
      return (0..<count).map { first + (count > 1 ? $0 * room / (count - 1) : room / 2) }
    }
    var spectrum = CrossSpectrum(side: side)
    let columns = starts(pair.width, later.right)
    for row in starts(pair.height, later.down) {
      let before = try tiles(pair, row: row, columns: columns, side: side) { $0.before }
      let after = try tiles(
        pair, row: row + later.down, columns: columns.map { $0 + later.right }, side: side
      ) { $0.after }
      for (one, other) in zip(before, after) {
        let valid = zip(one.valid, other.valid).map { $0 && $1 }
        spectrum.add(
          PairBlock(before: one.values, after: other.values, valid: valid), bands: pair.bandCount)
      }
    }
    return spectrum
  }

  /// Tiles of one date below a row; it is read in pieces, so that a wide scene is not held.
  private static func tiles(
    _ pair: any ImagePair, row: Int, columns: [Int], side: Int, of date: (PairBlock) -> [Float]
  ) throws -> [(values: [Float], valid: [Bool])] {
    let pixels = side * side
    var tiles = columns.map { _ in
      (
        values: [Float](repeating: 0, count: pair.bandCount * pixels),
        valid: [Bool](repeating: false, count: pixels)
      )
    }
    let piece = max(1, (1 << 20) / pair.width)
    for first in stride(from: row, to: row + side, by: piece) {
      let rows = first..<min(row + side, first + piece)
      let block = try pair.read(rows: rows)
      let values = date(block)
      for (tile, column) in columns.enumerated() {
        for line in rows {
          let (source, target) = ((line - first) * pair.width + column, (line - row) * side)
          for index in 0..<side {
            tiles[tile].valid[target + index] = block.valid[source + index]
            for band in 0..<pair.bandCount {
              tiles[tile].values[band * pixels + target + index] =
                values[band * block.count + source + index]
            }
          }
        }
      }
    }
    return tiles
  }
}

/// The phases between the spectra of two dates, added up over tiles and bands.
private struct CrossSpectrum {
  let side: Int
  /// `[side, side]`: e^(-2 pi i k d / side) for a shift d.
  private(set) var real, imaginary: [Double]
  private(set) var tiles = 0
  /// Spectra that were added.
  private(set) var count = 0
  private let transform: FourierTransform
  /// Hann's window: a tile's borders are no edges.
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
      // One transform does for two real images: the spectrum of the one is even, that of i times the other is odd.
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

  /// How much each pixel counts: less towards borders of the tile and of what was observed. A sharp border lies at the same place
  /// at both dates, and would say that nothing is displaced.
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

  /// Pixels from a border of what was observed on which weights rise to 1.
  private static let ramp = 8
}

/// How well the phases of a cross spectrum agree at any shift.
private struct CorrelationSurface {
  private let side: Int
  private let real, imaginary: [Double]
  /// Frequencies of rows and columns, in cycles a tile, from -side / 2 on.
  private let frequencies: [Double]
  /// The standard deviation of the agreement of random phases.
  let randomDeviation: Double

  /// - Parameter weighsCoherence: whether frequencies count by how well their neighbours, bands and tiles agree with each other.
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

  /// The agreement at a shift.
  func value(_ down: Double, _ right: Double) -> Double { values([down], [right])[0] }

  /// The agreement at all pairs of shifts down and right, row by row.
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

  /// The best shift near another one, to a hundredth of a pixel.
  func peak(near centre: (down: Double, right: Double)) -> (down: Double, right: Double) {
    [0.1, 0.01].reduce(centre) { peak(near: $0, step: $1, reach: 12) }
  }

  /// The best of the shifts up to `reach` steps around another one.
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
