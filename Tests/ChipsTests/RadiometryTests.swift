import Checkpoints
import Chips
import Classes
import Foundation
import Numerics
import Rasters
import Scenes
import Tensors
import Testing

/// A batch of one chip that does not move.
private func varied(
  _ region: LabelledRegion, _ bands: [ModelCard.Band], seed: UInt64, _ change: (inout Augmentation) -> Void
) -> [Float] {
  let size = region.window.width
  let chips = ChipSet([region], normalization: normalization(bands), size: size, stride: size)
  var random = RandomSource(seed: seed, stream: "radiometry")
  return chips.batch([0], augmentation: .only(change), random: &random).input.values
}

@Suite("Haze and shadow")
struct HazeAndShadowTests {
  private let wavelengths = [490.0, 560, 665, 842, 1610]

  /// What haze adds, `[band][pixel]`.
  private func veil(_ bands: [ModelCard.Band], seed: UInt64) -> [[Double]] {
    let region = paintedRegion(40, 40, bands: bands.count) { band, _, _ in Float(band) * 0.25 }
    let plane = 1600
    let (clear, hazy) = (
      varied(region, bands, seed: seed) { _ in },
      varied(region, bands, seed: seed) { $0.haze = 1 }
    )
    return bands.indices.map { band in
      (0..<plane).map { Double(hazy[band * plane + $0]) - Double(clear[band * plane + $0]) }
    }
  }

