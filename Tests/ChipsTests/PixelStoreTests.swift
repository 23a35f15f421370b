import Checkpoints
import Chips
import Classes
import Foundation
import NumericOracles
import Numerics
import Rasters
import Scenes
import Tensors
import TestRasters
import Testing

/// A region in memory, and the same one in blocks of a store.
private struct TwinRegions {
  let inMemory, stored: LabelledRegion
  let store: PixelStore

  init(_ region: LabelledRegion, memory: Int, in directory: Scratch) throws {
    inMemory = region
    store = PixelStore(memory: memory, spillingTo: URL(fileURLWithPath: directory.path))
    stored = LabelledRegion(
      window: region.window, pixels: try RegionPixels(region.pixels.whole, in: store), labels: region.labels,
      ground: region.ground)
  }
}

/// A region of six blocks, of which some are ragged, with holes and scattered labels.
private func patchwork(_ seed: Int, width: Int = 530, height: Int = 300) -> LabelledRegion {
  let noise = HashedValues("patchwork \(seed)")
  return paintedRegion(
    width, height, bands: 3, isValid: { row, column in noise.uniform(row / 9 * 640 + column / 9) < 0.4 },
    label: { row, column in
      noise.uniform(900_000 + row / 40 * 640 + column / 40) > 0.2
        ? UInt8((row / 8 + column / 8) % 3) : ClassIndex.none
    }
  ) { band, row, column in
    Float(band) + Float(noise.uniform(band * 1_000_000 + row * width + column))
  }
}

@Suite("Pixels of regions in memory or in a file")
struct PixelStoreTests {
  private let directory = Scratch()
  /// Bytes of a whole block of three bands.
  private static let block = 256 * 256 * 13

  private func block(_ value: Float, side: Int = 16) -> PixelBlock {
    PixelBlock(
      width: side, height: side, bandCount: 1,
      values: (0..<side * side).map { value + Float($0) / 1024 },
      valid: (0..<side * side).map { ($0 + Int(value)) % 3 > 0 })
  }

  @Test("Blocks come back as they were; memory keeps those used last and never more than it may")
  func leastRecentlyUsed() throws {
    let bytes = 16 * 16 * 5
    let store = PixelStore(memory: 8 * bytes, spillingTo: URL(fileURLWithPath: directory.path))
    let blocks = (0..<20).map { block(Float($0)) }
    let numbers = try blocks.map { block in
      let number = try store.add(block)
      #expect(store.inMemory.count <= 8)
      return number
    }
    #expect(store.fileBytes == 20 * bytes)
    // A block that is asked for again and again stays while others come and go.
    for (index, number) in numbers.enumerated() {
      #expect(store.pixels(of: numbers[3]) == blocks[3])
      #expect(store.pixels(of: number) == blocks[index])
      #expect(store.inMemory.count <= 8 && store.inMemory.isSuperset(of: [numbers[3], number]))
    }
    // The last of them are here, the first ones are not.
    #expect(store.inMemory.isSuperset(of: numbers.suffix(6)))
    #expect(store.inMemory.isDisjoint(with: numbers.prefix(3)))
  }

