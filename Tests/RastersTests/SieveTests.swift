import Foundation
import Rasters
import TestRasters
import Testing

@Suite("Removing small regions from a raster of classes")
struct SieveTests {
  private let scratch = Scratch()
  private static let none: UInt8 = 255

  private func sieved(_ values: [UInt8], width: Int, smallest: Int) throws -> [UInt8] {
    let path = try scratch.raster(
      "\(UUID().uuidString).tif", grid: utmGrid(width, values.count / width), bands: [values],
      options: .init(type: .byte, bandNames: ["class"], noData: Double(Self.none)))
    try Sieve.apply(to: path, smallest: smallest)
    let file = try RasterFile(path: path)
    return try file.readValues(file.grid.bounds, band: 1)
  }

  /// The regions of a map in the order of their first pixels.
  private struct Regions {
    /// The region of each pixel; nil for no data.
    private(set) var ofPixels: [Int?]
    private(set) var sizes: [Int] = []
    private(set) var beside: [Set<Int>] = []

    init(_ map: [UInt8], width: Int) {
      func sides(_ place: Int) -> [Int] {
        let column = place % width
        return [
          place - width, place + width, column > 0 ? place - 1 : -1, column < width - 1 ? place + 1 : -1,
        ].filter { map.indices.contains($0) && map[$0] != SieveTests.none }
      }
      ofPixels = Array(repeating: nil, count: map.count)
      for start in map.indices where map[start] != SieveTests.none && ofPixels[start] == nil {
        var open = [start]
        ofPixels[start] = sizes.count
        var size = 0
        while let place = open.popLast() {
          size += 1
          for side in sides(place) where map[side] == map[place] && ofPixels[side] == nil {
            ofPixels[side] = sizes.count
            open.append(side)
          }
        }
        sizes.append(size)
      }
      beside = Array(repeating: [], count: sizes.count)
      for place in map.indices {
        guard let own = ofPixels[place] else { continue }
        beside[own].formUnion(sides(place).compactMap { ofPixels[$0] }.filter { $0 != own })
      }
    }
  }

  /// The sieve by its definition: one region after the other, all found anew each time.
  private func defined(_ values: [UInt8], width: Int, smallest: Int) -> [UInt8] {
    var map = values
    while true {
      let found = Regions(map, width: width)
      let small = found.sizes.indices.filter { found.sizes[$0] < smallest && !found.beside[$0].isEmpty }
      guard let region = small.min(by: { (found.sizes[$0], $0) < (found.sizes[$1], $1) }) else { return map }
      let largest = found.beside[region].min { (-found.sizes[$0], $0) < (-found.sizes[$1], $1) }!
      let value = map[found.ofPixels.firstIndex(of: largest)!]
      for place in map.indices where found.ofPixels[place] == region { map[place] = value }
    }
  }

  private func noise(_ count: Int, classes: UInt8, seed: Int) -> [UInt8] {
    var random = SeededNumbers(seed: seed)
    return (0..<count).map { _ in
      Int.random(in: 0..<8, using: &random) == 0 ? Self.none : UInt8.random(in: 0..<classes, using: &random)
    }
  }

  @Test(
    "The smallest region goes first, into the largest beside it, and on with what it is then",
    arguments: 1...6, [(classes: UInt8(2), smallest: 5), (3, 9), (5, 20)])
  func definition(seed: Int, of map: (classes: UInt8, smallest: Int)) throws {
    let values = noise(37 * 23, classes: map.classes, seed: seed)
    let result = try sieved(values, width: 37, smallest: map.smallest)
    #expect(result == defined(values, width: 37, smallest: map.smallest) && result != values)
  }

  @Test("Small regions among small ones alone become one", arguments: [2, 9, 64])
  func chequerboard(smallest: Int) throws {
    let values = (0..<100).map { place -> UInt8 in
      let (row, column) = (place / 10, place % 10)
      return (1...8).contains(row) && (1...8).contains(column) ? UInt8((row + column) % 2) : Self.none
    }
    let regions = Regions(try sieved(values, width: 10, smallest: smallest), width: 10)
    #expect(regions.sizes.allSatisfy { $0 >= smallest }, "\(regions.sizes)")
  }

  @Test("A map of several strips has no region too small but between no data, which stays", arguments: 1...3)
  func strips(seed: Int) throws {
    let (width, height) = (70, 600)
    let values = noise(width * height, classes: 4, seed: seed)
    let result = try sieved(values, width: width, smallest: 12)
    #expect(zip(values, result).allSatisfy { ($0 == Self.none) == ($1 == Self.none) })
    let regions = Regions(result, width: width)
    let small = regions.sizes.indices.filter { regions.sizes[$0] < 12 }
    #expect(small.allSatisfy { regions.beside[$0].isEmpty } && regions.sizes.count > small.count)
  }
}
