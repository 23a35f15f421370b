import Chips
import Classes
import Rasters
import Scenes
import TestRasters
import Testing

/// Rules that hold each label out once.
private let rules: [Split.Rule] = [
  .blocks(side: 16, folds: 3), .patches(folds: 3), .stratifiedPatches(folds: 3), .leaveOnePatchOut,
  .leaveOneRegionOut,
]

private func split(_ regions: [LabelledRegion], _ rule: Split.Rule, buffer: Int, seed: UInt64) throws -> Split
{
  try Split(regions, by: rule, classes: 4, buffer: buffer, seed: seed)
}

private func counts(_ regions: [LabelledRegion]) -> [Int] {
  regions.map { $0.counts(classes: 4) }.reduce([0, 0, 0, 0]) { zip($0, $1).map(+) }
}

@Suite("Split")
struct SplitTests {
  @Test("Each label is held out exactly once", arguments: rules, 0..<4)
  func partition(rule: Split.Rule, seed: UInt64) throws {
    let regions = scatteredScenes(seed: seed)
    let split = try split(regions, rule, buffer: Int(seed), seed: seed)
    var held = regions.map { $0.labels.map { _ in 0 } }
    for index in 0..<split.count {
      let fold = try split.fold(index)
      #expect(counts(fold.heldOut).reduce(0, +) > 0)
      for (number, region) in regions.enumerated() {
        for (place, label) in fold.heldOut[number].labels.enumerated() where label != ClassIndex.none {
          #expect(label == region.labels[place])
          held[number][place] += 1
        }
      }
    }
    for (times, region) in zip(held, regions) {
      #expect(zip(times, region.labels).allSatisfy { $0 == ($1 == ClassIndex.none ? 0 : 1) })
    }
  }

  @Test("No training label lies within the buffer of a held-out one", arguments: rules, 0..<4)
  func buffer(rule: Split.Rule, seed: UInt64) throws {
    let regions = scatteredScenes(seed: seed)
    let buffer = [0, 1, 4, 7][Int(seed)]
    let split = try split(regions, rule, buffer: buffer, seed: seed)
    for index in 0..<split.count {
      let fold = try split.fold(index)
      #expect(leastDistance(fold.training, fold.heldOut) > buffer)
      // Only such labels are lost.
      for (number, region) in regions.enumerated() {
        let kept = fold.training[number].labels
        let held = fold.heldOut[number].labels
        let others = number < 2 ? fold.heldOut[..<2] : fold.heldOut[2...]
        let pixels = others.flatMap(LabelledPixel.all)
        for (place, label) in region.labels.enumerated()
        where label != ClassIndex.none && held[place] == ClassIndex.none {
          let pixel = LabelledPixel(
            column: region.window.column + place % region.window.width,
            row: region.window.row + place / region.window.width)
          let isNear = pixels.contains { pixel.distance(to: $0) <= buffer }
          #expect(kept[place] == (isNear ? ClassIndex.none : label))
        }
      }
    }
  }

  @Test("Patches and regions are far enough apart: their buffer costs no label", arguments: 0..<4)
  func costless(seed: UInt64) throws {
    let regions = scatteredScenes(seed: seed)
    for rule in rules.dropFirst() {
      let split = try split(regions, rule, buffer: 3, seed: seed)
      for index in 0..<split.count {
        let fold = try split.fold(index)
        #expect(zip(counts(fold.training), counts(fold.heldOut)).map(+) == counts(regions))
      }
    }
  }

  @Test("Patches are what a search from pixel to pixel finds", arguments: 0..<4)
  func patches(seed: UInt64) throws {
    let regions = scatteredScenes(seed: seed)
    for buffer in [0, 1, 2, 5] {
      var expected = 0
      for ground in [Array(regions[..<2]), [regions[2]]] {
        var waiting = Set(ground.flatMap(LabelledPixel.all))
        while let first = waiting.popFirst() {
          expected += 1
          var front = [first]
          while let pixel = front.popLast() {
            let near = waiting.filter { $0.distance(to: pixel) <= max(1, buffer) }
            waiting.subtract(near)
            front += near
          }
        }
      }
      #expect(try split(regions, .leaveOnePatchOut, buffer: buffer, seed: 0).count == expected)
    }
  }

