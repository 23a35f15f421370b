/// A straight line through a band's normalised values.
struct BandLine {
  package let gain, offset: Float
}

/// The radiometric variation of one chip: shadow, haze and speckle as they come on the way from the ground to
/// the sensor, then gain and offset of the normalised values, then bands that are lost.
struct Radiometry {
  let shadow: Shadow?
  let haze: Haze?
  let speckle: Speckle?
  let lines: [BandLine]
  let dropout: BandDropout

  /// Changes the valid pixels of a chip.
  package func apply(to chip: ChipPixels, _ normalization: Normalization) {
    shadow?.apply(to: chip, normalization)
    haze?.apply(to: chip, normalization)
    speckle?.apply(to: chip, normalization)
    if shadow != nil || haze != nil || speckle != nil { hold(chip, normalization) }
    for (band, line) in lines.enumerated() where !dropout.isDropped[band] {
      let (values, valid) = (chip.plane(band), chip.valid)
      for pixel in values.indices {
        values[pixel] = valid[pixel] ? values[pixel] * line.gain + line.offset : 0
      }
    }
    dropout.apply(to: chip)
  }

  /// Keeps values within the limits that the normalisation has for the sensor's own.
  private func hold(_ chip: ChipPixels, _ normalization: Normalization) {
    for band in 0..<chip.bands {
      guard let (low, high) = normalization.limits(band: band) else { continue }
      let (values, valid) = (chip.plane(band), chip.valid)
      for pixel in values.indices where valid[pixel] { values[pixel] = min(max(values[pixel], low), high) }
    }
  }
}
