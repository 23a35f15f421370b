import Checkpoints
import Chips
import Classes
import NumericOracles
import Numerics
import Rasters
import Scenes
import Tensors
import Testing

private typealias Setting = (name: String, change: @Sendable (inout Augmentation) -> Void)

@Suite("The random numbers of augmentation")
struct AugmentationStreamTests {
  private static let bands: [ModelCard.Band] = [
    .init(name: "blue", wavelength: 490, mean: 0.1, deviation: 0.7, unit: "reflectance"),
    .init(
      name: "nir", wavelength: 842, mean: -0.2, deviation: 0.3, clip: .init(-1.5, 0.9), unit: "reflectance"),
    .init(name: "VV", wavelength: nil, mean: 0.05, deviation: 0.4, unit: "dB"),
  ]
  private static let settings: [Setting] = [
    ("flips", { $0.flips = true }), ("gain", { $0.gain = 0.2 }), ("offset", { $0.offset = 0.2 }),
    ("rotation", { $0.rotation = 30 }), ("scale", { $0.scale = 1.4 }), ("haze", { $0.haze = 0.7 }),
    ("shadow", { $0.shadow = 0.7 }), ("speckle", { $0.speckle = 4 }), ("dropout", { $0.bandDropout = 0.3 }),
    ("erasing", { $0.erasing = 0.7 }), ("cutmix", { $0.cutmix = 0.7 }), ("mixup", { $0.mixup = 1 }),
  ]

  private let region: LabelledRegion
  /// Without limits, at which two settings together do what neither does alone.
  private let chips: ChipSet

  init() {
    let noise = HashedValues("stream")
    region = paintedRegion(
      70, 60, bands: 3, isValid: { row, column in (row / 9 + column / 11) % 5 != 0 },
      label: { row, column in row % 6 == 0 ? ClassIndex.none : UInt8(column / 8 % 4) }
    ) { band, row, column in Float(noise.uniform((band * 60 + row) * 70 + column)) }
    let unlimited = Self.bands.map { band in
      var band = band
      band.clip = nil
      return band
    }
    chips = ChipSet([region], normalization: normalization(unlimited), size: 24, stride: 16)
  }

  /// Three batches one after the other, and where the source stands then.
  private func batches(_ augmentation: Augmentation, seed: UInt64 = 3) -> (batches: [ChipBatch], end: UInt64)
  {
    var random = RandomSource(seed: seed, stream: "training")
    let batches = (0..<3).map { _ in chips.batch([0, 3, 5, 8], augmentation: augmentation, random: &random) }
    return (batches, random.next())
  }

  private static var everything: Augmentation {
    .only { for setting in settings { setting.change(&$0) } }
  }

  private func bits(_ batches: [ChipBatch]) -> [[UInt32]] {
    batches.map { $0.input.values.map(\.bitPattern) + $0.targets.map(UInt32.init) }
      + batches.map { $0.mixture?.targets.map(UInt32.init) ?? [] }
  }

  @Test("The same seed gives the same batches bit for bit with everything on, another seed others")
  func seeds() {
    let first = batches(Self.everything).batches
    #expect(bits(batches(Self.everything).batches) == bits(first))
    #expect(batches(Self.everything).batches.map(\.mixture) == first.map(\.mixture))
    #expect(bits(batches(Self.everything, seed: 4).batches) != bits(first))
    #expect(first.allSatisfy { $0.input.values.allSatisfy(\.isFinite) })
  }

  @Test("Every setting changes the batches, and none moves the source further than the others")
  func ends() {
    let plain = batches(.none)
    for (name, change) in Self.settings {
      let varied = batches(.only(change))
      #expect(varied.end == plain.end, "\(name)")
      #expect(bits(varied.batches) != bits(plain.batches), "\(name)")
    }
    #expect(batches(Self.everything).end == plain.end)
  }

  @Test("Where a setting does nothing, switching it on changes nothing that another does")
  func pairs() {
    // Those that change pixels where they lie.
    let names = ["gain", "offset", "haze", "shadow", "speckle", "dropout", "erasing"]
    let settings = Self.settings.filter { names.contains($0.name) }
    let plain = bits(batches(.none).batches)
    let alone = settings.map { bits(batches(.only($0.change)).batches) }
    for (first, setting) in settings.enumerated() {
      for (second, other) in settings.enumerated() where first != second {
        let both = bits(
          batches(
            .only {
              setting.change(&$0)
              other.change(&$0)
            }
          ).batches)
        var untouched = 0
        for batch in plain.indices {
          for place in plain[batch].indices where alone[second][batch][place] == plain[batch][place] {
            if both[batch][place] != alone[first][batch][place] {
              Issue.record("\(other.name) changes what \(setting.name) does in batch \(batch) at \(place)")
              return
            }
            untouched += alone[first][batch][place] == plain[batch][place] ? 0 : 1
          }
        }
        // Gain and offset leave no place untouched but those without data; all others leave some to each
        // other.
        if !["gain", "offset"].contains(other.name) {
          #expect(untouched > 0, "\(setting.name), \(other.name)")
        }
      }
    }
  }

