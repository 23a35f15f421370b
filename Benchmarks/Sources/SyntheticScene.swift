import Foundation
import Numerics
import Rasters
import Scenes
import Tensors

/// A scene of waves and noise, 13 bands of Sentinel-2 level 1C in uint16, that repeats itself every 1,024 pixels.
struct SyntheticScene {
  static let sensor = Sensor.sentinel2L1C
  private static let period = 1024
  let url: URL

  /// Writes the scene, a multiple of 1,024 pixels a side; the same side gives the same pixels.
  init(side: Int, in folder: URL) throws {
    url = folder.appendingPathComponent("scene-\(side).tif")
    let grid = Grid(
      width: side, height: side, transform: GeoTransform(originX: 500_000, originY: 5_000_000, pixelSize: 10),
      crs: try CRS("EPSG:32633"))
    let writer = try RasterWriter(
      path: url.path, grid: grid,
      options: .init(type: .uint16, bandNames: Self.sensor.bands.map(\.name), noData: 0))
    let pattern = Self.pattern()
    for row in stride(from: 0, to: side, by: Self.period) {
      for column in stride(from: 0, to: side, by: Self.period) {
        let window = Window(column: column, row: row, width: Self.period, height: Self.period)
        for (band, values) in pattern.enumerated() { try writer.write(window, band: band + 1, values) }
      }
    }
    try writer.close()
  }

  private static func pattern() -> [[UInt16]] {
    var random = RandomSource(seed: 1, stream: "benchmark")
    return sensor.bands.indices.map { band in
      (0..<period * period).map { index in
        let (row, column) = (Double(index / period), Double(index % period))
        return UInt16(
          2000 + 800 * sin(row / 40) * cos(column / (20 + Double(band))) + 200 * random.uniform())
      }
    }
  }
}
