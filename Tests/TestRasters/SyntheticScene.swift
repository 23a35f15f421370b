import Foundation
import Rasters
import Scenes

/// A directory with GeoTIFFs of one test, removed with it.
package final class SyntheticScene: @unchecked Sendable {
  package let directory: URL
  package let grid: Grid
  private let bands: Int

  /// A scene of float bands `[C][H, W]` without offset or scale; NaN is no data.
  package init(
    width: Int, height: Int, bands: Int,
    transform: GeoTransform = GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
    _ value: (_ band: Int, _ row: Int, _ column: Int) -> Float
  ) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-chips-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    grid = Grid(
      width: width, height: height, transform: transform, crs: try CRS.epsg(32632))
    self.bands = bands
    let writer = try RasterWriter(
      path: directory.appendingPathComponent("scene.tif").path, grid: grid,
      options: .init(type: .float32, bandNames: Self.names(bands)))
    for band in 0..<bands {
      let values = (0..<width * height).map { value(band, $0 / width, $0 % width) }
      try writer.write(grid.bounds, band: band + 1, values)
    }
    try writer.close()
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  package static func names(_ count: Int) -> [String] { (0..<count).map { "a\($0)" } }

  /// Opens the scene.
  @Sendable package func open() throws -> Scene {
    let names = Self.names(bands)
    return try Scene(
      SceneSource(path: directory.appendingPathComponent("scene.tif").path), sensor: .custom(bands: names),
      bands: names)
  }
}
