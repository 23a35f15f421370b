import Checkpoints
import Chips
import Classes
import Foundation
import NumericOracles
import Rasters
import Scenes
import Tensors
import TestRasters
import Testing

@Suite("Normalisation and band statistics")
struct NormalizationTests {
  private func block(_ seed: String, width: Int, height: Int, means: [Double], spread: Double) -> PixelBlock {
    let (noise, count) = (HashedValues(seed), width * height)
    return PixelBlock(
      width: width, height: height, bandCount: means.count,
      values: (0..<means.count * count).map { Float(means[$0 / count] + spread * noise.uniform($0)) },
      valid: (0..<count).map { noise.uniform(1_000_000 + $0) > -0.4 })
  }

  @Test("Valid pixels become (value - mean) / deviation, invalid ones 0, whatever they held")
  func apply() {
    var card = card(bands: 2, classes: 2)
    card.bands[0].mean = 4
    card.bands[0].deviation = 2
    card.bands[1].mean = -1
    card.bands[1].deviation = 0.5
    var block = PixelBlock(
      width: 3, height: 1, bandCount: 2, values: [4, 8, .nan, 0, -1, .infinity], valid: [true, true, false])
    Normalization(card).apply(to: &block)
    #expect(block.values == [0, 2, 0, 2, 0, 0])
  }

  @Test("Values are kept within limits before the mean is subtracted; bands without limits are as before")
  func clip() throws {
    var card = card(bands: 2, classes: 2)
    card.bands[0] = .init(name: "a", wavelength: nil, mean: 4, deviation: 2, clip: .init(2, 9))
    var block = PixelBlock(
      width: 6, height: 1, bandCount: 2,
      values: [1, 2, 5, 9, 70, .nan, 1, 2, -1e30, 1e30, 70, .infinity],
      valid: [true, true, true, true, true, false])
    Normalization(card).apply(to: &block)
    #expect(block.values == [-1, -1, 0.5, 2.5, 2.5, 0, 1, 2, -1e30, 1e30, 70, 0])
  }

  @Test("Chips and whole scenes are cut alike: what a chip gets is what a block gets", arguments: 0..<4)
  func alike(seed: Int) throws {
    var card = card(bands: 2, classes: 2)
    card.bands[0] = .init(name: "a", wavelength: nil, mean: 0.1, deviation: 0.7, clip: .init(-0.3, 0.4))
    card.bands[1] = .init(name: "b", wavelength: nil, mean: -0.2, deviation: 0.3)
    let scene = try SyntheticScene(width: 32, height: 32, bands: 2) { band, row, column in
      Float(HashedValues("clip \(seed) \(band)").uniform(row * 32 + column))
    }
    let region = try LabelledRegion(scene.open(), labels: nil, margin: 0, in: scene.store)
    let normalization = Normalization(card)
    let chips = ChipSet([region], normalization: normalization, size: 32, stride: 32, unlabelled: true)
    var block = region.pixels.whole
    normalization.apply(to: &block)
    #expect(chips.batch([0]).input.values == block.values)
    #expect(block.values.prefix(32 * 32).max()! == (0.4 - 0.1) * Float(1 / 0.7))
  }

  @Test("Mean and deviation are those of a two-pass sum in Double, whatever the blocks", arguments: 0..<4)
  func statistics(seed: Int) {
    // From reflectances to digital numbers: a large mean must not eat the deviation.
    let means = [0.05, 300.0, 9000.0]
    let blocks = (0..<5).map {
      block("block \(seed) \($0)", width: 17 + $0, height: 9, means: means, spread: [0.02, 1, 40, 800][seed])
    }
    var statistics = BandStatistics(bandCount: 3)
    for block in blocks { statistics.add(block) }
    for band in 0..<3 {
      let values = blocks.flatMap { block in
        block.valid.indices.filter { block.valid[$0] }.map {
          Double(block.values[band * block.valid.count + $0])
        }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(statistics.result[band].mean - mean) <= 1e-9 * abs(mean))
      #expect(abs(statistics.result[band].deviation - variance.squareRoot()) <= 1e-3 * variance.squareRoot())
    }
  }

