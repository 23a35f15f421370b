import Classes
import Foundation
import Products
import Rasters
import Runs
import Scenes

/// The class maps of two dates that inference left, on the grid of the earlier one.
package struct ClassMaps {
  /// The difference between the grids, in words; nil where they are the same.
  package let difference: String?
  private let context: JobContext
  /// The directory of maps that are brought to the grid.
  private let folder: URL

  /// Finds the maps of the context's two inputs.
  ///
  /// - Parameter folder: where maps go that are brought to the grid; made where one is.
  /// - Throws: `gridMismatch` where they have no ground in common.
  package init(_ context: JobContext, in folder: URL) throws {
    (self.context, self.folder) = (context, folder)
    let grids = try context.inputs.map {
      try RasterFile(path: context.layer("class map", of: $0) { $0 == .classIndices }.path).grid
    }
    difference = grids[0].differenceOfPlace(from: grids[1]) ?? grids[0].difference(from: grids[1])
    guard let difference else { return }
    guard grids[0].differenceOfPlace(from: grids[1]) == nil, grids[0].commonGround(with: grids[1]) != 0 else {
      throw RasterError(
        .gridMismatch, "compare \(context.inputs[0].job) with \(context.inputs[1].job)",
        cause: "they show no ground in common, as far as is known (\(difference))")
    }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  }

  /// Returns the class indices of both dates.
  ///
  /// - Throws: `gridMismatch` where one has no position.
  package func classes() throws -> (before: RasterFile, after: RasterFile) {
    try files("class map", noData: ClassIndex.none) { $0 == .classIndices }
  }

  /// Returns the confidences of both dates in percent.
  ///
  /// - Throws: `gridMismatch` where one has no position.
  package func confidences() throws -> (before: RasterFile, after: RasterFile) {
    try files("confidence", noData: Layer.noPercentage) { $0 == .percent }
  }

  /// Returns a map of both dates, the later one's by nearest neighbour where it lay on another grid.
  private func files(
    _ words: String, noData: UInt8, where holds: (Layer.Content) -> Bool
  ) throws -> (before: RasterFile, after: RasterFile) {
    let paths = try context.inputs.map { try context.layer(words, of: $0, where: holds) }
    let before = try RasterFile(path: paths[0].path)
    guard difference != nil else { return (before, try RasterFile(path: paths[1].path)) }
    let place = folder.appendingPathComponent(paths[1].lastPathComponent).path
    try resample(paths[1].path, to: before.grid, noData: noData, at: place)
    return (before, try RasterFile(path: place))
  }

  private func resample(_ path: String, to grid: Grid, noData: UInt8, at place: String) throws {
    let band = "map"
    let source = SceneSource(name: band, path: path, files: [path])
    let map = try ResampledScene(
      Scene(source, sensor: .custom(bands: [band]), bands: [band], bandOrder: [band]), on: grid,
      kernel: .nearest)
    let writer = try RasterWriter(
      path: place, grid: grid,
      options: .init(type: .byte, bandNames: [band], noData: Double(noData), compression: 1))
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      let block = try map.read(strip)
      try writer.write(strip, band: 1, zip(block.values, block.valid).map { $1 ? UInt8($0) : noData })
    }
    try writer.close()
  }
}
