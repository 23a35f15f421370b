import Foundation
import Rasters

/// Heights of the ground from a raster, or from a directory of rasters, on any grids.
///
/// A value of this class belongs to one thread at a time.
package final class ElevationModel {
  /// The raster or the directory.
  package let path: String
  /// The rasters.
  package let files: [String]
  /// From the smallest cells on: where sheets overlap the first one that knows a height counts.
  let sheets: [ElevationSheet]
  /// Heights that there can be; what lies outside means no data, and the file should say so.
  private let possible: ClosedRange<Float>
  private var open: [String: RasterFile] = [:]

  /// The most rasters that stay open, and the most cells that are read at once.
  private static let mostOpen = 8, mostCells = 256 << 20

  /// Finds the rasters and reads where they lie.
  ///
  /// - Parameter possible: heights that the model can have, in metres.
  /// - Throws: `unreadable` where a directory has no raster; `noCRS` naming a raster without position or
  ///   system; `unsupported` for one of several bands; what opening them throws.
  package convenience init(_ path: String) throws(RasterError) {
    try self.init(path, possible: -1_000...10_000)
  }

  /// Opens a model of the geoid: metres from the ellipsoid to mean sea level.
  ///
  /// - Throws: as ``init(_:)``.
  package convenience init(geoid path: String) throws(RasterError) {
    try self.init(path, possible: -200...200)
  }

  private init(_ path: String, possible: ClosedRange<Float>) throws(RasterError) {
    (self.path, self.possible) = (path, possible)
    files = try Self.rasters(at: path)
    var sheets: [ElevationSheet] = []
    for file in files {
      let raster = try RasterFile(path: file)
      guard raster.measuredBands.count == 1 else {
        throw RasterError(
          .unsupported, "read heights", path: file,
          cause: "it has \(raster.measuredBands.count) bands, where one is wanted")
      }
      if sheets.indices.contains(where: { sheets[$0].takeIn(file, raster.grid) }) { continue }
      guard let sheet = ElevationSheet(file, raster.grid) else {
        throw RasterError(.noCRS, "read heights", path: file, cause: "it has no position on the map")
      }
      sheets.append(sheet)
    }
    self.sheets = sheets.sorted { $0.transform.pixelArea < $1.transform.pixelArea }
  }

  /// The rasters that a path stands for, by name.
  ///
  /// - Throws: `notFound` or `inputOutput` where it cannot be listed; `unreadable` for a directory without
  ///   rasters.
  package static func rasters(at path: String) throws(RasterError) -> [String] {
    try InputPath.refuseVirtual(path, to: "read heights")
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), isDirectory.boolValue
    else {
      return [path]
    }
    let files = try InputPath.names(in: path)
      .filter { name in
        !name.hasPrefix(".") && InputPath.rasterExtensions.contains { name.lowercased().hasSuffix("." + $0) }
      }
      .map { path + "/" + $0 }
    guard !files.isEmpty else {
      throw RasterError(.unreadable, "read heights", path: path, cause: "no raster file in the directory")
    }
    for file in files { try InputPath.checkInside(path, file) }
    return files
  }

  /// Reads the heights of a window of a sheet.
  ///
  /// - Throws: `unsupported` naming the raster, where a height cannot be one; `tooLarge`; what reading
  ///   throws.
  func patch(_ window: Window, of sheet: ElevationSheet) throws(RasterError) -> ElevationPatch {
    guard window.pixelCount <= Self.mostCells else {
      throw RasterError(
        .tooLarge, "read heights", path: path,
        cause:
          "its cells are far smaller than the image's pixels: \(window.width) x \(window.height) at once; "
          + "bring it to larger ones")
    }
    var values = [Float](repeating: .nan, count: window.pixelCount)
    for tile in sheet.tiles(in: window) {
      guard let part = tile.window.intersection(window) else { continue }
      let own = part.offset(columns: -tile.window.column, rows: -tile.window.row)
      let heights = try raster(tile.path).read(own, band: 1)
      for row in 0..<part.height {
        let start = (part.row - window.row + row) * window.width + part.column - window.column
        for column in 0..<part.width {
          let height = heights[row * part.width + column]
          guard !height.isNaN else { continue }
          guard possible.contains(height) else {
            throw RasterError(
              .unsupported, "read heights", path: tile.path,
              cause: "\(height) m is no height; its no-data value must be stated in the file")
          }
          values[start + column] = height
        }
      }
    }
    return ElevationPatch(window: window, values: values)
  }

  private func raster(_ path: String) throws(RasterError) -> RasterFile {
    if let known = open[path] { return known }
    let file = try RasterFile(path: path)
    if open.count >= Self.mostOpen { open = [:] }
    open[path] = file
    return file
  }
}

@available(*, unavailable)
extension ElevationModel: Sendable {}
