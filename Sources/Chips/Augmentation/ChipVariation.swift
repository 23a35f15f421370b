import Foundation
import Numerics

/// The variation that was drawn for one chip.
struct ChipVariation {
  let geometry: ChipGeometry
  /// The radiometric variation of each date: haze on one day says nothing of another.
  let radiometry: [Radiometry]
  let erasing: Erasing?

  /// Draws the variation of a chip.
  ///
  /// Geometry is one for all dates of the chip.
  ///
  /// Symmetry, gains and offsets come from `random` itself, as many numbers whatever the settings; everything
  /// else branches off where the chip begins.
  package init(_ settings: Augmentation, bands: Int, dates: Int = 1, size: Int, random: inout RandomSource) {
    let start = random
    let symmetry = random.index(below: 8)
    let lines = (0..<dates).map { _ in
      (0..<bands).map { _ in
        BandLine(
          gain: Float(1 + settings.gain * random.normal()), offset: Float(settings.offset * random.normal()))
      }
    }
    geometry = ChipGeometry(
      symmetry: SquareSymmetry(number: settings.flips ? symmetry : 0),
      angle: Self.angle(settings, start), zoom: Self.zoom(settings, start), size: size)
    radiometry = lines.enumerated().map { date, lines in
      let start = date == 0 ? start : start.branch("date \(date + 1)")
      return Radiometry(
        shadow: Self.draw(settings.shadow, start.branch("shadow")) { Shadow(size: size, random: &$0) },
        haze: Self.draw(settings.haze, start.branch("haze")) { Haze(random: &$0) },
        speckle: settings.speckle.map { Speckle(looks: $0, random: start.branch("speckle")) },
        lines: lines,
        dropout: BandDropout(settings.bandDropout, bands: bands, random: start.branch("band dropout")))
    }
    erasing = Self.draw(settings.erasing, start.branch("erasing")) { Erasing(size: size, random: &$0) }
  }

  private static func angle(_ settings: Augmentation, _ start: RandomSource) -> Double {
    guard settings.rotation > 0 else { return 0 }
    var random = start.branch("rotation")
    return random.uniform(-settings.rotation, settings.rotation)
  }

  private static func zoom(_ settings: Augmentation, _ start: RandomSource) -> Double {
    guard settings.scale > 1 else { return 1 }
    var random = start.branch("scale")
    return pow(settings.scale, random.uniform(-1, 1))
  }

  /// Makes what happens with a probability, or nothing.
  private static func draw<Effect>(
    _ probability: Double, _ branch: RandomSource, _ make: (inout RandomSource) -> Effect
  ) -> Effect? {
    var random = branch
    return random.uniform() < probability ? make(&random) : nil
  }
}
