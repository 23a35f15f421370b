import Checkpoints
import Scenes

/// Turns physical values into what a network was trained on: (value within limits - mean) / deviation for
/// each band, 0 where invalid.
public struct Normalization: Hashable, Sendable {
  /// A band without limits has infinite ones, which change no value: 0.4 ns more for each that is cut into a
  /// chip, where a branch took 0.2 ns.
  private struct Rule: Hashable {
    let low, high, mean, factor: Float

    package init(_ band: ModelCard.Band) {
      (low, high) = (Float(band.clip?.low ?? -.infinity), Float(band.clip?.high ?? .infinity))
      (mean, factor) = (Float(band.mean), Float(1 / band.deviation))
    }

    var hasLimits: Bool { low > -.infinity || high < .infinity }

    @inline(__always)
    func within(_ value: Float) -> Float { min(max(value, low), high) }
  }

  private let rules: [Rule]
  /// The quantity that each band measures.
  let quantities: [BandQuantity]
  /// The unit of each band, as the card says.
  let units: [String?]
  /// The number of dates of the bands, all of one date before those of the next.
  let dates: Int

  /// Creates the normalisation that a model's card states.
  public init(_ card: ModelCard) {
    rules = card.channels.map(Rule.init)
    quantities = BandQuantity.quantities(of: card.channels)
    units = card.channels.map(\.unit)
    dates = card.comparison == nil ? 1 : 2
  }

  private init(rules: [Rule], quantities: [BandQuantity], units: [String?]) {
    (self.rules, self.quantities, self.units, dates) = (rules, quantities, units, 1)
  }

  /// The normalisation of either date of a pair, which is the same.
  var ofOneDate: Normalization {
    let bands = rules.count / dates
    return Normalization(
      rules: Array(rules.prefix(bands)), quantities: Array(quantities.prefix(bands)),
      units: Array(units.prefix(bands)))
  }

  /// Returns the normalisation that leaves physical values as they are.
  package static func none(bands: Int) -> Normalization {
    let bands = (0..<bands).map {
      ModelCard.Band(name: "\($0)", wavelength: nil, mean: 0, deviation: 1)
    }
    return Normalization(
      rules: bands.map(Rule.init), quantities: BandQuantity.quantities(of: bands), units: bands.map(\.unit))
  }

  /// Normalises a chip of physical values in place.
  package func apply(to chip: ChipPixels) {
    for band in 0..<chip.bands {
      let values = chip.plane(band)
      for pixel in values.indices { values[pixel] = chip.valid[pixel] ? self(values[pixel], band: band) : 0 }
    }
  }

  /// The number of bands.
  public var bandCount: Int { rules.count }

  /// The normalised value of a valid pixel.
  @inline(__always)
  func callAsFunction(_ value: Float, band: Int) -> Float {
    let rule = rules[band]
    return (rule.within(value) - rule.mean) * rule.factor
  }

  /// Returns the size of 1 of the band's unit in normalised units.
  func factor(band: Int) -> Float { rules[band].factor }

  /// Returns the normalised value of a physical 0, whatever the band's limits.
  func zero(band: Int) -> Float { -rules[band].mean * rules[band].factor }

  /// Returns the band's limits in normalised units; nil where it has none.
  func limits(band: Int) -> (low: Float, high: Float)? {
    let rule = rules[band]
    return rule.hasLimits
      ? ((rule.low - rule.mean) * rule.factor, (rule.high - rule.mean) * rule.factor) : nil
  }

  /// Normalises a block in place, `[C, H, W]`; invalid pixels become 0, which is the card's mean of each
  /// band.
  public func apply(to block: inout PixelBlock) {
    precondition(
      block.bandCount == bandCount, "a block of \(block.bandCount) bands for a card of \(bandCount)")
    let count = block.width * block.height
    block.values.withUnsafeMutableBufferPointer { values in
      block.valid.withUnsafeBufferPointer { valid in
        for (band, rule) in rules.enumerated() {
          let (mean, factor) = (rule.mean, rule.factor)
          let line = values.baseAddress! + band * count
          if rule.hasLimits {
            for pixel in 0..<count { line[pixel] = rule.within(line[pixel]) }
          }
          for pixel in 0..<count { line[pixel] = valid[pixel] ? (line[pixel] - mean) * factor : 0 }
        }
      }
    }
  }
}

/// Mean and standard deviation of each band over valid pixels.
///
/// Values are summed as differences from the first one seen: the square of a large mean would otherwise eat
/// the digits of a small deviation (at 9,000 +- 0.01 even in Double).
public struct BandStatistics {
  private var count = 0.0
  private var origins: [Double]
  private var sums: [Double]
  private var squares: [Double]

  /// Creates statistics of no pixel yet.
  public init(bandCount: Int) {
    sums = Array(repeating: 0, count: bandCount)
    (origins, squares) = (sums, sums)
  }

  /// Adds the valid pixels of a block.
  public mutating func add(_ block: PixelBlock) {
    guard let first = block.valid.firstIndex(of: true) else { return }
    let pixels = block.width * block.height
    if count == 0 { for band in sums.indices { origins[band] = Double(block.values[band * pixels + first]) } }
    count += Double(block.validCount)
    for band in sums.indices {
      for pixel in 0..<pixels where block.valid[pixel] {
        let value = Double(block.values[band * pixels + pixel]) - origins[band]
        sums[band] += value
        squares[band] += value * value
      }
    }
  }

  /// Mean and deviation of each band; a deviation of 1 where a band is constant to Float's precision or
  /// nothing was seen.
  public var result: [(mean: Double, deviation: Double)] {
    sums.indices.map { band in
      guard count > 0 else { return (0, 1) }
      let shift = sums[band] / count
      let (mean, variance) = (origins[band] + shift, squares[band] / count - shift * shift)
      return (mean, variance > 1e-12 * mean * mean && variance > 0 ? variance.squareRoot() : 1)
    }
  }
}