  @Test("What fits is written nowhere; the file has no name, and is made where it is needed")
  func file() throws {
    let folder = URL(fileURLWithPath: directory.path).appendingPathComponent("made/here")
    let store = PixelStore(memory: 4 * 16 * 16 * 5, spillingTo: folder)
    let numbers = try (0..<4).map { try store.add(block(Float($0))) }
    #expect(store.fileBytes == 0 && store.inMemory == Set(numbers) && directory.entries.isEmpty)
    let last = try store.add(block(4))
    #expect(store.fileBytes == 5 * 16 * 16 * 5)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    for (index, number) in (numbers + [last]).enumerated() {
      #expect(store.pixels(of: number) == block(Float(index)))
    }
  }

  @Test("The place of a block that is forgotten goes to the next one of its size")
  func places() throws {
    let store = PixelStore(memory: 0, spillingTo: URL(fileURLWithPath: directory.path))
    let numbers = try (0..<4).map { try store.add(block(Float($0))) }
    let small = try store.add(block(9, side: 8))
    let bytes = store.fileBytes
    store.remove([numbers[1], numbers[2]])
    let next = try [block(5), block(6)].map { try store.add($0) }
    #expect(store.fileBytes == bytes)
    for (number, wanted) in zip([numbers[0], numbers[3], small] + next, [0, 3, 9, 5, 6]) {
      #expect(store.pixels(of: number) == block(Float(wanted), side: wanted == 9 ? 8 : 16))
    }
    _ = try store.add(block(7))
    #expect(store.fileBytes > bytes)
  }

  @Test("A file that cannot be made is an error that names its directory, and loses no other block")
  func noFile() throws {
    let path = try directory.write("", to: "file")
    let store = PixelStore(memory: 16 * 16 * 5, spillingTo: URL(fileURLWithPath: path + "/below"))
    let first = try store.add(block(1))
    let error = #expect(throws: RasterError.self) { try store.add(block(2)) }
    #expect(error?.code == .cannotCreate && error?.description.contains(path) == true, "\(error!)")
    #expect(store.inMemory == [first] && store.pixels(of: first) == block(1))
    try FileManager.default.removeItem(atPath: path)
    let second = try store.add(block(2))
    #expect(store.fileBytes == 2 * 16 * 16 * 5)
    #expect(store.pixels(of: first) == block(1) && store.pixels(of: second) == block(2))
  }

  @Test("Labels count in the memory, and leave pixels a quarter of it; a region takes all of its with it")
  func labels() throws {
    // Two regions of one block, beside as many labels.
    let memory = 2 * Self.block + 256 * 256
    let store = PixelStore(memory: memory, spillingTo: URL(fileURLWithPath: directory.path))
    let pixels = patchwork(1, width: 256, height: 256).pixels.whole
    try withExtendedLifetime(RegionPixels(pixels, in: store)) {
      #expect(store.fileBytes == 0)
      try withExtendedLifetime(RegionPixels(pixels, in: store)) {
        #expect(store.inMemory.count == 2 && store.fileBytes == 0)
        try withExtendedLifetime(RegionPixels(pixels, in: store)) {
          #expect(store.inMemory.count == 1 && store.fileBytes == 3 * Self.block)
        }
      }
    }
    #expect(store.inMemory.isEmpty && store.fileBytes == 0)
  }

  @Test("Any window of a region in blocks is that of the region in memory", arguments: 0..<4)
  func windows(seed: Int) throws {
    let twins = try TwinRegions(patchwork(seed), memory: [0, 1, 2, 9][seed] * Self.block, in: directory)
    #expect((twins.store.fileBytes == 0) == (seed == 3))
    var random = RandomSource(seed: UInt64(seed), stream: "windows")
    for _ in 0..<60 {
      let (column, row) = (random.index(below: 530), random.index(below: 300))
      let window = Window(
        column: column, row: row, width: 1 + random.index(below: 530 - column),
        height: 1 + random.index(below: 300 - row))
      let (own, other) = (twins.inMemory.pixels.read(window), twins.stored.pixels.read(window))
      #expect(own.valid == other.valid && own.values.map(\.bitPattern) == other.values.map(\.bitPattern))
    }
  }

  @Test("A scene is read in parts as it is read at once, from any corner")
  func scene() throws {
    let noise = HashedValues("scene in parts")
    let scene = try SyntheticScene(width: 700, height: 520, bands: 2) { band, row, column in
      noise.uniform(row / 5 * 700 + column / 5) > 0.3 ? .nan : Float(noise.uniform(band + row * 700 + column))
    }
    let path = scene.directory.appendingPathComponent("labels.tif").path
    let writer = try RasterWriter(
      path: path, grid: scene.grid, options: .init(type: .byte, bandNames: ["class"], noData: 0))
    try writer.write(
      scene.grid.bounds,
      (0..<700 * 520).map { place -> UInt8 in
        let (row, column) = (place / 700, place % 700)
        return row > 90 && column > 80 && noise.uniform(row / 20 * 700 + column / 20) > 0.3 ? 1 : 0
      })
    try writer.close()
    let labels = try Labels(
      LabelSource(path: path), classes: [LandClass(value: 1, name: "one")], on: scene.grid)
    let store = PixelStore(memory: 1, spillingTo: scene.directory)
    let region = try LabelledRegion(scene.open(), labels: labels, margin: 13, in: store)
    let wanted = LabelledRegion(
      window: region.window, pixels: try scene.open().read(region.window),
      labels: try labels.read(region.window), ground: region.ground)
    #expect(region.pixels.whole == wanted.pixels.whole && region.labels == wanted.labels)
    #expect(store.inMemory.isEmpty && store.fileBytes == region.window.pixelCount * 9)
  }

  // MARK: - Chips

  private func chips(
    _ region: LabelledRegion, size: Int = 48, unlabelled: Bool = false
  ) -> ChipSet {
    let bands = (0..<3).map { band in
      ModelCard.Band(
        name: "\(band)", wavelength: nil, mean: Double(band), deviation: 0.7,
        clip: band == 1 ? .init(0.8, 1.3) : nil, unit: "reflectance")
    }
    return ChipSet(
      [
        region,
        region.adjusted(by: [
          [
            .init(slope: 1.3, offset: 0.1), .init(slope: 1, offset: 0),
            .init(slope: -0.4, offset: 2),
          ]
        ]),
      ],
      normalization: normalization(bands), size: size, stride: size * 3 / 4, unlabelled: unlabelled)
  }

  private func expectSame(_ one: ChipBatch, _ other: ChipBatch, _ words: String) {
    let bits = [one, other].map { $0.input.values.map(\.bitPattern) }
    #expect(bits[0] == bits[1] && one.targets == other.targets && one.valid == other.valid, "\(words)")
  }

  @Test("Chips are the same bytes, in the same order, wherever pixels lie", arguments: [0, 1, 4, 40])
  func sameChips(blocks: Int) throws {
    let twins = try TwinRegions(patchwork(7), memory: blocks * Self.block, in: directory)
    let (own, other) = (chips(twins.inMemory), chips(twins.stored))
    #expect(own.chips == other.chips && own.chips.count > 80)
    expectSame(own.batch(Array(own.chips.indices)), other.batch(Array(own.chips.indices)), "as they are")
    var augmentation = Augmentation()
    (augmentation.rotation, augmentation.scale) = (40, 1.4)
    for variation in [Augmentation(), augmentation] {
      var (random, again) = (RandomSource(seed: 5, stream: "same"), RandomSource(seed: 5, stream: "same"))
      for start in stride(from: 0, to: own.chips.count, by: 8) {
        let numbers = Array(start..<min(start + 8, own.chips.count))
        expectSame(
          own.batch(numbers, augmentation: variation, random: &random),
          other.batch(numbers, augmentation: variation, random: &again), "\(variation)")
      }
    }
    for number in own.chips.indices {
      #expect(own.validPixels(ofChip: number) == other.validPixels(ofChip: number))
    }
    #expect(own.bandQuantiles != nil && own.bandQuantiles == other.bandQuantiles)
  }

  @Test("So are chips that are taken by validity, chips larger than their region, and those of another style")
  func sameUnlabelled() throws {
    let twins = try TwinRegions(patchwork(8), memory: 0, in: directory)
    let small = try TwinRegions(patchwork(9, width: 30, height: 21), memory: 0, in: directory)
    for twins in [twins, small] {
      var (own, other) = (
        chips(twins.inMemory, unlabelled: true), chips(twins.stored, unlabelled: true)
      )
      #expect(own.chips == other.chips && !own.chips.isEmpty)
      (own.style, other.style) = (FourierStyle(of: own, beta: 0.05), FourierStyle(of: other, beta: 0.05))
      var augmentation = Augmentation()
      (augmentation.rotation, augmentation.scale) = (180, 2)
      var (random, again) = (RandomSource(seed: 6, stream: "same"), RandomSource(seed: 6, stream: "same"))
      let numbers = Array(own.chips.indices.prefix(40))
      expectSame(
        own.batch(numbers, augmentation: augmentation, random: &random),
        other.batch(numbers, augmentation: augmentation, random: &again), "unlabelled")
    }
  }

  @Test("Other labels share the pixels, and never lie on pixels without data")
  func relabelled() throws {
    let twins = try TwinRegions(patchwork(10), memory: 0, in: directory)
    let bytes = twins.store.fileBytes
    let labels = twins.inMemory.labels.indices.map { UInt8($0 / 300 % 2 * 255) }
    let (own, other) = (
      chips(twins.inMemory).relabelled([labels, labels]), chips(twins.stored).relabelled([labels, labels])
    )
    #expect(twins.store.fileBytes == bytes)
    #expect(own.labels(ofRegion: 0).values == other.labels(ofRegion: 0).values)
    let valid = twins.inMemory.pixels.whole.valid
    #expect(zip(other.labels(ofRegion: 1).values, valid).allSatisfy { $1 || $0 == ClassIndex.none })
    expectSame(own.batch([3, 9]), other.batch([3, 9]), "relabelled")
  }
}
