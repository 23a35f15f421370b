import Rasters
import Tensors

/// How chips are varied while a network trains.
public struct Augmentation: Hashable, Sendable {
  /// Mirror and turn by right angles: all eight ways alike.
  public var flips: Bool
  /// The standard deviation of each band's gain around 1, in normalised units.
  public var gain: Double
  /// The standard deviation of each band's offset around 0, in normalised units.
  public var offset: Double

  /// Variations of chips.
  public init(flips: Bool = true, gain: Double = 0.1, offset: Double = 0.1) {
    (self.flips, self.gain, self.offset) = (flips, gain, offset)
  }

  /// Chips as they are.
  public static let none = Augmentation(flips: false, gain: 0, offset: 0)

  /// Draws one variation.
  func draw(bands: Int, random: inout RandomSource) -> Variation {
    // As many numbers are drawn whatever the settings, so that a setting does not shift the rest of the stream.
    let turn = random.index(below: 8)
    let radiometry = (0..<bands).map { _ in
      (gain: Float(1 + gain * random.normal()), offset: Float(offset * random.normal()))
    }
    return Variation(symmetry: flips ? turn : 0, radiometry: radiometry)
  }

  /// One drawn variation: one of the eight symmetries of the square, a gain and an offset for each band.
  struct Variation {
    let symmetry: Int
    let radiometry: [(gain: Float, offset: Float)]

    /// Where pixel (row, column) of the varied chip comes from.
    func source(row: Int, column: Int, size: Int) -> (row: Int, column: Int) {
      var (row, column) = symmetry & 4 == 0 ? (row, column) : (column, row)
      if symmetry & 1 != 0 { row = size - 1 - row }
      if symmetry & 2 != 0 { column = size - 1 - column }
      return (row, column)
    }
  }
}