  @Test("Stratified folds differ by no more than the largest patch", arguments: 0..<10)
  func stratified(seed: UInt64) throws {
    // Each patch is of one class; 6 columns apart, so that no two are one.
    let sizes = (0..<60).map { 1 + ($0 * 7 + Int(seed) * 3) % 5 }
    let labels = (0..<5 * 360).map { place -> UInt8 in
      let (row, column) = (place / 360, place % 360)
      let patch = column / 6
      return column % 6 == 0 && row < sizes[patch] ? [0, 0, 0, 1, 0, 2][patch % 6] : ClassIndex.none
    }
    let regions = [region(on: "here", Window(column: 0, row: 0, width: 360, height: 5), labels)]
    let split = try split(regions, .stratifiedPatches(folds: 4), buffer: 2, seed: seed)
    let held = try (0..<4).map { counts(try split.fold($0).heldOut) }
    for index in 0..<3 {
      let pixels = held.map { $0[index] }
      #expect(pixels.max()! - pixels.min()! <= 5 && pixels.min()! > 0)
    }
    // Largest first: what is left to level out are the smallest patches.
    #expect(held.map { $0[0] }.max()! - held.map { $0[0] }.min()! <= 1)
  }

  @Test("The same seed deals alike, another seed otherwise", arguments: rules[..<3])
  func seeds(rule: Split.Rule) throws {
    // Squares of one size: among patches of different sizes a stratified split has no choice.
    let window = Window(column: 0, row: 0, width: 60, height: 60)
    let labels = (0..<3600).map { place -> UInt8 in
      let (row, column) = (place / 60, place % 60)
      guard row % 10 < 4, column % 10 < 4 else { return ClassIndex.none }
      return UInt8(column / 10 % 3)
    }
    let regions = [region(on: "here", window, labels)]
    func held(_ seed: UInt64) throws -> [[UInt8]] {
      try split(regions, rule, buffer: 2, seed: seed).fold(0).heldOut.map(\.labels)
    }
    #expect(try held(1) == held(1))
    #expect(try (2..<6).contains { try held($0) != held(1) })
  }

  @Test("Scenes of one place are held out together, others one by one")
  func regionsInTurn() throws {
    let regions = scatteredScenes(seed: 3)
    let split = try split(regions, .leaveOneRegionOut, buffer: 0, seed: 0)
    #expect(split.count == 2)
    #expect(try split.fold(0).heldOut.map(\.labels)[..<2] == regions.map(\.labels)[..<2])
    #expect(try split.fold(0).training[2].labels == regions[2].labels)
    // Of three squares in a row the last two are 5 apart.
    let square = [UInt8](repeating: 1, count: 4)
    let row = [0, 10, 16].map {
      region(on: "here", Window(column: $0, row: 0, width: 2, height: 2), square)
    }
    #expect(try self.count(row, 5) == 2 && self.count(row, 4) == 3)
  }

  private func count(_ regions: [LabelledRegion], _ buffer: Int) throws -> Int {
    try split(regions, .leaveOneRegionOut, buffer: buffer, seed: 0).count
  }

  @Test("Days are held out in order, trained on all earlier ones")
  func forward() throws {
    let full = [UInt8](repeating: 2, count: 100)
    let here = Window(column: 0, row: 0, width: 10, height: 10)
    let beside = Window(column: 12, row: 0, width: 10, height: 10)
    let apart = [0, 20, 40, 60].map { Window(column: $0, row: 0, width: 10, height: 10) }
    let days = ["2021-08-30", "2020-05-01", "2020-05-01", "2019-12-31"].map { Day($0) }
    func training(_ places: [Window], _ fold: Int) throws -> [Int] {
      let split = try Split(
        places.map { region(on: "here", $0, full) }, by: .forwardInTime, classes: 4, buffer: 3, days: days,
        seed: 0)
      #expect(split.count == 2)
      let fold = try split.fold(fold)
      return (fold.training + fold.heldOut).map { $0.counts(classes: 4)[2] }
    }
    #expect(try training(apart, 0) == [0, 0, 0, 100] + [0, 100, 100, 0])
    #expect(try training(apart, 1) == [0, 100, 100, 100] + [100, 0, 0, 0])
    // Of what lies beside the last day's ground the columns 12 are within 3 of it, 13 and more are not.
    #expect(try training([here, beside, here, beside], 1) == [0, 90, 0, 90] + [100, 0, 0, 0])
    #expect(throws: SplitError.self) { try training([here, beside, here, beside], 0) }
  }

