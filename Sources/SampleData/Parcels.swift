/// Farmland cut into parcels: strips of varying width, each divided at varying lengths, all slightly bent.
struct Parcels {
  /// One place in the patchwork.
  struct Place {
    /// The identity of the parcel, the same for all of its places.
    let identity: UInt64
    /// Pixels to the nearest edge of the parcel.
    let edgeDistance: Double
    /// Pixels across the sowing rows.
    let across: Double
  }

  private let seed: UInt64
  private let direction: (cosine: Double, sine: Double)
  private let bendX: FractalNoise
  private let bendY: FractalNoise
  private let stripWidth: Double
  private let length: Double

  /// Creates a patchwork of parcels.
  ///
  /// - Parameters:
  ///   - direction: along the strips; a unit vector.
  ///   - stripWidth: mean width in pixels.
  ///   - length: mean length in pixels.
  init(seed: UInt64, direction: (Double, Double), stripWidth: Double, length: Double) {
    self.seed = seed
    self.direction = direction
    self.stripWidth = stripWidth
    self.length = length
    bendX = FractalNoise(seed: seed &+ 11, wavelength: 110, octaves: 2)
    bendY = FractalNoise(seed: seed &+ 12, wavelength: 110, octaves: 2)
  }

  /// Returns the parcel at a place in pixels.
  func at(_ x: Double, _ y: Double) -> Place {
    let bentX = x + 14 * bendX.at(x, y)
    let bentY = y + 14 * bendY.at(x, y)
    let along = bentX * direction.cosine + bentY * direction.sine
    let across = bentY * direction.cosine - bentX * direction.sine
    let strip = cell(across, period: stripWidth, line: 0)
    let piece = cell(along, period: length, line: strip.index &+ 1)
    let identity = SeededNumbers.mixed(
      seed ^ UInt64(bitPattern: Int64(strip.index &* 7919 &+ piece.index)))
    // Every other parcel or so is worked the other way.
    let rows = identity & 1 == 0 ? across : along
    return Place(identity: identity, edgeDistance: min(strip.toEdge, piece.toEdge), across: rows)
  }

  /// Returns the cell of a line that is cut at irregular places, about one cut a period.
  private func cell(_ position: Double, period: Double, line: Int) -> (index: Int, toEdge: Double) {
    let cut = { (index: Int) -> Double in
      (Double(index) + 0.8 * SeededNumbers.hashed(index, line, seed: seed &+ 101)) * period
    }
    var index = Int((position / period).rounded(.down))
    if position < cut(index) { index -= 1 }
    return (index, min(position - cut(index), cut(index + 1) - position))
  }
}
