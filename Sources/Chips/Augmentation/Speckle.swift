import Foundation
import Numerics

/// The speckle of coherent radar: the power of each pixel and band is multiplied by a gamma variable of mean
/// 1 and variance 1 / L, where L is the number of looks.
///
/// The band's unit decides how: power is multiplied; amplitude is multiplied by the variable's square root;
/// to decibels ten times its logarithm is added. Values are normalised, so a product is taken about the
/// normalised value of a physical 0 and a sum in the band's deviations. Bands that no radar measures are left
/// alone.
///
/// - Source: Goodman 1976, doi:10.1364/JOSA.66.001145.
struct Speckle {
  private let distribution: GammaDistribution
  private let random: RandomSource

  /// Speckle of L looks, whose numbers come from a stream that nothing else draws from.
  package init(looks: Double, random: RandomSource) {
    distribution = GammaDistribution(shape: looks)
    self.random = random
  }

  /// Changes valid pixels.
  package func apply(to chip: ChipPixels, _ normalization: Normalization) {
    var random = random
    let scale = 1 / distribution.shape
    let decibels: Float = 10 / log(10)
    for (band, quantity) in normalization.quantities.enumerated() where quantity.isBackscatter {
      let (values, valid) = (chip.plane(band), chip.valid)
      let (zero, factor) = (normalization.zero(band: band), normalization.factor(band: band))
      for pixel in values.indices where valid[pixel] {
        let power = Float(distribution.draw(&random) * scale)
        switch quantity {
        case .backscatterIntensity: values[pixel] = zero + (values[pixel] - zero) * power
        case .backscatterAmplitude: values[pixel] = zero + (values[pixel] - zero) * power.squareRoot()
        // The smallest normal number stands in for a power that underflowed.
        case .backscatterDecibels:
          values[pixel] += decibels * log(max(power, .leastNormalMagnitude)) * factor
        case .reflectedLight, .other: break
        }
      }
    }
  }
}
