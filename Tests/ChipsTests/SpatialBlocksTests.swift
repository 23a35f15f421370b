import Chips
import Classes
import Numerics
import Rasters
import Scenes
import Tensors
import TestRasters
import Testing

/// A region somewhere in its scene with labels drawn from a seed, in patches, about a third of it unlabelled.
private func patchyRegion(seed: UInt64, width: Int, height: Int, classes: Int) -> LabelledRegion {
  var random = RandomSource(seed: seed, stream: "patches")
  let patches = (0..<200).map { _ in UInt8(random.index(below: classes)) }
  let window = Window(
    column: random.index(below: 50), row: random.index(below: 50), width: width, height: height)
  let labels = (0..<width * height).map { place -> UInt8 in
    let (row, column) = (place / width, place % width)
    let patch = (row / 6 * 31 + column / 6 * 17) % 200
    return patch % 3 == 0 ? ClassIndex.none : patches[patch]
  }
  let block = PixelBlock(
    width: width, height: height, bandCount: 1, values: [Float](repeating: 1, count: width * height),
    valid: [Bool](repeating: true, count: width * height))
  return LabelledRegion(
    window: window, pixels: block, labels: labels, ground: Ground(named: "region \(seed)"))
}

@Suite("Spatial blocks")
struct SpatialBlocksTests {
  @Test("Folds are a partition: each labelled pixel is held out exactly once", arguments: 0..<10)
  func partition(seed: UInt64) {
    let regions = [
      patchyRegion(seed: seed, width: 70, height: 51, classes: 4),
      patchyRegion(seed: seed + 100, width: 33, height: 90, classes: 4),
    ]
    let folds = 2 + Int(seed) % 4
    let blocks = SpatialBlocks(regions, size: 16, folds: folds, classes: 4, seed: seed)
    for (index, region) in regions.enumerated() {
      var held = [Int](repeating: 0, count: region.labels.count)
      for fold in 0..<folds {
        let test = blocks.keep({ $0 == fold }, of: regions)[index]
        let training = blocks.keep({ $0 != fold }, of: regions)[index]
        for place in region.labels.indices {
          #expect(test.labels[place] == ClassIndex.none || test.labels[place] == region.labels[place])
          // Of the two sets one has the label and the other has not.
          let sides = [test.labels[place], training.labels[place]].filter { $0 != ClassIndex.none }
          #expect(sides == (region.labels[place] == ClassIndex.none ? [] : [region.labels[place]]))
          if test.labels[place] != ClassIndex.none { held[place] += 1 }
        }
      }
      #expect(zip(held, region.labels).allSatisfy { $0 == ($1 == ClassIndex.none ? 0 : 1) })
    }
  }

  @Test("A block lies in one fold, on the scene's own raster of blocks", arguments: 0..<5)
  func whole(seed: UInt64) {
    let region = patchyRegion(seed: seed, width: 80, height: 80, classes: 3)
    let blocks = SpatialBlocks([region], size: 20, folds: 3, classes: 3, seed: seed)
    var fold: [[Int]: Int] = [:]
    for number in 0..<3 {
      let kept = blocks.keep({ $0 == number }, of: [region])[0]
      for (place, label) in kept.labels.enumerated() where label != ClassIndex.none {
        let block = [(kept.window.row + place / 80) / 20, (kept.window.column + place % 80) / 20]
        #expect(fold[block] == nil || fold[block] == number)
        fold[block] = number
      }
    }
    #expect(fold.count == blocks.count)
  }

  @Test("A class that few blocks hold is spread over all folds")
  func spread() {
    // 64 blocks of 8; the second class lies in 8 of them, and each of 4 folds gets two.
    let labels = (0..<64 * 64).map { place -> UInt8 in
      let (row, column) = (place / 64, place % 64)
      return row / 8 == column / 8 && row % 8 == 0 ? 1 : 0
    }
    let block = PixelBlock(
      width: 64, height: 64, bandCount: 1, values: [Float](repeating: 0, count: 4096),
      valid: [Bool](repeating: true, count: 4096))
    let region = LabelledRegion(
      window: Window(column: 0, row: 0, width: 64, height: 64), pixels: block, labels: labels,
      ground: Ground(named: "region"))
    for seed in 0..<5 {
      let blocks = SpatialBlocks([region], size: 8, folds: 4, classes: 2, seed: UInt64(seed))
      let counts = (0..<4).map { fold in
        blocks.keep({ $0 == fold }, of: [region])[0].counts(classes: 2)
      }
      #expect(counts.map { $0[1] } == [16, 16, 16, 16])
      #expect(Set(counts.map { $0[0] }) == [1008])
    }
  }

  @Test("Two dates of one ground are held out together, wherever their scenes begin")
  func sameGround() throws {
    let scene = try SyntheticScene(width: 96, height: 64, bands: 1) { _, row, column in
      Float(row * 96 + column)
    }
    let part = Window(column: 26, row: 0, width: 70, height: 64)
    let dates = [
      try scene.open(),
      try Scene(scene.open().source, sensor: .custom(bands: ["a0"]), bands: ["a0"], within: part),
    ]
    let regions = try dates.map { date in
      let pixels = try date.read(date.grid.bounds)
      return LabelledRegion(
        window: date.grid.bounds, pixels: pixels, labels: pixels.values.map { _ in 1 },
        ground: Ground(of: date))
    }
    #expect(regions[1].pixels.whole.values[70] == 96 + 26)
    let blocks = SpatialBlocks(regions, size: 16, folds: 3, classes: 3, seed: 5)
    #expect(blocks.count == 6 * 4)
    for fold in 0..<3 {
      let held = blocks.keep({ $0 == fold }, of: regions)
      for row in 0..<64 {
        for column in 0..<70 {
          #expect(held[0].labels[row * 96 + column + 26] == held[1].labels[row * 70 + column])
        }
      }
    }
  }

  @Test("The same seed deals alike, another seed otherwise")
  func seeds() {
    let region = patchyRegion(seed: 1, width: 90, height: 90, classes: 3)
    func held(_ seed: UInt64) -> [UInt8] {
      SpatialBlocks([region], size: 10, folds: 4, classes: 3, seed: seed).keep({ $0 == 0 }, of: [region])[0]
        .labels
    }
    #expect(held(4) == held(4) && held(4) != held(5))
  }
}