  @Test("Folds within a fold are of its training labels, and keep the buffer too", arguments: rules, 0..<2)
  func nested(rule: Split.Rule, seed: UInt64) throws {
    // Five grounds, so that a fold without one of them can still be split.
    let regions = (0..<5).map {
      scatteredRegion(
        on: "ground \($0)", Window(column: 0, row: 0, width: 60, height: 60), classes: 4, patches: 9,
        seed: seed * 10 + UInt64($0))
    }
    let outer = try split(regions, rule, buffer: 2, seed: seed)
    let fold = try outer.fold(1)
    let inner = try outer.nested(in: 1)
    var held = counts([])
    for index in 0..<inner.count {
      let part = try inner.fold(index)
      for (number, region) in fold.training.enumerated() {
        for (place, label) in region.labels.enumerated() {
          let sides = [part.training[number].labels[place], part.heldOut[number].labels[place]]
          #expect(sides.allSatisfy { $0 == label || $0 == ClassIndex.none })
        }
      }
      held = zip(held, counts(part.heldOut)).map(+)
    }
    #expect(held == counts(fold.training))
  }

  @Test("Regions that were not split lose what lies near held-out labels")
  func clearing() throws {
    let regions = scatteredScenes(seed: 5)
    let split = try split(
      [regions[0], regions[2]], .blocks(side: 10, folds: 2), buffer: 4, seed: 1)
    let fold = try split.fold(0)
    let elsewhere = scatteredRegion(
      on: "elsewhere", Window(column: 0, row: 0, width: 50, height: 50), classes: 4, patches: 5, seed: 1)
    let cleared = fold.clearing([regions[1], elsewhere])
    let held = LabelledPixel.all(of: fold.heldOut[0])
    let expected = LabelledPixel.all(of: regions[1]).filter { pixel in
      held.allSatisfy { $0.distance(to: pixel) > 4 }
    }
    #expect(LabelledPixel.all(of: cleared[0]) == expected)
    #expect(expected.count < LabelledPixel.all(of: regions[1]).count)
    #expect(cleared[1].labels == elsewhere.labels)
  }

  @Test("What cannot be split says what there is")
  func errors() throws {
    let one = [region(on: "here", Window(column: 3, row: 3, width: 2, height: 2), [0, 1, 0, 0])]
    func message(_ rule: Split.Rule, buffer: Int = 0, days: [Day?] = []) -> String? {
      do throws(SplitError) {
        _ = try Split(one, by: rule, classes: 4, buffer: buffer, days: days, seed: 0)
        return nil
      } catch { return "\(error.code): \(error)" }
    }
    #expect(
      message(.blocks(side: 8, folds: 5))
        == "tooFew: the labels lie in 1 block of 8 pixels, too few for 5 folds")
    #expect(
      message(.patches(folds: 2), buffer: 9)
        == "tooFew: the labels lie in 1 patch more than 9 pixels apart, too few for 2 folds")
    #expect(message(.leaveOnePatchOut) == "tooFew: the labels lie in 1 patch, too few to hold one out")
    #expect(message(.leaveOneRegionOut) == "tooFew: the labels lie in 1 region, too few to hold one out")
    let forward = Split.Rule.forwardInTime
    #expect(message(forward) == "undated: the labels of scene 1 of 1 have no day")
    #expect(message(forward, days: [nil]) == "undated: the labels of scene 1 of 1 have no day")
    #expect(
      message(forward, days: [Day("2020-01-01")])
        == "tooFew: the labels lie in 1 day, too few to hold one out")
    // Two blocks, side by side, are all within the buffer of each other.
    let split = try Split(
      one, by: .blocks(side: 4, folds: 2), classes: 4, buffer: 3, seed: 0)
    #expect {
      try split.fold(1)
    } throws: {
      "\($0)"
        == "no label is left to train on in fold 2 of 2: all lie on held-out ground or within 3 pixels of it"
    }
  }
}

@Suite("Splits of scenes on different grids")
struct SplitGridTests {
  /// Labels over a scene, every `period`-th pixel of every row and column unlabelled.
  private func region(_ scene: SyntheticScene, period: Int) throws -> LabelledRegion {
    let opened = try scene.open()
    let width = opened.grid.width
    let labels = (0..<opened.grid.bounds.pixelCount).map { place -> UInt8 in
      place % width % period == 0 || place / width % period == 0 ? ClassIndex.none : 1
    }
    return LabelledRegion(
      window: opened.grid.bounds, pixels: try opened.read(opened.grid.bounds), labels: labels,
      ground: Ground(of: opened))
  }

