import Chips
import Classes
import Numerics
import Rasters
import Tensors
import Testing

@Suite("Chips mixed within a batch")
struct BatchMixingTests {
  private static let size = 20
  private static let plane = 400

  /// One chip of one region each, of value and label `number` + 1; what `isValid` says of a pixel of a chip.
  private func batch(
    _ count: Int, seed: UInt64, isValid: @escaping (_ chip: Int, _ pixel: Int) -> Bool = { _, _ in true },
    isLabelled: @escaping (_ chip: Int, _ pixel: Int) -> Bool = { _, _ in true },
    _ change: (inout Augmentation) -> Void
  ) -> ChipBatch {
    let regions = (0..<count).map { chip in
      paintedRegion(
        Self.size, Self.size, bands: 2, isValid: { isValid(chip, $0 * Self.size + $1) },
        label: { isLabelled(chip, $0 * Self.size + $1) ? UInt8(chip + 1) : ClassIndex.none }
      ) { band, _, _ in Float((chip + 1) * (band == 0 ? 1 : -10)) }
    }
    let chips = ChipSet(
      regions, normalization: normalization([.plain(), .plain()]), size: Self.size, stride: Self.size)
    var random = RandomSource(seed: seed, stream: "mixing")
    return chips.batch(Array(0..<count), augmentation: .only(change), random: &random)
  }

  @Test("CutMix pastes one square of one other chip, values and labels together; its area is uniform")
  func cutMix() {
    var areas: [Double] = []
    for seed in 0..<200 as Range<UInt64> {
      let batch = batch(4, seed: seed) { $0.cutmix = 1 }
      let values = batch.input.values
      #expect(batch.mixture == nil)
      for chip in 0..<4 {
        let own = UInt8(chip + 1)
        let targets = Array(batch.targets[chip * Self.plane..<(chip + 1) * Self.plane])
        for (pixel, label) in targets.enumerated() {
          #expect(values[chip * 2 * Self.plane + pixel] == Float(label))
          #expect(values[(chip * 2 + 1) * Self.plane + pixel] == -10 * Float(label))
        }
        let pasted = targets.indices.filter { targets[$0] != own }
        let (rows, columns) = (Set(pasted.map { $0 / Self.size }), Set(pasted.map { $0 % Self.size }))
        #expect(pasted.count == rows.count * columns.count && rows.count == columns.count)
        #expect(Set(targets).subtracting([own]).count <= 1)
        areas.append(Double(pasted.count) / Double(Self.plane))
      }
    }
    let (mean, variance) = moments(areas)
    // Five standard errors of 800 uniform shares are 0.05; rounding sides to pixels adds little.
    #expect(abs(mean - 0.5) < 0.06)
    #expect(abs(variance - 1.0 / 12) < 0.01)
  }

  @Test("CutMix happens to a chip with its probability, and brings validity along")
  func cutMixValidity() {
    var pasted = 0
    for seed in 0..<200 as Range<UInt64> {
      // The first chip has no data at all.
      let batch = batch(
        3, seed: seed, isValid: { chip, pixel in chip > 0 || pixel == 0 }, isLabelled: { _, _ in true }
      ) { $0.cutmix = 0.3 }
      let values = batch.input.values
      for pixel in 0..<3 * Self.plane {
        let (chip, place) = (pixel / Self.plane, pixel % Self.plane)
        let value = values[chip * 2 * Self.plane + place]
        #expect(batch.targets[pixel] == (value == 0 ? ClassIndex.none : UInt8(value)))
      }
      for chip in 1..<3 {
        let targets = batch.targets[chip * Self.plane..<(chip + 1) * Self.plane]
        if targets.contains(where: { $0 != UInt8(chip + 1) }) { pasted += 1 }
      }
    }
    // A square of no pixel looks like none.
    #expect(abs(Double(pasted) - 0.3 * 400) < 50)
  }

