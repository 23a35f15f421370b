import Composites
import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Scenes on the grid of a composite")
struct CompositeScenesTests {
  private let scratch = Scratch()

  private func grid(_ column: Double = 0, _ row: Double = 0, width: Int = 90, height: Int = 70) throws -> Grid
  {
    Grid(
      width: width, height: height,
      transform: GeoTransform(originX: 600_000 + column * 10, originY: 5_200_000 - row * 10, pixelSize: 10),
      crs: try CRS.epsg(32632))
  }

  /// Writes a scene whose value follows from its place on the map.
  private func write(_ name: String, on grid: Grid, tile: Int = 64) throws -> String {
    let transform = try #require(grid.transform)
    let values = (0..<grid.width * grid.height).map { place -> Float in
      let centre = transform.apply(
        column: Double(place % grid.width) + 0.5, row: Double(place / grid.width) + 0.5)
      return Float((centre.x - 599_000) / 10 + (centre.y - 5_190_000) / 1000)
    }
    return try scratch.raster(
      name, grid: grid, bands: [values, values.map { -$0 }],
      options: .init(type: .float32, bandNames: ["a", "b"], noData: .nan, tileSize: tile))
  }

  private func open(_ path: String) throws -> Scene {
    try Scene(SceneSource(path: path), sensor: .custom(bands: ["a", "b"]), bands: ["a", "b"])
  }

  @Test(
    "Windows cover the grid once, from top to bottom, whatever the memory",
    arguments: [1, 1 << 20, 1 << 29, 8 << 30])
  func windows(memory: Int) throws {
    let grid = try grid(width: 900, height: 700)
    let paths = try [write("one.tif", on: grid), write("two.tif", on: grid, tile: 256)]
    let scenes = try CompositeScenes(count: 2, on: grid) { try open(paths[$0]) }
    let windows = scenes.windows(memory: memory)
    var seen = [Int](repeating: 0, count: grid.bounds.pixelCount)
    for window in windows {
      for row in window.rows { for column in window.columns { seen[row * 900 + column] += 1 } }
    }
    #expect(seen.allSatisfy { $0 == 1 } && windows.map(\.row) == windows.map(\.row).sorted())
    if memory == 8 << 30 {
      #expect(windows.allSatisfy { $0.width == 900 && $0.height == 256 || $0.row > 500 })
    }
  }

  @Test(
    "Scenes on the grid's pixels are read as they are, others are interpolated, beyond them nothing is valid")
  func readings() throws {
    let grid = try grid()
    let paths = try [
      write("same.tif", on: grid), write("moved.tif", on: self.grid(30, -20)),
      write("half.tif", on: self.grid(0.5, 0.25)), write("far.tif", on: self.grid(5000)),
    ]
    let scenes = try CompositeScenes(count: paths.count, on: grid) { try open(paths[$0]) }
    for window in [grid.bounds, Window(column: 20, row: 30, width: 33, height: 17)] {
      let blocks = try scenes.read(window)
      let whole = try #require(blocks[0])
      #expect(whole.valid.allSatisfy(\.self) && blocks[3] == nil)
      for place in [1, 2] {
        let block = try #require(blocks[place])
        for (pixel, isValid) in block.valid.enumerated() {
          let (column, row) = (window.column + pixel % window.width, window.row + pixel / window.width)
          if place == 1 {
            // Its ground begins 30 columns further right and 20 rows further up.
            #expect(isValid == (column >= 30 && row < 50))
            if isValid { #expect(block.values[pixel] == whole.values[pixel]) }
          } else if isValid {
            // Linear values are the same wherever they are interpolated, but at the rim.
            let isInside = column > 1 && row > 1 && column < 88 && row < 68
            #expect(!isInside || abs(block.values[pixel] - whole.values[pixel]) < 0.02)
          }
        }
      }
    }
    let hidden = try scenes.hiddenShares()
    #expect(hidden[0] == 0 && hidden[3] == 1 && hidden[1] > 0.3 && hidden[1] < 0.7)
  }

  @Test("A scene without a place is refused for a grid that has one")
  func unplaced() throws {
    let plain = try scratch.raster(
      "plain.tif", grid: Grid(width: 4, height: 4),
      bands: [[Float]](repeating: Array(repeating: 1, count: 16), count: 2),
      options: .init(type: .float32, bandNames: ["a", "b"], noData: .nan))
    let error = #expect(throws: RasterError.self) {
      _ = try CompositeScenes(count: 1, on: try grid()) { _ in try open(plain) }
    }
    #expect(error?.path == plain)
  }
}
