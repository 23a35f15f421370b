import Foundation
import Numerics

/// A thin veil of haze over a chip: sunlight that the air scatters into the sensor is added to what the
/// ground reflects.
///
/// The added reflectance is a smooth field times wavelength^-a, with one exponent for the chip between 0.5
/// and 2: those of Chavez for very hazy to clear air. Molecules alone would make it 4; the droplets and dust
/// of haze are larger than the wavelength and scatter more evenly. What the veil takes away from the ground's
/// own light is left out; gain is for that.
///
/// How thick it is, is said in deviations of the band of the shortest wavelength, 0.5 to 2 where the field
/// is 1. The other bands get their physical share of it, each in its own deviation. Where no band has a
/// wavelength all get the same, in deviations. Radar and thermal bands are left alone.
///
/// - Source: Chavez 1988, doi:10.1016/0034-4257(88)90019-3: relative scattering wavelength^-4 to
///   wavelength^-0.5.
struct Haze {
  private let thickness, exponent: Double
  private let field: SmoothField

  /// Haze of its own.
  package init(random: inout RandomSource) {
    thickness = random.uniform(0.5, 2)
    exponent = random.uniform(0.5, 2)
    field = SmoothField(random: &random)
  }

  /// Adds the veil to valid pixels.
  package func apply(to chip: ChipPixels, _ normalization: Normalization) {
    let field = field.values(size: chip.size)
    for (band, weight) in weights(normalization).enumerated() where weight > 0 {
      let (values, valid, strength) = (chip.plane(band), chip.valid, Float(thickness * weight))
      for pixel in values.indices where valid[pixel] { values[pixel] += strength * field[pixel] }
    }
  }

  /// Returns each band's share of the veil, in the band's own deviations.
  private func weights(_ normalization: Normalization) -> [Double] {
    var reference: (wavelength: Double, factor: Float)?
    for (band, quantity) in normalization.quantities.enumerated() {
      if case .reflectedLight(let wavelength?) = quantity, wavelength < reference?.wavelength ?? .infinity {
        reference = (wavelength, normalization.factor(band: band))
      }
    }
    return normalization.quantities.enumerated().map { band, quantity in
      guard case .reflectedLight(let wavelength) = quantity else { return 0 }
      guard let wavelength, let reference else { return 1 }
      return Double(normalization.factor(band: band) / reference.factor)
        * pow(wavelength / reference.wavelength, -exponent)
    }
  }
}
