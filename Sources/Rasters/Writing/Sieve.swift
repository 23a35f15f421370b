import CGDAL

/// Removes small regions from a raster of classes.
public enum Sieve {
  /// Gives regions of fewer pixels the value of the largest region beside them: specks and holes alike.
  ///
  /// Regions touch along sides of pixels. No data stays as it is and takes no part.
  ///
  /// - Parameters:
  ///   - path: a raster of bytes with one band, which is changed.
  ///   - smallest: pixels of the smallest region that stays.
  /// - Throws: what opening throws; `inputOutput` or `diskFull` naming the path.
  /// - Source: GDAL's GDALSieveFilter.
  public static func apply(to path: String, smallest: Int) throws(RasterError) {
    let raster = try Dataset.open(
      path, flags: GDAL_OF_RASTER | GDAL_OF_UPDATE, drivers: ["GTiff"], attempted: "open the raster")
    let band = raster.band(1)
    try GDALErrors.attempt("remove small regions", path: path, code: .inputOutput, strict: true) {
      GDALSieveFilter(band, GDALGetMaskBand(band), band, Int32(smallest), 4, nil, nil, nil) == CE_None
        ? () : nil
    }
    try raster.close(attempted: "finish the raster")
  }
}