  @Test("Chips are paired, pasted and shared alike whatever else is on")
  func mixture() {
    let alone = batches(
      .only {
        $0.mixup = 1
        $0.cutmix = 0.7
      }
    ).batches
    let more = batches(
      .only {
        $0.mixup = 1
        $0.cutmix = 0.7
        $0.haze = 1
        $0.speckle = 2
        $0.bandDropout = 0.5
        $0.gain = 0.3
      }
    ).batches
    #expect(alone.map(\.mixture) == more.map(\.mixture) && alone.map(\.targets) == more.map(\.targets))
    let unpasted = batches(.only { $0.mixup = 1 }).batches
    #expect(alone.map(\.targets) != unpasted.map(\.targets))
    #expect(alone.map(\.mixture?.share) == unpasted.map(\.mixture?.share))
  }

  @Test(
    "Pixels without data stay 0 and unlabelled under everything that leaves pixels where they are",
    arguments: 0..<4)
  func noData(seed: UInt64) {
    let empty = batches(.none, seed: seed).batches.map { batch in
      // Where all bands are exactly 0 there are no data: values are noise otherwise.
      (0..<4 * 576).map { pixel in
        (0..<3).allSatisfy { batch.input.values[(pixel / 576 * 3 + $0) * 576 + pixel % 576] == 0 }
      }
    }
    let varied = batches(
      .only { augmentation in
        for setting in Self.settings
        where !["flips", "rotation", "scale", "cutmix", "mixup"].contains(setting.name) {
          setting.change(&augmentation)
        }
      }, seed: seed
    ).batches
    #expect(empty.allSatisfy { $0.contains(true) && $0.contains(false) })
    for (batch, empty) in zip(varied, empty) {
      let values = batch.input.values
      for pixel in empty.indices where empty[pixel] {
        #expect((0..<3).allSatisfy { values[(pixel / 576 * 3 + $0) * 576 + pixel % 576] == 0 })
        #expect(batch.targets[pixel] == ClassIndex.none)
      }
    }
  }

  @Test("With the first release's settings batches are the first release's, bit for bit", arguments: 0..<4)
  func firstRelease(seed: UInt64) {
    let augmentation = Augmentation(flips: true, gain: 0.1, offset: 0.1)
    let chips = ChipSet([region], normalization: normalization(Self.bands), size: 24, stride: 16)
    var (random, reference) = (
      RandomSource(seed: seed, stream: "training"), RandomSource(seed: seed, stream: "training")
    )
    for _ in 0..<3 {
      let batch = chips.batch([1, 4, 7], augmentation: augmentation, random: &random)
      let wanted = firstReleaseBatch([1, 4, 7], &reference)
      #expect(batch.input.values.map(\.bitPattern) == wanted.values.map(\.bitPattern))
      #expect(batch.targets == wanted.targets && batch.mixture == nil)
    }
    #expect(random.next() == reference.next())
  }

  /// What the first release drew and computed: a shift by rows and columns for each chip, then for each chip
  /// one of eight symmetries and two normal numbers a band.
  private func firstReleaseBatch(_ numbers: [Int], _ random: inout RandomSource) -> (
    values: [Float], targets: [UInt8]
  ) {
    let (size, stride, width, height) = (24, 16, 70, 60)
    let starts = [
      WindowPlan(extent: width, size: size, overlap: size - stride).starts,
      WindowPlan(extent: height, size: size, overlap: size - stride).starts,
    ]
    let corners = numbers.map { number in
      let (x, y) = (starts[0][number % starts[0].count], starts[1][number / starts[0].count])
      let column = max(0, min(width - size, x + random.index(below: stride) - stride / 2))
      return (column: column, row: max(0, min(height - size, y + random.index(below: stride) - stride / 2)))
    }
    var (values, targets): ([Float], [UInt8]) = ([], [])
    let variations = corners.map { _ in
      let symmetry = random.index(below: 8)
      return (
        symmetry,
        (0..<3).map { _ in
          let gain = Float(1 + 0.1 * random.normal())
          return (gain, Float(0.1 * random.normal()))
        }
      )
    }
    let pixels = region.pixels.whole
    for (corner, (symmetry, lines)) in zip(corners, variations) {
      let places = (0..<size * size).map { pixel in
        var (row, column) = (pixel / size, pixel % size)
        if symmetry & 4 != 0 { swap(&row, &column) }
        if symmetry & 1 != 0 { row = size - 1 - row }
        if symmetry & 2 != 0 { column = size - 1 - column }
        return (corner.row + row) * width + corner.column + column
      }
      for (index, band) in Self.bands.enumerated() {
        for place in places {
          let raw = pixels.values[index * width * height + place]
          let held = min(
            max(raw, Float(band.clip?.low ?? -.infinity)), Float(band.clip?.high ?? .infinity))
          let value = (held - Float(band.mean)) * Float(1 / band.deviation)
          values.append(pixels.valid[place] ? value * lines[index].0 + lines[index].1 : 0)
        }
      }
      targets += places.map { region.labels[$0] }
    }
    return (values, targets)
  }
}
