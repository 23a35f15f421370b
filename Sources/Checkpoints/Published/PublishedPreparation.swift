/// A publisher's preparation of the values of one band: kept within limits, less a mean, divided by a
/// deviation.
///
/// Every rule in use is affine after its limits, however many steps it is written in, so that three numbers
/// hold it.
public struct PublishedPreparation: Hashable, Sendable {
  /// The unit of the limits, the mean and the deviation.
  public let unit: PublishedUnit
  /// The limits of values before the mean is subtracted.
  public let clip: ModelCard.Clip?
  /// The mean, which is subtracted from each value.
  public let mean: Double
  /// The deviation, by which the difference is divided.
  public let deviation: Double

  /// Creates a preparation by limits, mean and deviation in a unit.
  public init(_ unit: PublishedUnit, clip: ModelCard.Clip? = nil, mean: Double = 0, deviation: Double = 1) {
    (self.unit, self.clip, self.mean, self.deviation) = (unit, clip, mean, deviation)
  }

  /// Returns the preparation that stretches `low` ... `high` to 0 ... 1 and cuts there, then subtracts `mean`
  /// and divides by `deviation`.
  ///
  /// ((v - low) / (high - low) - m) / s = (v - (low + m (high - low))) / (s (high - low)).
  public static func stretch(
    _ unit: PublishedUnit, from low: Double, to high: Double, mean: Double = 0, deviation: Double = 1
  ) -> PublishedPreparation {
    PublishedPreparation(
      unit, clip: ModelCard.Clip(low, high), mean: low + mean * (high - low),
      deviation: deviation * (high - low))
  }

  /// Returns the preparation that stretches two deviations to each side of the mean to 0 ... 1 and cuts
  /// there.
  public static func stretch(
    _ unit: PublishedUnit, twoDeviations deviation: Double, around mean: Double
  ) -> PublishedPreparation {
    stretch(unit, from: mean - 2 * deviation, to: mean + 2 * deviation)
  }

  /// Returns the same preparation of values in the physical unit.
  public func normalization(of name: String, wavelength: Double?) -> ModelCard.Band {
    ModelCard.Band(
      name: name, wavelength: wavelength, mean: unit.physical(mean),
      deviation: unit.physical(difference: deviation),
      clip: clip.map { ModelCard.Clip(unit.physical($0.low), unit.physical($0.high)) },
      unit: unit.physicalUnit)
  }
}
