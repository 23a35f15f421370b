import Chips
import Classes
import NumericOracles
import Numerics
import Rasters
import Scenes
import Tensors
import TestRasters
import Testing

/// A region whose pixels say where they are: band 0 is the row, band 1 the column, and so do the labels.
private func placedRegion(
  width: Int, height: Int, isValid: (_ row: Int, _ column: Int) -> Bool = { _, _ in true },
  label: (_ row: Int, _ column: Int) -> UInt8 = placedLabel
) -> LabelledRegion {
  let places = (0..<width * height).map { (row: $0 / width, column: $0 % width) }
  let valid = places.map { isValid($0.row, $0.column) }
  let block = PixelBlock(
    width: width, height: height, bandCount: 2,
    values: places.map { Float($0.row) } + places.map { Float($0.column) }, valid: valid)
  return LabelledRegion(
    window: Window(column: 100, row: 50, width: width, height: height), pixels: block,
    labels: places.map { label($0.row, $0.column) }, ground: Ground(named: "region"))
}

private func placedLabel(_ row: Int, _ column: Int) -> UInt8 { UInt8((row * 3 + column) % 5) }

private let plain = Normalization(card(bands: 2, classes: 5))

@Suite("Chips")
struct ChipSetTests {
  @Test("Labels follow every flip, turn and shift of the pixels", arguments: 0..<20)
  func geometry(seed: UInt64) {
    let chips = ChipSet(
      [placedRegion(width: 53, height: 47)], normalization: plain, size: 16, stride: 12)
    var random = RandomSource(seed: seed, stream: "chips")
    let numbers = (0..<8).map { _ in random.index(below: chips.chips.count) }
    let batch = chips.batch(
      numbers, augmentation: Augmentation(flips: true, gain: 0, offset: 0), random: &random)
    let values = batch.input.values
    var corners: Set<[Int]> = []
    for chip in 0..<8 {
      for pixel in 0..<256 {
        let (row, column) = (Int(values[chip * 512 + pixel]), Int(values[chip * 512 + 256 + pixel]))
        #expect(batch.targets[chip * 256 + pixel] == placedLabel(row, column))
      }
      // The first row of the chip goes up, down, left or right in the region.
      corners.insert([
        Int(values[chip * 512 + 1] - values[chip * 512]),
        Int(values[chip * 512 + 257] - values[chip * 512 + 256]),
      ])
    }
    #expect(corners.isSubset(of: [[0, 1], [0, -1], [1, 0], [-1, 0]]))
  }

  @Test("All eight symmetries of the square are drawn, and without flips only the chip as it is")
  func symmetries() {
    let chips = ChipSet([placedRegion(width: 16, height: 16)], normalization: plain, size: 16, stride: 16)
    func seen(flips: Bool) -> Set<[Float]> {
      var random = RandomSource(seed: 3, stream: "chips")
      return Set(
        (0..<200).map { _ in
          let batch = chips.batch(
            [0], augmentation: Augmentation(flips: flips, gain: 0, offset: 0), random: &random)
          let values = batch.input.values
          return [values[0], values[256], values[15], values[256 + 15]]
        })
    }
    #expect(seen(flips: true).count == 8)
    #expect(seen(flips: false) == [[0, 0, 0, 15]])
  }

  @Test("The same seed gives the same batches, another seed others")
  func seeds() {
    let chips = ChipSet([placedRegion(width: 60, height: 60)], normalization: plain, size: 16, stride: 8)
    func batches(_ seed: UInt64) -> [[Float]] {
      var random = RandomSource(seed: seed, stream: "training")
      return (0..<3).map { _ in
        chips.batch([0, 5, 9], augmentation: Augmentation(), random: &random).input.values
      }
    }
    #expect(batches(1) == batches(1))
    #expect(batches(1) != batches(2))
  }