  @Test("A constant band, or no pixel at all, has deviation 1, so that nothing is divided by 0")
  func constant() {
    var statistics = BandStatistics(bandCount: 2)
    #expect(statistics.result.map(\.mean) == [0, 0] && statistics.result.map(\.deviation) == [1, 1])
    statistics.add(
      PixelBlock(
        width: 2, height: 1, bandCount: 2, values: [7000.25, 7000.25, 1, 3], valid: [true, true]))
    #expect(statistics.result.map(\.mean) == [7000.25, 2] && statistics.result.map(\.deviation) == [1, 1])
    statistics.add(
      PixelBlock(width: 1, height: 1, bandCount: 2, values: [.nan, .nan], valid: [false]))
    #expect(statistics.result.map(\.mean) == [7000.25, 2])
  }
}

extension SyntheticScene {
  /// A store that holds everything in memory.
  fileprivate var store: PixelStore { PixelStore(memory: .max, spillingTo: directory) }
}

@Suite("Labelled regions")
struct LabelledRegionTests {
  private func labels(_ scene: SyntheticScene, _ value: (Int, Int) -> UInt8) throws -> Labels {
    let path = scene.directory.appendingPathComponent("labels.tif").path
    let writer = try RasterWriter(
      path: path, grid: scene.grid, options: .init(type: .byte, bandNames: ["class"], noData: 0))
    let width = scene.grid.width
    try writer.write(
      scene.grid.bounds, (0..<width * scene.grid.height).map { value($0 / width, $0 % width) })
    try writer.close()
    return try Labels(
      LabelSource(path: path), classes: [LandClass(value: 1, name: "one"), LandClass(value: 2, name: "two")],
      on: scene.grid)
  }

  @Test("The region is the labels' box with the margin, cut at the scene's edge", arguments: [0, 5, 20, 500])
  func margin(pixels: Int) throws {
    let scene = try SyntheticScene(width: 90, height: 70, bands: 2) { band, row, column in
      Float(band * 1000 + row * 7 + column)
    }
    let labels = try labels(scene) { row, column in
      (30...39).contains(row) && (60...79).contains(column) ? (column < 70 ? 1 : 2) : 0
    }
    let region = try LabelledRegion(scene.open(), labels: labels, margin: pixels, in: scene.store)
    let wanted = Window(
      column: 60 - pixels, row: 30 - pixels, width: 20 + 2 * pixels, height: 10 + 2 * pixels)
    #expect(region.window == wanted.clamped(toWidth: 90, height: 70))
    #expect(region.counts(classes: 2) == [100, 100])
    #expect(region.pixels.whole == (try scene.open().read(region.window)))
    let place = (30 - region.window.row) * region.window.width + 60 - region.window.column
    #expect(region.labels[place] == 0 && region.labels[place + 10] == 1)
  }

  @Test("A label on an invalid pixel does not count")
  func invalid() throws {
    let scene = try SyntheticScene(width: 20, height: 20, bands: 2) { band, row, _ in
      band == 1 && row < 5 ? .nan : 1
    }
    let region = try LabelledRegion(
      scene.open(), labels: labels(scene) { _, _ in 2 }, margin: 3, in: scene.store)
    #expect(region.counts(classes: 2) == [0, 15 * 20])
    #expect(region.labels.prefix(100).allSatisfy { $0 == ClassIndex.none })
  }

  @Test("Without labels the region is the whole scene; labels of other classes only are an error")
  func errors() throws {
    let scene = try SyntheticScene(width: 30, height: 20, bands: 1) { _, _, _ in 1 }
    let whole = try LabelledRegion(scene.open(), labels: nil, margin: 4, in: scene.store)
    #expect(whole.window == scene.grid.bounds && whole.labels.allSatisfy { $0 == ClassIndex.none })
    let strange = try labels(scene) { _, _ in 9 }
    let error = #expect(throws: RasterError.self) {
      try LabelledRegion(scene.open(), labels: strange, margin: 4, in: scene.store)
    }
    #expect(error?.code == .noLabels)
    #expect(error?.cause == "no labelled pixel of the pipeline's classes falls on scene")
  }
}