  @Test(
    "Mixup adds a share of another chip and hands out its labels; the share is Beta(alpha, alpha)",
    arguments: [0.2, 1, 4])
  func mixup(alpha: Double) throws {
    var shares: [Double] = []
    for seed in 0..<400 as Range<UInt64> {
      let batch = batch(3, seed: seed) { $0.mixup = alpha }
      let (values, mixture) = (batch.input.values, try #require(batch.mixture))
      #expect((0...1).contains(mixture.share) && mixture.targets.count == 3 * Self.plane)
      var partners: Set<UInt8> = []
      for chip in 0..<3 {
        let range = chip * Self.plane..<(chip + 1) * Self.plane
        #expect(batch.targets[range].allSatisfy { $0 == UInt8(chip + 1) })
        let partner = mixture.targets[range.lowerBound]
        #expect(mixture.targets[range].allSatisfy { $0 == partner } && partner != UInt8(chip + 1))
        partners.insert(partner)
        let value = (1 - mixture.share) * Double(chip + 1) + mixture.share * Double(partner)
        #expect(
          values[chip * 2 * Self.plane..<(chip * 2 + 1) * Self.plane].allSatisfy {
            abs(Double($0) - value) < 1e-5
          })
        #expect(abs(Double(values[(chip * 2 + 1) * Self.plane]) + 10 * value) < 1e-4)
      }
      #expect(partners.count == 3)
      shares.append(mixture.share)
    }
    let (mean, variance) = moments(shares)
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(abs(mean - 0.5) < 5 * (expected / 400).squareRoot())
    #expect(abs(variance / expected - 1) < 0.3)
  }

  @Test(
    "A pixel with data in one chip only is that chip's alone; one without a label keeps its share",
    arguments: 0..<5)
  func mixupValidity(seed: UInt64) throws {
    // Two chips, each the other's partner: pixels with data in both, one, the other and none; and some
    // without labels.
    let batch = batch(
      2, seed: seed, isValid: { chip, pixel in pixel % 4 != chip && pixel % 4 != 2 },
      isLabelled: { chip, pixel in chip == 1 || pixel % 8 != 3 }
    ) { $0.mixup = 1 }
    let (values, mixture) = (batch.input.values, try #require(batch.mixture))
    let share = Float(mixture.share)
    for chip in 0..<2 {
      for pixel in 0..<Self.plane {
        let (own, other) = (UInt8(chip + 1), UInt8(2 - chip))
        let value = values[chip * 2 * Self.plane + pixel]
        let (label, otherLabel) = (
          batch.targets[chip * Self.plane + pixel], mixture.targets[chip * Self.plane + pixel]
        )
        switch pixel % 4 {
        case 2: #expect(value == 0 && label == ClassIndex.none && otherLabel == ClassIndex.none)
        case 0, 1:
          let alone: UInt8 = pixel % 4 == 0 ? 2 : 1
          #expect(value == Float(alone) && label == alone && otherLabel == alone)
        default:
          #expect(abs(value - ((1 - share) * Float(own) + share * Float(other))) < 1e-6)
          #expect(label == (own == 1 && pixel % 8 == 3 ? ClassIndex.none : own))
          #expect(otherLabel == (other == 1 && pixel % 8 == 3 ? ClassIndex.none : other))
        }
      }
    }
  }

  @Test("An erased rectangle counts as without data: the other chip shows there")
  func erasedMixup() throws {
    let batch = batch(2, seed: 1) {
      $0.mixup = 1
      $0.erasing = 1
    }
    let (values, mixture) = (batch.input.values, try #require(batch.mixture))
    for chip in 0..<2 {
      let (own, other) = (UInt8(chip + 1), UInt8(2 - chip))
      let isAlone = (0..<Self.plane).filter { batch.targets[chip * Self.plane + $0] == other }
      #expect(!isAlone.isEmpty)
      for pixel in isAlone {
        #expect(values[chip * 2 * Self.plane + pixel] == Float(other))
        #expect(mixture.targets[chip * Self.plane + pixel] == other)
      }
      #expect(batch.targets[chip * Self.plane..<(chip + 1) * Self.plane].contains(own))
    }
  }

  @Test("Nothing is mixed in a batch of one chip, nor where mixing is off")
  func alone() {
    let alone = batch(1, seed: 1) {
      $0.mixup = 1
      $0.cutmix = 1
    }
    #expect(alone.mixture == nil && alone.targets.allSatisfy { $0 == 1 })
    let plain = batch(3, seed: 1) { _ in }
    #expect(plain.mixture == nil && plain.targets == [1, 2, 3].flatMap { Array(repeating: $0, count: 400) })
  }
}
