import Chips
import Settings

extension Augmentation {
  /// Reads the settings of how chips are varied; those that the file leaves out are those of `defaults`.
  init(_ settings: SettingsReader, defaults: Augmentation) {
    self = defaults
    flips = settings.bool("flips", default: flips, "mirror and turn by right angles")
    gain = settings.double("gain", default: gain, in: 0...2, "spread of each band's gain around 1")
    offset = settings.double(
      "offset", default: offset, in: 0...2,
      "spread of each band's offset, in standard deviations of the band")
    shift =
      settings.optionalBool(
        "shift", "whether each chip is moved by up to half the stride in every pass; it is without it")
      ?? shift
    rotation = settings.double(
      "rotation", default: rotation, in: 0...180,
      "the largest angle of a free rotation, in degrees to either side")
    scale = settings.double(
      "scale", default: scale, in: 1...4, "the largest zoom s; chips are scaled by 1/s to s")
    haze = settings.double(
      "haze", default: haze, in: 0...1, "the probability of haze, stronger in bands of short wavelength")
    shadow = settings.double("shadow", default: shadow, in: 0...1, "the probability of a cloud's shadow")
    speckle = settings.optionalDouble(
      "speckle", in: 1...1000,
      "the number of looks of the speckle that radar bands are given; none without it"
    )
    bandDropout = settings.double(
      "band-dropout", default: bandDropout, in: 0...1,
      "the probability that a band of a chip becomes its mean")
    erasing = settings.double(
      "erasing", default: erasing, in: 0...1, "the probability that a rectangle of a chip is erased")
    mixup = settings.double(
      "mixup", default: mixup, in: 0...10,
      "the alpha of Beta(alpha, alpha), the share in which chips of a batch are mixed; 0 for none")
    cutmix = settings.double(
      "cutmix", default: cutmix, in: 0...1,
      "the probability that a chip gets a rectangle of another chip of its batch")
  }
}
