import Foundation
import Rasters
import Testing

/// A directory of one test, removed with it.
package final class Scratch {
  package let path: String

  package init() {
    path = NSTemporaryDirectory() + "terrane-rasters-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the directory.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Writes a text file.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    return file(name)
  }

  /// A sub-directory, made on the spot.
  package func directory(_ name: String) throws -> String {
    try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    return file(name)
  }

  /// The names in the directory, hidden ones too.
  package var entries: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// Writes a GeoTIFF; `bands` holds `[C][H, W]`.
  @discardableResult
  package func raster<Element: RasterElement>(
    _ name: String, grid: Grid, bands: [[Element]], options: RasterWriter.Options
  ) throws -> String {
    let writer = try RasterWriter(path: file(name), grid: grid, options: options)
    for (index, values) in bands.enumerated() { try writer.write(grid.bounds, band: index + 1, values) }
    try writer.close()
    return file(name)
  }
}

/// The same numbers for the same seed on every machine (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64
  package init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

package let utm = try! CRS.epsg(32632)
package let north = GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10)
package func utmGrid(_ width: Int, _ height: Int) -> Grid {
  Grid(width: width, height: height, transform: north, crs: utm)
}

extension Labels {
  /// How many pixels each class has on the grid, by class index.
  package func counts() throws -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    if let bounds = try bounds() {
      for index in try read(bounds) { counts[Int(index)] += 1 }
    }
    return Array(counts.prefix(classes.count))
  }
}
