/// The time of a picture: the season that decides what grows, and how far it is.
struct Season {
  let year: Int
  /// 0 in mid-June, 1 in early September, below 0 before.
  let progress: Double
  /// The dryness of the summer: 0 an average one.
  let drought: Double

  /// Returns vegetation as it looks in the season: less near infrared, more red and shortwave infrared as it
  /// ages and dries.
  func aged(_ plants: Surface, by sensitivity: Double) -> Surface {
    let age = sensitivity * (progress + 0.5 * drought)
    var surface = plants
    surface.reflectance *= SIMD8(
      1 + 0.18 * age, 1 + 0.12 * age, 1 + 0.40 * age, 1 - 0.20 * age, 1 + 0.16 * age, 1 + 0.28 * age, 1, 1)
    // Dry plants scatter less, above all across polarisations.
    surface.backscatter *= SIMD2(1 - 0.10 * age, 1 - 0.25 * age)
    return surface
  }

  /// Returns a parcel's plants and soil. Rotation gives every parcel another crop each year.
  func field(_ identity: UInt64) -> (surface: Surface, rowContrast: Double) {
    let draw = { (number: UInt64) in
      let mixed = SeededNumbers.mixed(identity &+ number &* 0x9E37_79B9)
      return Double(mixed >> 11) * 0x1p-53
    }
    let rotation = UInt64(year)
    let isMeadow = draw(1) < 0.22
    let crop = draw(2 &+ rotation)
    let state = draw(3 &+ rotation)
    let soil = Surface.darkSoil.mixed(with: .lightSoil, share: draw(4)).brightened(by: 0.85 + 0.3 * draw(5))
    if isMeadow {
      let mown = draw(6 &+ rotation) < 0.3
      let sward = aged(.pasture, by: 0.8).mixed(with: .stubble, share: mown ? 0.65 : 0.92)
      return (sward.brightened(by: 0.9 + 0.2 * state), 0.02)
    }
    return progress < 0.5 ? june(crop: crop, state: state, soil: soil) : september(crop, state, soil)
  }

  /// Returns a field in June: cereals ripen, maize and beets close their rows, some land lies fallow.
  private func june(crop: Double, state: Double, soil: Surface) -> (Surface, Double) {
    switch crop {
    case ..<0.42: (Surface.ripeCereal.mixed(with: .cropCanopy, share: 0.25 + 0.7 * state), 0.04)
    case ..<0.68: (Surface.cropCanopy.mixed(with: soil, share: 0.35 + 0.4 * state), 0.14)
    case ..<0.80: (Surface.cropCanopy.mixed(with: .ripeCereal, share: 0.75 + 0.25 * state), 0.06)
    // Hops, vines and orchards are nearly woods.
    case ..<0.90: (Surface.broadleaf.mixed(with: .cropCanopy, share: 0.4 + 0.4 * state), 0.10)
    default: (soil, 0.08)
    }
  }

  /// Returns a field in September: cereals are stubble or ploughed, maize stands and yellows, catch crops are
  /// green.
  private func september(_ crop: Double, _ state: Double, _ soil: Surface) -> (Surface, Double) {
    switch crop {
    case ..<0.36: (Surface.stubble.mixed(with: soil, share: 0.4 + 0.5 * state), 0.08)
    case ..<0.56: (soil.brightened(by: 0.95), 0.10)
    case ..<0.64:
      (aged(.broadleaf, by: 0.8).mixed(with: aged(.cropCanopy, by: 0.9), share: 0.4 + 0.4 * state), 0.10)
    case ..<0.82: (aged(.cropCanopy, by: 0.9).mixed(with: .ripeCereal, share: 0.4 + 0.5 * state), 0.08)
    default: (aged(.cropCanopy, by: 0.2).mixed(with: soil, share: 0.3 + 0.6 * state), 0.10)
    }
  }
}
