import CGDAL

/// A raster of measured values brought to another grid, window by window.
///
/// A pixel is valid where the raster's values around it are; what lies outside of it is not.
public final class ResampledRaster {
  /// How values between pixels come about.
  public enum Kernel: String, Sendable {
    /// From the four pixels around; the mean of what it covers where pixels become larger.
    case bilinear
    /// From the sixteen pixels around: edges stay sharper.
    case cubic

    fileprivate var algorithm: GDALResampleAlg { self == .bilinear ? GRA_Bilinear : GRA_Cubic }
  }

  private let file: RasterFile
  private let grid: Grid
  private let kernel: Kernel

  /// Opens a raster whose bands are floating point with NaN as no data.
  ///
  /// - Parameters:
  ///   - grid: the grid that it is read on.
  ///   - down: how many of that grid's rows further down than it should the raster's ground lies, which is put right.
  ///   - right: likewise of columns.
  /// - Throws: `gridMismatch` where one of the two has a position or a reference system that the other lacks; what
  ///   `RasterFile.init` throws.
  public init(path: String, on grid: Grid, down: Double = 0, right: Double = 0, kernel: Kernel)
    throws(RasterError)
  {
    file = try RasterFile(path: path)
    guard let transform = grid.transform, file.grid.transform != nil,
      (file.grid.crs == nil) == (grid.crs == nil)
    else {
      throw RasterError(
        .gridMismatch, "bring the raster to another grid", path: path,
        cause: file.grid.difference(from: grid) ?? "neither has a position on the map")
    }
    // Reading from where the ground lies brings it to where it should.
    let (x, y) = transform.apply(column: right, row: down)
    self.grid = Grid(
      width: grid.width, height: grid.height,
      transform: GeoTransform(
        originX: x, columnX: transform.columnX, rowX: transform.rowX, originY: y,
        columnY: transform.columnY, rowY: transform.rowY), crs: grid.crs)
    self.kernel = kernel
  }

  /// Reads a window of the grid.
  ///
  /// - Throws: `gridMismatch` naming the file, where positions cannot be transformed.
  public func read(_ window: Window) throws(RasterError) -> PixelBlock {
    let (count, bands) = (window.pixelCount, file.bands.count)
    let target = try Dataset.inMemory(
      width: window.width, height: window.height, bands: bands, type: GDT_Float32)
    try target.setGrid(grid.forWindow(window))
    var values = try GDALErrors.attempt(
      "resample to \(window)", path: file.path, code: .gridMismatch
    ) { () -> [Float]? in
      var values = [Float](repeating: .nan, count: bands * count)
      for band in 1...bands {
        guard GDALSetRasterNoDataValue(target.band(band), .nan) == CE_None,
          GDALFillRaster(target.band(band), .nan, 0) == CE_None
        else { return nil }
      }
      guard
        GDALReprojectImage(
          file.dataset.handle, file.grid.crs?.wkt, target.handle, grid.crs?.wkt, kernel.algorithm, 0, 0, nil,
          nil, nil) == CE_None
      else { return nil }
      for band in 1...bands {
        let isRead = values.withUnsafeMutableBufferPointer { buffer in
          GDALRasterIO(
            target.band(band), GF_Read, 0, 0, Int32(window.width), Int32(window.height),
            buffer.baseAddress! + (band - 1) * count, Int32(window.width), Int32(window.height), GDT_Float32,
            0, 0)
            == CE_None
        }
        guard isRead else { return nil }
      }
      return values
    }
    var valid = [Bool](repeating: true, count: count)
    for band in 0..<bands {
      for pixel in 0..<count where !values[band * count + pixel].isFinite { valid[pixel] = false }
    }
    for band in 0..<bands {
      for pixel in 0..<count where !valid[pixel] { values[band * count + pixel] = 0 }
    }
    return PixelBlock(
      width: window.width, height: window.height, bandCount: bands, values: values, valid: valid)
  }
}

@available(*, unavailable)
extension ResampledRaster: Sendable {}
