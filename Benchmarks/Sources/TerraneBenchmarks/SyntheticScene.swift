import Foundation
import Rasters
import Tensors

/// A scene of waves and noise, 13 bands of Sentinel-2 level 1C in uint16, in a temporary file.
struct SyntheticScene {
  static let sensor = Sensor.sentinel2L1C
  let url: URL
  let grid: Grid

  var bands: [String] { Self.sensor.bands.map(\.name) }

  /// Writes the scene; the same side gives the same pixels.
  init(side: Int) throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("terrane-benchmark-\(getpid()).tif")
    grid = Grid(width: side, height: side, transform: GeoTransform(originX: 0, originY: 0, pixelSize: 10))
    let writer = try RasterWriter(
      path: url.path, grid: grid,
      options: .init(type: .uint16, bandNames: Self.sensor.bands.map(\.name), noData: 0))
    var random = RandomSource(seed: 1, stream: "benchmark")
    for band in 1...Self.sensor.bands.count {
      let values = (0..<side * side).map { index -> UInt16 in
        let (row, column) = (Double(index / side), Double(index % side))
        return UInt16(2000 + 800 * sin(row / 40) * cos(column / (20 + Double(band))) + 200 * random.uniform())
      }
      try writer.write(grid.bounds, band: band, values)
    }
    try writer.close()
  }

  func open() throws -> Scene {
    try Scene(SceneSource(path: url.path), sensor: Self.sensor, bands: bands)
  }

  func remove() { try? FileManager.default.removeItem(at: url) }
}