  @Test("Gain and offset change each band by one line, and leave invalid pixels at 0", arguments: 0..<5)
  func radiometry(seed: UInt64) {
    let region = placedRegion(width: 16, height: 16, isValid: { row, column in (row + column) % 4 != 0 })
    let chips = ChipSet([region], normalization: plain, size: 16, stride: 16)
    var random = RandomSource(seed: seed, stream: "radiometry")
    let batch = chips.batch(
      [0], augmentation: Augmentation(flips: false, gain: 0.2, offset: 0.3), random: &random)
    let (values, pixels) = (batch.input.values, region.pixels.whole)
    for band in 0..<2 {
      let pairs = (0..<256).filter { pixels.valid[$0] }.map {
        (before: Double(pixels.values[band * 256 + $0]), after: Double(values[band * 256 + $0]))
      }
      let (low, high) = (pairs.min { $0.before < $1.before }!, pairs.max { $0.before < $1.before }!)
      let gain = (high.after - low.after) / (high.before - low.before)
      #expect(abs(gain - 1) > 1e-4)
      #expect(pairs.allSatisfy { abs(low.after + gain * ($0.before - low.before) - $0.after) < 1e-4 })
    }
    for place in 0..<256 where !pixels.valid[place] {
      #expect(values[place] == 0 && values[256 + place] == 0 && batch.targets[place] == ClassIndex.none)
    }
  }

  @Test(
    "A chip that reaches beyond its region is mirrored, unlabelled there",
    arguments: [(5, 7), (1, 1), (16, 3)])
  func beyond(width: Int, height: Int) {
    let chips = ChipSet(
      [placedRegion(width: width, height: height)], normalization: plain, size: 16, stride: 16)
    #expect(chips.chips.count == 1)
    let batch = chips.batch([0])
    let values = batch.input.values
    for row in 0..<16 {
      for column in 0..<16 {
        #expect(values[row * 16 + column] == Float(Mirror.place(row, extent: height)))
        #expect(values[256 + row * 16 + column] == Float(Mirror.place(column, extent: width)))
        let isInside = row < height && column < width
        #expect(batch.targets[row * 16 + column] == (isInside ? placedLabel(row, column) : ClassIndex.none))
      }
    }
  }

  @Test(
    "Counting once, every labelled pixel is in exactly one chip, whatever the stride",
    arguments: [(16, 16), (16, 5), (16, 1), (16, 40), (7, 6)])
  func once(size: Int, stride: Int) {
    let (width, height) = (41, 23)
    let region = placedRegion(
      width: width, height: height,
      label: { row, column in
        row < 4 || column % 9 == 0 ? ClassIndex.none : placedLabel(row, column)
      })
    let chips = ChipSet([region, region], normalization: plain, size: size, stride: stride)
    var counts = [Int](repeating: 0, count: 5)
    for number in chips.chips.indices {
      for target in chips.batchCountingOnce([number]).targets where target != ClassIndex.none {
        counts[Int(target)] += 1
      }
    }
    #expect(counts == region.counts(classes: 5).map { 2 * $0 })
    #expect(chips.batchCountingOnce([0]).input.values == chips.batch([0]).input.values)
  }

  @Test("Chips are taken where labels are, or where at least half of the pixels is valid")
  func selection() {
    let corner = placedRegion(
      width: 64, height: 64,
      label: { row, column in
        row == 63 && column == 63 ? 1 : ClassIndex.none
      })
    #expect(ChipSet([corner], normalization: plain, size: 16, stride: 16).chips.count == 1)
    #expect(ChipSet([corner], normalization: plain, size: 16, stride: 16, unlabelled: true).chips.count == 16)
    let half = placedRegion(width: 64, height: 64, isValid: { row, _ in row % 16 >= 8 }, label: { _, _ in 1 })
    #expect(ChipSet([half], normalization: plain, size: 16, stride: 16, unlabelled: true).chips.count == 16)
    let less = placedRegion(width: 64, height: 64, isValid: { row, _ in row % 16 >= 9 }, label: { _, _ in 1 })
    #expect(ChipSet([less], normalization: plain, size: 16, stride: 16, unlabelled: true).chips.isEmpty)
    let dead = placedRegion(width: 1, height: 1, isValid: { _, _ in false })
    #expect(ChipSet([dead], normalization: plain, size: 16, stride: 16, unlabelled: true).chips.isEmpty)
  }
}
