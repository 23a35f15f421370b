import Classes
import Foundation
import Rasters
import SampleData
import Scenes
import Testing

/// The committed files against what the generator makes of their seed.
@Suite("Sample data")
final class SampleDatasetTests {
  static let committed = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("sample-data").path
  static let rasters = SampleDataset.files.filter { $0.hasSuffix(".tif") }
  static let classes = ["water", "trees", "cropland", "built-up", "bare", "wetland"].enumerated().map {
    LandClass(value: UInt8($0.offset + 1), name: $0.element)
  }

  private let scratch = NSTemporaryDirectory() + "terrane-sample-data-" + UUID().uuidString
  deinit { try? FileManager.default.removeItem(atPath: scratch) }

  private func values(_ path: String) throws -> [[Double]] {
    let file = try RasterFile(path: path)
    return try file.bands.map { try file.readValues(file.grid.bounds, band: $0.index) }
  }

  /// The committed file of a name, wherever the generator puts it.
  private func file(_ name: String) throws -> String {
    try #require(Self.rasters.first { $0.hasSuffix("/\(name).tif") })
  }

  private func truth(_ name: String) throws -> [UInt8] {
    let file = try RasterFile(path: "\(Self.committed)/region-b/\(name).tif")
    return try file.readValues(file.grid.bounds, band: 1)
  }

  @Test("the committed files are what the generator writes for their seed")
  func regenerated() throws {
    try SampleDataset(seed: SampleDataset.committedSeed, directory: scratch).write()
    for name in Self.rasters {
      let (made, kept) = (
        try RasterFile(path: "\(scratch)/\(name)"), try RasterFile(path: "\(Self.committed)/\(name)")
      )
      #expect(made.grid.isSame(as: kept.grid), "\(name)")
      #expect(made.bands.map(\.description) == kept.bands.map(\.description), "\(name)")
      let pairs = zip(
        try values("\(scratch)/\(name)").joined(), try values("\(Self.committed)/\(name)").joined())
      // Another C library may round a logarithm or a square root the other way, here and there.
      let differing = pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      #expect(differing <= 20, "\(differing) values of \(name)")
    }
    let labels = try ["\(scratch)", Self.committed].map { directory in
      let grid = try RasterFile(path: "\(directory)/region-b/truth_2023.tif").grid
      return try Labels(
        LabelSource(path: "\(directory)/region-b/few-labels.geojson", field: "class"), classes: Self.classes,
        on: grid
      ).read(grid.bounds)
    }
    #expect(labels[0] == labels[1])
    let chips = try SceneChipsTests.files(in: scratch)
    #expect(try chips == SceneChipsTests.files(in: Self.committed) && chips.count == 161)
    for name in chips {
      guard name.hasSuffix(".tif") else {
        let texts = try [scratch, Self.committed].map {
          try Data(contentsOf: URL(fileURLWithPath: "\($0)/\(name)"))
        }
        #expect(texts[0] == texts[1], "\(name)")
        continue
      }
      let pairs = zip(
        try values("\(scratch)/\(name)").joined(), try values("\(Self.committed)/\(name)").joined())
      let differing = pairs.reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) }
      #expect(differing <= 20, "\(differing) values of \(name)")
    }
  }

  @Test("another seed makes another landscape")
  func otherSeed() throws {
    try SampleDataset(seed: 5, directory: scratch).write()
    let made = try values("\(scratch)/region-a/labels.tif")[0]
    let kept = try values("\(Self.committed)/region-a/labels.tif")[0]
    #expect(zip(made, kept).reduce(0) { $0 + ($1.0 == $1.1 ? 0 : 1) } > kept.count / 4)
    #expect(Set(made) == Set(kept))
  }

  @Test("ten squares are labelled, all classes among them, and every label is true")
  func fewLabels() throws {
    let truth = try truth("truth_2023")
    let grid = try RasterFile(path: "\(Self.committed)/region-b/truth_2023.tif").grid
    let labels = try Labels(
      LabelSource(path: "\(Self.committed)/region-b/few-labels.geojson", field: "class"),
      classes: Self.classes,
      on: grid)
    let indices = try labels.read(labels.grid.bounds)
    let counts = labels.classes.indices.map { index in indices.count { $0 == UInt8(index) } }
    #expect(counts.reduce(0, +) == 10 * 24 * 24)
    #expect(counts.allSatisfy { $0 >= 100 }, "\(counts)")
    let read = try labels.read(grid.bounds)
    let wrong = read.indices.filter { read[$0] != ClassIndex.none && read[$0] + 1 != truth[$0] }
    #expect(wrong.isEmpty)
  }

  @Test("truth is known only where the scene shows ground, and change where both dates do")
  func observation() throws {
    for (scene, name) in [("s2_2023-09-02", "truth_2023"), ("s2_2024-09-06", "truth_2024")] {
      let opened = try Scene(
        SceneSource(path: Self.committed + "/" + file(scene)), sensor: .sentinel2L2A,
        bands: ["B02", "B03", "B04", "B08", "B11", "B12"])
      let block = try opened.read(opened.grid.bounds)
      let truth = try truth(name)
      #expect(truth.indices.allSatisfy { truth[$0] == 0 || block.valid[$0] })
      #expect(Set(truth) == Set(0...6))
      let share = Double(block.validCount) / Double(truth.count)
      #expect((0.8...0.99).contains(share), "\(scene) is valid for \(share)")
    }
    let (before, after, change) = (
      try truth("truth_2023"), try truth("truth_2024"), try truth("truth_change")
    )
    let expected = change.indices.map { pixel -> UInt8 in
      before[pixel] == 0 || after[pixel] == 0 ? 0 : before[pixel] == after[pixel] ? 1 : 2
    }
    #expect(change == expected)
    let changed = Set(
      change.indices.filter { change[$0] == 2 }.map { [before[$0], after[$0]] })
    // Cut wood, built-over fields, a grown lake.
    for kind: [UInt8] in [[2, 5], [3, 4], [6, 1]] { #expect(changed.contains(kind), "\(kind)") }
  }

  @Test("radar pictures read in decibels, with no data outside the swath")
  func radar() throws {
    for name in Self.rasters.filter({ $0.contains("/s1_") }) {
      let scene = try Scene(
        SceneSource(path: "\(Self.committed)/\(name)"), sensor: .sentinel1GRD, bands: ["VV", "VH"])
      let block = try scene.read(scene.grid.bounds)
      let count = block.valid.count
      let share = Double(block.validCount) / Double(count)
      #expect((0.85...0.995).contains(share), "\(name) is valid for \(share)")
      let means = (0..<2).map { band in
        block.values[band * count..<(band + 1) * count].reduce(0) { $0 + Double($1) }
          / Double(block.validCount)
      }
      #expect((-16 ... -8).contains(means[0]) && (-24 ... -14).contains(means[1]), "\(means)")
    }
  }
}
