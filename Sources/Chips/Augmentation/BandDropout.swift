import Numerics

/// The bands of a chip that are replaced by 0, their mean; never all.
struct BandDropout {
  /// One flag a band.
  let isDropped: [Bool]

  /// Drops each band with `probability`; where that would leave none, any one is kept.
  package init(_ probability: Double, bands: Int, random: RandomSource) {
    var random = random
    var isDropped = (0..<bands).map { _ in random.uniform() < probability }
    if bands > 0, isDropped.allSatisfy({ $0 }) { isDropped[random.index(below: bands)] = false }
    self.isDropped = isDropped
  }

  /// Clears the dropped bands.
  package func apply(to chip: ChipPixels) {
    for (band, isDropped) in isDropped.enumerated() where isDropped { chip.plane(band).update(repeating: 0) }
  }
}