  /// Squares on the map that the labelled pixels cover, in metres.
  private func squares(_ region: LabelledRegion, _ transform: GeoTransform) -> [(x: Double, y: Double)] {
    LabelledPixel.all(of: region).map {
      transform.apply(column: Double($0.column) + 0.5, row: Double($0.row) + 0.5)
    }
  }

  @Test(
    "The buffer holds between grids of different pixels",
    arguments: [
      // Coarser, shifted by a part of a pixel, and turned by 30 degrees.
      GeoTransform(originX: 600_070, originY: 5_199_930, pixelSize: 30),
      GeoTransform(originX: 600_103.7, originY: 5_199_888.1, pixelSize: 10),
      GeoTransform(
        originX: 600_100, columnX: 8.660_254, rowX: 5, originY: 5_199_800, columnY: 5, rowY: -8.660_254),
    ])
  func grids(second transform: GeoTransform) throws {
    let scenes = [
      try SyntheticScene(width: 40, height: 40, bands: 1) { _, _, _ in 1 },
      try SyntheticScene(width: 20, height: 20, bands: 1, transform: transform) { _, _, _ in 1 },
    ]
    let regions = [try region(scenes[0], period: 9), try region(scenes[1], period: 7)]
    let transforms = scenes.map(\.grid.transform!)
    // Half of what a pixel spans along the axes of the first grid, in metres.
    let halves = transforms.map { 0.5 * max(abs($0.columnX) + abs($0.rowX), abs($0.columnY) + abs($0.rowY)) }
    for buffer in [0, 3] {
      let split = try Split(regions, by: .blocks(side: 12, folds: 2), classes: 2, buffer: buffer, seed: 3)
      for index in 0..<2 {
        let fold = try split.fold(index)
        #expect(zip(fold.training, regions).contains { $0.counts(classes: 2) != $1.counts(classes: 2) })
        for held in 0..<2 {
          for training in 0..<2 {
            let others = squares(fold.training[training], transforms[training])
            // Between the edges of the squares lie at least the cells of the buffer, less rounding by a
            // thousandth.
            let least = Double(buffer) * 10 + 0.99 * (halves[held] + halves[training] - 10)
            for square in squares(fold.heldOut[held], transforms[held]) {
              #expect(others.allSatisfy { max(abs($0.x - square.x), abs($0.y - square.y)) > least })
            }
          }
        }
      }
    }
  }

  @Test("Patches of different grids are one where they are near")
  func patches() throws {
    let scenes = try [600_000.0, 600_204, 600_430].map { x in
      try SyntheticScene(
        width: 20, height: 20, bands: 1,
        transform: GeoTransform(originX: x, originY: 5_200_000, pixelSize: 10)
      ) { _, _, _ in 1 }
    }
    let regions = try scenes.map { try region($0, period: 100) }
    // Labelled from their second columns on: over cells 1 to 19, 21 to 40 (by 0.4 of a cell), and 44 on.
    let counts = [0, 1, 2, 3, 4].map {
      try? Split(regions, by: .leaveOnePatchOut, classes: 2, buffer: $0, seed: 0).count
    }
    #expect(counts == [3, 3, 2, 2, nil])
  }
}

@Suite("Running minimum")
struct RunningMinimumTests {
  @Test("It is the minimum over the places around, at every size", arguments: 0..<8)
  func definition(seed: Int) {
    let (width, height) = (1 + seed * 3, 17 - 2 * seed)
    let values = (0..<width * height).map { UInt8(($0 * 73 + seed * 41) % 251) }
    for (before, after) in [(0, 0), (1, 1), (2, 0), (0, 3), (5, 4), (40, 40)] {
      let found = runningMinimum(values, width: width, height: height, before: before, after: after)
      for row in 0..<height {
        for column in 0..<width {
          var least = UInt8(255)
          for y in max(0, row - before)...min(height - 1, row + after) {
            for x in max(0, column - before)...min(width - 1, column + after) {
              least = min(least, values[y * width + x])
            }
          }
          #expect(found[row * width + column] == least)
        }
      }
    }
  }
}