  @Test("Haze brightens, by one power of the wavelength in all bands, between -0.5 and -2", arguments: 0..<12)
  func wavelength(seed: UInt64) {
    let veil = veil(wavelengths.map { .plain(wavelength: $0, unit: "reflectance") }, seed: seed)
    #expect(veil.allSatisfy { $0.allSatisfy { $0 >= 0 } })
    let sums = veil.map { $0.reduce(0, +) }
    #expect(zip(sums, sums.dropFirst()).allSatisfy { $0 > $1 })
    let exponents = (1..<5).map { log(sums[0] / sums[$0]) / log(wavelengths[$0] / wavelengths[0]) }
    #expect(exponents.allSatisfy { abs($0 - exponents[0]) < 1e-3 && $0 > 0.499 && $0 < 2.001 })
    // Every band shows the same veil, and it is smooth.
    let (top, scale) = (veil[0].max()!, sums[3] / sums[0])
    #expect(top > 0.1 && top <= 2)
    for pixel in 0..<1600 {
      #expect(abs(veil[3][pixel] - scale * veil[0][pixel]) < 1e-5)
      if pixel % 40 > 0 { #expect(abs(veil[0][pixel] - veil[0][pixel - 1]) < 0.15 * top) }
      if pixel >= 40 { #expect(abs(veil[0][pixel] - veil[0][pixel - 40]) < 0.15 * top) }
    }
    #expect(veil[0].min()! < 0.8 * top)
  }

  @Test("A band's share is physical: twice the deviation gets half the deviations")
  func deviations() {
    var bands = [500.0, 500, 800].map { ModelCard.Band.plain(wavelength: $0) }
    bands[1].deviation = 2
    let veil = veil(bands, seed: 1).map { $0.reduce(0, +) }
    #expect(abs(veil[1] / veil[0] - 0.5) < 1e-4)
  }

  @Test(
    "Without wavelengths all bands get the same; radar, heat and bands beside others with wavelengths none")
  func others() {
    let alike = veil([.plain(), .plain(), .plain(unit: "as stored")], seed: 2)
    #expect(alike[0].max()! > 0.1)
    #expect((0..<1600).allSatisfy { abs(alike[0][$0] - alike[2][$0]) < 1e-5 })
    let mixed = veil(
      [
        .plain(wavelength: 600), .plain(unit: "dB"), .plain(wavelength: 10_900), .plain(),
        .plain(unit: "Kelvin"),
      ], seed: 2)
    #expect(mixed.map { $0.contains { $0 != 0 } } == [true, false, false, false, false])
  }

  @Test(
    "A shadow multiplies physical values, alike in all sunlit bands, and is whole only within",
    arguments: 0..<12)
  func shadow(seed: UInt64) {
    var bands = [490.0, 842].map { ModelCard.Band.plain(wavelength: $0, unit: "reflectance") }
    bands.append(.plain(unit: "dB"))
    for (band, (mean, deviation)) in [(0.05, 0.02), (0.3, 0.1), (-12, 4.0)].enumerated() {
      (bands[band].mean, bands[band].deviation) = (mean, deviation)
    }
    let region = paintedRegion(40, 40, bands: 3) { band, row, column in
      band == 2 ? -9 : 0.04 + 0.002 * Float(row + column) * Float(band + 1)
    }
    let values = varied(region, bands, seed: seed) { $0.shadow = 1 }
    let physical = region.pixels.whole.values
    func share(_ band: Int, _ pixel: Int) -> Double {
      let value = Double(values[band * 1600 + pixel]) * bands[band].deviation + bands[band].mean
      return value / Double(physical[band * 1600 + pixel])
    }
    let shares: [Double] = (0..<1600).map { share(0, $0) }
    for pixel in 0..<1600 {
      #expect(abs(shares[pixel] - share(1, pixel)) < 1e-4)
      // An edge takes several pixels.
      if pixel % 40 > 0 { #expect(abs(shares[pixel] - shares[pixel - 1]) < 0.35) }
    }
    #expect(shares.allSatisfy { $0 > 0.2999 && $0 < 1.0001 })
    // Somewhere the sun shines, somewhere it does not.
    #expect(shares.max()! > 0.9999 && shares.min()! < 0.95)
    #expect(values[3200...].allSatisfy { $0 == 0.75 })
  }

  @Test("Both happen with their probabilities")
  func probabilities() {
    let region = paintedRegion(8, 8) { _, _, _ in 1 }
    for change in [{ $0.haze = 0.3 }, { $0.shadow = 0.3 }] as [(inout Augmentation) -> Void] {
      let count = (0..<1000 as Range<UInt64>).filter { seed in
        varied(region, [.plain(wavelength: 500)], seed: seed, change).contains { $0 != 1 }
      }.count
      // A shadow may fall beside all pixels, seldom.
      #expect(abs(Double(count) - 300) < 75)
    }
  }

  @Test("A band's limits hold after haze and shadow as they do before")
  func limits() {
    var band = ModelCard.Band.plain(wavelength: 500)
    (band.mean, band.deviation, band.clip) = (0.5, 0.25, .init(0.4, 0.6))
    let region = paintedRegion(40, 40) { _, row, _ in Float(row) / 40 }
    let values = (0..<10 as Range<UInt64>).flatMap { seed in
      varied(region, [band], seed: seed) {
        $0.haze = 1
        $0.shadow = 1
      }
    }
    #expect(values.allSatisfy { abs($0) < 0.4001 })
    #expect(values.max()! > 0.3999 && values.min()! < -0.3999)
  }
}

@Suite("Speckle")
struct SpeckleTests {
  private static let decibels = ModelCard.Band(
    name: "VV", wavelength: nil, mean: -11, deviation: 4, unit: "dB")
  private static let intensity = ModelCard.Band(
    name: "VV", wavelength: nil, mean: 0.1, deviation: 0.05, unit: "intensity")
  private static let amplitude = ModelCard.Band(
    name: "VV", wavelength: nil, mean: 300, deviation: 120, unit: "Amplitude")

  /// The power of each pixel of a field of 10,000 that is even otherwise, over what it was.
  private func powers(_ band: ModelCard.Band, level: Float, looks: Double, bands: Int = 1) -> [Double] {
    let region = paintedRegion(100, 100, bands: bands) { _, _, _ in level }
    return varied(region, Array(repeating: band, count: bands), seed: 8) { $0.speckle = looks }.map {
      let value = Double($0) * band.deviation + band.mean
      return switch band.unit {
      case "dB": pow(10, (value - Double(level)) / 10)
      case "Amplitude": value / Double(level) * (value / Double(level))
      default: value / Double(level)
      }
    }
  }

  @Test(
    "The power has mean 1 and variance 1 / L in decibels, as intensity and as amplitude",
    arguments: [1, 4.4, 20])
  func statistics(looks: Double) {
    for (band, level) in [(Self.decibels, -9 as Float), (Self.intensity, 0.2), (Self.amplitude, 250)] {
      let powers = powers(band, level: level, looks: looks)
      let (mean, variance) = moments(powers)
      // Five standard errors; the fourth central moment of a gamma variable over its squared variance is 3 +
      // 6 / L.
      #expect(abs(mean - 1) < 5 * (1 / looks / 1e4).squareRoot())
      #expect(abs(variance * looks - 1) < 5 * ((2 + 6 / looks) / 1e4).squareRoot())
      #expect(powers.allSatisfy { $0 > -1e-3 })
    }
  }

  @Test("Neighbours and bands have speckle of their own")
  func independence() {
    let powers = powers(Self.decibels, level: -9, looks: 4, bands: 2).map { $0 - 1 }
    for step in [1, 100, 10_000] {
      let count = step < 10_000 ? 10_000 - step : 10_000
      let products: [Double] = (0..<count).map { powers[$0] * powers[$0 + step] * 4 }
      #expect(abs(moments(products).mean) < 5 / 100)
    }
  }

  @Test("Bands that no radar measures have none, and settings that can do nothing are named")
  func units() {
    let bands: [ModelCard.Band] = [.plain(unit: "reflectance"), .plain(), .plain(unit: "kelvin")]
    let region = paintedRegion(20, 20, bands: 3) { _, _, _ in 2 }
    #expect(varied(region, bands, seed: 1) { $0.speckle = 1 }.allSatisfy { $0 == 2 })
    let speckle = Augmentation.only { $0.speckle = 4 }
    #expect(
      speckle.problems(for: normalization(bands)) == [
        "speckle is for radar bands in dB, intensity or amplitude; the bands are in kelvin, reflectance"
      ])
    #expect(
      speckle.problems(for: normalization([.plain()])) == [
        "speckle is for radar bands in dB, intensity or amplitude; no band's unit is known"
      ])
    #expect(speckle.problems(for: normalization([.plain(), Self.decibels])).isEmpty)
    let light = Augmentation.only {
      $0.haze = 0.5
      $0.shadow = 0.5
    }
    #expect(
      light.problems(for: normalization([Self.decibels])) == [
        "haze is for bands of reflected light; the bands are in dB",
        "shadow is for bands of reflected light; the bands are in dB",
      ])
    #expect(light.problems(for: normalization([.plain()])).isEmpty)
    #expect(Augmentation().problems(for: normalization([Self.decibels])).isEmpty)
  }
}

