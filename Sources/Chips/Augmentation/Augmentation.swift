/// The settings of the variation of chips while a network trains.
///
/// Every kind of variation draws from a stream of its own, so that a setting that is switched on changes what
/// it is for and nothing else: the same seed still turns, brightens and pairs the chips alike.
///
/// What happens to a chip, in this order: it is moved (``ChipSet`` does that), turned and scaled; shadow,
/// haze and speckle change what the sensor would have measured; the band's limits hold again; gain and offset
/// change the normalised values; bands are dropped; a rectangle is erased. Then chips of the batch are mixed,
/// by ``cutmix`` before ``mixup``. Pixels without data are 0 and unlabelled throughout.
public struct Augmentation: Hashable, Sendable {
  /// Whether a chip is moved by up to half the distance to its neighbours, within its region.
  public var shift = true
  /// Mirror and turn by right angles: all eight ways alike.
  public var flips: Bool
  /// The largest angle of a free rotation, in degrees to either side; any angle up to it is as likely as
  /// another.
  public var rotation = 0.0
  /// The largest zoom s >= 1: factors are log-uniform in 1/s ... s.
  public var scale = 1.0
  /// The standard deviation of each band's gain around 1, in normalised units.
  public var gain: Double
  /// The standard deviation of each band's offset around 0, in normalised units.
  public var offset: Double
  /// The probability that a chip lies under haze; see ``Haze`` for its model. Bands of reflected light only.
  public var haze = 0.0
  /// The probability that a cloud's shadow falls on a chip. Bands of reflected light only.
  public var shadow = 0.0
  /// The number of looks L >= 1 of the speckle that radar bands are given: backscatter is multiplied by a
  /// variable of mean 1 and variance 1/L for each pixel and band; nil for none. The bands' units decide how.
  public var speckle: Double?
  /// The probability that a band of a chip becomes 0, which is its mean; one band at least is kept.
  public var bandDropout = 0.0
  /// The probability that a rectangle of a chip, 2 % to 20 % of its area, becomes 0 and unlabelled.
  public var erasing = 0.0
  /// The probability that a chip gets a rectangle of another chip of its batch, labels included.
  public var cutmix = 0.0
  /// The alpha of Beta(alpha, alpha), from which the share of the other chips comes with which a batch is
  /// mixed; 0 for no mixing.
  public var mixup = 0.0

  /// Variations of chips; those not named here are off.
  public init(flips: Bool = true, gain: Double = 0.1, offset: Double = 0.1) {
    (self.flips, self.gain, self.offset) = (flips, gain, offset)
  }

  /// What varies the image of a chip, in the words of the settings; empty where every pass sees the same
  /// images.
  public var variations: [String] {
    let all = [
      ("shift", shift), ("flips", flips), ("rotation", rotation > 0), ("scale", scale > 1),
      ("gain", gain > 0),
      ("offset", offset > 0), ("haze", haze > 0), ("shadow", shadow > 0), ("speckle", speckle != nil),
      ("band-dropout", bandDropout > 0), ("erasing", erasing > 0), ("cutmix", cutmix > 0),
      ("mixup", mixup > 0),
    ]
    return all.filter(\.1).map(\.0)
  }

  /// Chips as they are, though still moved where a pass moves chips.
  public static let none = Augmentation(flips: false, gain: 0, offset: 0)

  /// Lists the settings that can do nothing to bands so normalised, in sentences: with a card that does not
  /// say that a band is in decibels, speckle would silently be none.
  public func problems(for normalization: Normalization) -> [String] {
    let units = Set(normalization.units.compactMap { $0 }).sorted()
    let found =
      units.isEmpty ? "no band's unit is known" : "the bands are in \(units.joined(separator: ", "))"
    var problems: [String] = []
    if speckle != nil, !normalization.quantities.contains(where: \.isBackscatter) {
      problems.append("speckle is for radar bands in dB, intensity or amplitude; \(found)")
    }
    for (name, probability) in [("haze", haze), ("shadow", shadow)]
    where probability > 0 && !normalization.quantities.contains(where: \.isReflectedLight) {
      problems.append("\(name) is for bands of reflected light; \(found)")
    }
    return problems
  }
}
