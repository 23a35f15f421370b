import Foundation
import Rasters
import SampleData
import Testing

/// The committed chips, each of which shows one class as a whole.
@Suite("Chips of scenes")
struct SceneChipsTests {
  static let classes = ["built-up", "cropland", "forest", "water"]

  /// The files of the chips below a directory of sample data, in order.
  static func files(in directory: String) throws -> [String] {
    let root = "\(directory)/\(SampleDataset.scenes)"
    return try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.contains(".") }
      .map { "\(SampleDataset.scenes)/\($0)" }.sorted()
  }

  /// A chip's file and class.
  private struct Chip {
    let name: String
    let shows: String
  }

  private func chips() throws -> [Chip] {
    let directories = try Self.files(in: SampleDatasetTests.committed).compactMap { name -> Chip? in
      let parts = name.split(separator: "/")
      return parts.count == 4 ? Chip(name: name, shows: String(parts[2])) : nil
    }
    let table = try String(
      contentsOfFile: "\(SampleDatasetTests.committed)/scenes/region-b/labels.csv", encoding: .utf8)
    let rows = table.split(whereSeparator: \.isNewline).map { $0.split(separator: ",").map(String.init) }
    #expect(rows[0] == ["path", "class"])
    return directories + rows.dropFirst().map { Chip(name: "scenes/region-b/\($0[0])", shows: $0[1]) }
  }

  private func raster(_ chip: Chip) throws -> RasterFile {
    try RasterFile(path: "\(SampleDatasetTests.committed)/\(chip.name)")
  }

  @Test("both regions have as many chips of each class, and no chip is in two of them")
  func counts() throws {
    let chips = try chips()
    for (region, count) in [("region-a", 24), ("region-b", 16)] {
      let own = chips.filter { $0.name.contains(region) }
      #expect(Self.classes.map { name in own.count { $0.shows == name } } == [count, count, count, count])
    }
    #expect(Set(chips.map(\.name)).count == 160 && Set(chips.map(\.shows)) == Set(Self.classes))
  }

  @Test("chips have the bands and the pixels of the regions' scenes, and no two show one ground")
  func grids() throws {
    var corners: Set<[Double]> = []
    for chip in try chips() {
      let file = try raster(chip)
      let place = try #require(file.grid.transform)
      let region =
        chip.name.contains("region-a") ? "region-a/optical/s2_2023-06-14" : "region-b/optical/s2_2023-09-02"
      let scene = try RasterFile(path: "\(SampleDatasetTests.committed)/\(region).tif")
      #expect(file.bands.map(\.description) == scene.bands.map(\.description))
      #expect(file.bands[0].dataType == scene.bands[0].dataType && file.bands[0].noData == 0)
      #expect(file.grid.crs == scene.grid.crs && place.columnX == 10)
      let origin = try #require(scene.grid.transform)
      // Squares of 64 pixels, all to the east of the region.
      let (column, row) = ((place.originX - origin.originX) / 640, (origin.originY - place.originY) / 640)
      #expect(column == column.rounded() && row == row.rounded() && column >= 6)
      #expect(corners.insert([column, row, chip.name.contains("region-a") ? 0 : 1]).inserted, "\(chip.name)")
    }
  }

  @Test(
    "each class looks as it should in both regions, and region B's air is thicker",
    arguments: ["region-a", "region-b"])
  func looks(region: String) throws {
    var means: [String: [Double]] = [:]
    for name in Self.classes {
      let own = try chips().filter { $0.name.contains(region) && $0.shows == name }
      var sums = [Double](repeating: 0, count: 6)
      for chip in own {
        let file = try raster(chip)
        for band in 0..<6 {
          let values: [Double] = try file.readValues(file.grid.bounds, band: band + 1)
          #expect(values.allSatisfy { $0 > 0 })
          sums[band] += values.reduce(0, +) / Double(values.count * own.count)
        }
      }
      means[name] = sums
    }
    let (water, forest) = (try #require(means["water"]), try #require(means["forest"]))
    let (cropland, town) = (try #require(means["cropland"]), try #require(means["built-up"]))
    // Near infrared, the longer shortwave infrared and red.
    #expect(water[3] < 0.4 * forest[3] && water[4] < 0.5 * forest[4])
    #expect(forest[2] < cropland[2] && cropland[2] < town[2])
    #expect(town[3] < forest[3] && town[0] > 1.15 * cropland[0])
    if region == "region-b" { #expect(water[0] > 400, "\(water)") }
  }
}