@Suite("Dropped bands and erased rectangles")
struct ErasingTests {
  @Test("Bands are dropped with their probability, whole, and never all", arguments: [0.1, 0.5, 1])
  func dropout(probability: Double) {
    let region = paintedRegion(4, 4, bands: 3) { band, _, _ in Float(band + 1) }
    var counts: [[Bool]: Int] = [:]
    for seed in 0..<2000 as Range<UInt64> {
      let values = varied(region, Array(repeating: .plain(), count: 3), seed: seed) {
        $0.bandDropout = probability
      }
      let dropped = (0..<3).map { band in
        let isDropped = values[band * 16] == 0
        #expect(values[band * 16..<band * 16 + 16].allSatisfy { $0 == (isDropped ? 0 : Float(band + 1)) })
        return isDropped
      }
      counts[dropped, default: 0] += 1
    }
    #expect(counts[[true, true, true]] == nil)
    for one in 0..<8 where one != 7 {
      let dropped = (0..<3).map { one >> $0 & 1 == 1 }
      let count = dropped.filter { $0 }.count
      // Of what would leave no band each gets back one of three.
      let expected =
        pow(probability, Double(count)) * pow(1 - probability, Double(3 - count))
        + (count == 2 ? pow(probability, 3) / 3 : 0)
      let found = Double(counts[dropped] ?? 0) / 2000
      #expect(abs(found - expected) <= 5 * (expected * (1 - expected) / 2000).squareRoot())
    }
  }

  @Test("A rectangle of 2 % to 20 % is 0 and unlabelled, of sides between 0.3 and 1 / 0.3 to each other")
  func erasing() {
    let region = paintedRegion(64, 64, bands: 2) { _, _, _ in 1 }
    let chips = ChipSet([region], normalization: normalization([.plain(), .plain()]), size: 64, stride: 64)
    var areas: [Double] = []
    for seed in 0..<300 as Range<UInt64> {
      var random = RandomSource(seed: seed, stream: "erasing")
      let batch = chips.batch([0], augmentation: .only { $0.erasing = 1 }, random: &random)
      let erased = batch.targets.indices.filter { batch.targets[$0] == ClassIndex.none }
      let values = batch.input.values
      #expect((0..<4096).allSatisfy { (values[$0] == 0) == (batch.targets[$0] == ClassIndex.none) })
      #expect((0..<4096).allSatisfy { values[$0] == values[$0 + 4096] })
      let (rows, columns) = (Set(erased.map { $0 / 64 }), Set(erased.map { $0 % 64 }))
      #expect(erased.count == rows.count * columns.count)
      #expect(
        rows.count == rows.max()! - rows.min()! + 1 && columns.count == columns.max()! - columns.min()! + 1)
      let ratio = Double(rows.count) / Double(columns.count)
      #expect(ratio > 0.25 && ratio < 4)
      areas.append(Double(erased.count) / 4096)
    }
    #expect(areas.min()! > 0.015 && areas.min()! < 0.04 && areas.max()! < 0.21 && areas.max()! > 0.18)
    #expect(abs(moments(areas).mean - 0.11) < 0.015)
  }
}
