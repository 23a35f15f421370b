import Foundation

/// The displacement of the later date of a pair, by the phases of both dates' spectra.
///
/// A shift turns the phases of a spectrum in proportion to frequency and leaves amplitudes, which haze, sun
/// and season change. Phases of tiles all over the scene and of all bands are added up, then the shift is
/// found at which they agree best.
///
/// - Source: Kuglin & Hines 1975; sub-pixel by the Fourier series between the pixels, Guizar-Sicairos,
///   Thurman & Fienup 2008 (doi:10.1364/OL.33.000156).
package struct PhaseCorrelation: Sendable {
  /// Pixels that the later date lies further down and further right.
  package let down, right: Double
  /// The agreement of the phases at that shift, up to 1.
  package let agreement: Double
  /// The number of tiles that were compared.
  package let tiles: Int

  /// The length of the shift, in pixels.
  package var distance: Double { (down * down + right * right).squareRoot() }

  /// The largest side of a tile.
  private static let largestSide = 256
  /// A side that tiles are not made smaller than for the sake of their number.
  private static let smallestSide = 64
  /// Tiles across and down at most.
  private static let mostTiles = 8
  /// Frequencies fall off like a normal density of this deviation, in cycles a pixel: resampling spoils the
  /// high ones.
  private static let band = 0.15
  /// An agreement below so many standard deviations of that of random phases is none.
  private static let leastSignificance = 6.0

  /// Measures the shift of a pair.
  ///
  /// - Returns: nil where the scene is smaller than 32 pixels, too little of it was observed, or nothing
  ///   agrees.
  /// - Throws: what reading throws.
  /// - Precision: 0.1 pixels on scenes with structure.
  package init?(of pair: any ImagePair) throws {
    var side = Self.largestSide
    while side > min(pair.width, pair.height) { side /= 2 }
    guard side >= 32 else { return nil }
    let first = try Self.spectrum(of: pair, side: side, step: side, later: (0, 0))
    guard let start = Self.peak(of: first) else { return nil }
    // The second time tiles of the same ground are compared, but for a part of a pixel: what enters and
    // leaves a tile disturbs. They are smaller and many, so that one that changed is among others that did
    // not.
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

  /// Returns the shift at which phases agree best; nil where they agree as random ones do.
  private static func peak(of spectrum: CrossSpectrum) -> (down: Double, right: Double)? {
    guard spectrum.tiles > 0 else { return nil }
    let surface = CorrelationSurface(spectrum, band: band)
    let peak = surface.peak(near: surface.wholePeak)
    guard surface.value(peak.down, peak.right) >= leastSignificance * surface.randomDeviation else {
      return nil
    }
    return peak
  }

  /// Returns the phases between tiles of the earlier date and tiles of the later one that lie displaced by
  /// whole pixels.
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

  /// Returns the tiles of one date below a row; it is read in pieces, so that a wide scene is not held.
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
