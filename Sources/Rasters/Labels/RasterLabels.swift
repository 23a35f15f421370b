import CGDAL

/// Labels from a raster: read as they are where the grids agree, warped with nearest neighbour where they do
/// not.
final class RasterLabels: LabelLayer {
  private let file: RasterFile
  private let key: LabelKey
  private let grid: Grid
  private let needsWarp: Bool
  let extent: Window?

  init(_ source: LabelSource, key: LabelKey, on grid: Grid) throws(RasterError) {
    let file = try RasterFile(path: source.path)
    guard file.measuredBands.count == 1 else {
      throw RasterError(
        .unsupported, "read the labels", path: source.path,
        cause: "\(file.measuredBands.count) bands where labels have one")
    }
    self.file = file
    self.key = key
    self.grid = grid
    guard let difference = file.grid.difference(from: grid) else {
      needsWarp = false
      extent = grid.bounds
      return
    }
    guard file.grid.transform != nil, grid.transform != nil, (file.grid.crs == nil) == (grid.crs == nil)
    else {
      throw RasterError(.gridMismatch, "lay the labels on the scene", path: source.path, cause: difference)
    }
    needsWarp = true
    extent = try MapProjection.extent(of: file.grid, on: grid)
    if extent == nil {
      throw RasterError(
        .noLabels, "lay the labels on the scene", path: source.path, cause: "they lie outside of it")
    }
  }

  func read(_ window: Window) throws(RasterError) -> [UInt8] {
    let index = file.measuredBands[0].index
    if !needsWarp {
      let values: [Double] = try file.readValues(window, band: index)
      var indices = classIndices(values)
      try file.readMask(window, bands: [index]) { indices[$0] = Labels.unlabelled }
      return indices
    }
    return classIndices(try warp(window))
  }

  private func classIndices(_ values: [Double]) -> [UInt8] {
    let noData = file.measuredBands[0].noData
    return values.map { $0 == noData ? Labels.unlabelled : key.index(of: $0) ?? Labels.unlabelled }
  }

  /// Brings the labels to a window of the scene; pixels that nothing falls on hold a value that is no class.
  private func warp(_ window: Window) throws(RasterError) -> [Double] {
    let nowhere = -1.0
    let target = try Dataset.inMemory(width: window.width, height: window.height, bands: 1, type: GDT_Float64)
    try target.setGrid(grid.forWindow(window))
    let band = target.band(1)
    return try GDALErrors.attempt("warp the labels to \(window)", path: file.path, code: .gridMismatch) {
      var values = [Double](repeating: nowhere, count: window.pixelCount)
      guard GDALFillRaster(band, nowhere, 0) == CE_None, GDALSetRasterNoDataValue(band, nowhere) == CE_None,
        GDALReprojectImage(
          file.dataset.handle, file.grid.crs?.wkt, target.handle, grid.crs?.wkt, GRA_NearestNeighbour, 0, 0,
          nil, nil, nil) == CE_None,
        GDALRasterIO(
          band, GF_Read, 0, 0, Int32(window.width), Int32(window.height), &values, Int32(window.width),
          Int32(window.height), GDT_Float64, 0, 0) == CE_None
      else { return nil }
      return values
    }
  }
}
