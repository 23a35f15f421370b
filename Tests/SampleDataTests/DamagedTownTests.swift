import Foundation
import Rasters
import SampleData
import Testing

/// The committed pictures and labels of the damaged town.
@Suite("Damaged town")
struct DamagedTownTests {
  static let region = SampleDatasetTests.committed + "/region-c"
  static let quarters = [("west", "damage_west"), ("east", "truth_damage_east")]

  private func bands(_ name: String) throws -> [[UInt8]] {
    let file = try RasterFile(path: "\(Self.region)/\(name).tif")
    return try file.bands.map { try file.readValues(file.grid.bounds, band: $0.index) }
  }

  @Test("every level of damage is common in both quarters, and every pixel has one", arguments: quarters)
  func levels(quarter: String, labels: String) throws {
    let levels = try bands(labels)[0]
    let shares = (0...5).map { level in Double(levels.count { $0 == level }) / Double(levels.count) }
    #expect(shares[0] == 0)
    #expect((0.65...0.78).contains(shares[1]), "\(shares)")
    #expect(shares[2] > shares[3], "\(shares)")
    #expect(shares[3...5].allSatisfy { $0 > 0.03 }, "\(shares)")
  }

  @Test("the quarters are neighbours of half-metre pixels, and labels lie on the pictures' grid")
  func grids() throws {
    let grids = try Self.quarters.map { quarter, labels in
      let grid = try RasterFile(path: "\(Self.region)/\(labels).tif").grid
      for date in ["2024-03-02", "2024-04-11"] {
        let picture = try RasterFile(path: "\(Self.region)/aerial/\(quarter)_\(date).tif")
        #expect(picture.grid.isSame(as: grid), "\(quarter) \(date)")
        #expect(picture.bands.map(\.description) == ["red", "green", "blue"])
      }
      return grid
    }
    let (west, east) = (try #require(grids[0].transform), try #require(grids[1].transform))
    #expect(east.originX == west.originX + 0.5 * Double(grids[0].width))
    #expect(east.originY == west.originY)
  }

  @Test("roofs change more the worse they are hit, and gardens as much as some of them", arguments: quarters)
  func changes(quarter: String, labels: String) throws {
    let levels = try bands(labels)[0]
    let before = try bands("aerial/\(quarter)_2024-03-02")
    let after = try bands("aerial/\(quarter)_2024-04-11")
    let change = (1...5).map { level -> Double in
      let pixels = levels.indices.filter { levels[$0] == level }
      let sum = pixels.reduce(0.0) { sum, pixel in
        (0..<3).reduce(sum) { $0 + abs(Double(after[$1][pixel]) - Double(before[$1][pixel])) }
      }
      return sum / Double(3 * pixels.count)
    }
    #expect(change[1] < change[2] && change[2] < change[3] && change[3] < change[4], "\(change)")
    // A threshold on the difference would find damage in every garden.
    #expect(change[0] > 0.8 * change[2], "\(change)")
  }
}
