import CGDAL
import Foundation
import Host

/// Turns a finished raster into a Cloud Optimized GeoTIFF.
///
/// The palette, the no-data value, band names and tags lie inside the file. Category names have no place
/// inside a TIFF: GDAL 3.6 accepts names and attribute tables for a GTiff and puts both into `<file>.aux.xml`
/// (and with GDAL_PAM_ENABLED=NO nowhere, without an error). So that side-car is written here, with nothing
/// but the names, for gdalinfo and QGIS; for every other reader they are also in the tags `CLASS_<value>`.
public enum CloudOptimizedGeoTIFF {
  /// The rule by which a pixel of an overview follows from those below it.
  public enum Overviews: String, Sendable, Hashable {
    /// One of the pixels: for classes and masks.
    case nearest = "NEAREST"
    /// The class that most of the pixels have.
    case mode = "MODE"
    /// The mean of the pixels below: for continuous values.
    case average = "AVERAGE"
  }

  /// The side of a block in pixels.
  public static let blockSize = 512

  /// Returns the name of the side-car that holds the category names of a class raster.
  public static func categoryFile(of path: String) -> String { path + ".aux.xml" }

  /// Writes the file. The same input gives the same bytes; no time is in them.
  ///
  /// The caller publishes the result: a file that is being written must not have its final
  /// name. GDAL makes a temporary file `<path>.ovr.tmp` beside it.
  ///
  /// - Parameters:
  ///   - source: a raster made by ``RasterWriter`` for this purpose; legend, tags and no-data value are set
  ///     on it first.
  ///   - legend: palette and names; the raster must then be one band of bytes.
  /// - Throws: `cannotCreate`, `diskFull`, `inputOutput` or `notVerified` naming the path.
  public static func write(
    source: String, to path: String, legend: Legend? = nil, overviews: Overviews,
    metadata: [String: String] = [:], noData: Double? = nil
  ) throws(RasterError) {
    try InputPath.refuseVirtual(path, to: "create the COG")
    let input = try Dataset.open(
      source, flags: GDAL_OF_RASTER | GDAL_OF_UPDATE, drivers: ["GTiff"], attempted: "open the raster")
    try GDALErrors.attempt("describe the raster", path: source, code: .inputOutput, strict: true) {
      let tags = metadata.merging(legend?.metadata ?? [:]) { own, _ in own }
      for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
        GDALSetMetadataItem(GDALMajorObjectH(input.handle.rawValue), name, value, nil)
      }
      for band in 1...input.bandCount {
        if let noData { GDALSetRasterNoDataValue(input.band(band), noData) }
      }
      if let legend { Palette.set(legend, on: input.band(1)) }
      GDALFlushCache(input.handle)
      return Optional(())
    }
    let grid = input.grid
    // What GDAL copies is the system that it reads, and of some it can write no more than a stand-in.
    let hasStandIn = [grid.crs, grid.geolocation?.crs].contains { system in
      system.flatMap { SpatialReference(wkt: $0.wkt) }?.standIn != nil
    }
    if hasStandIn { try input.setGrid(grid) }
    try copy(input, to: path, isClassRaster: legend != nil, overviews: overviews)
    try input.close(attempted: "close the raster")
    if let legend {
      let file = categoryFile(of: path)
      do throws(SystemError) {
        try RegularFile.write(Data(CategoryFile.text(names: legend.categoryNames).utf8), to: file)
      } catch {
        throw RasterError(error, "write the category names")
      }
    }
    try RasterFile.verify(path, against: RasterFile(path: source))
    try RasterFile.verify(path, liesOn: grid)
  }

  private static func copy(_ input: Dataset, to path: String, isClassRaster: Bool, overviews: Overviews)
    throws(RasterError)
  {
    let options = [
      // Neighbouring classes have no meaningful difference: a predictor would only hide their repetition.
      "COMPRESS=DEFLATE", "LEVEL=6", "PREDICTOR=\(isClassRaster ? "NO" : "YES")", "BLOCKSIZE=\(blockSize)",
      "OVERVIEW_RESAMPLING=\(overviews.rawValue)", "OVERVIEWS=IGNORE_EXISTING", "BIGTIFF=IF_SAFER",
      // Blocks are written in order whoever compressed them: the bytes do not depend on it.
      "NUM_THREADS=\(GDALLibrary.threads)",
    ]
    WatchedFiles.forget(path)
    let handle = try GDALErrors.attempt("create the COG", path: path, code: .cannotCreate, strict: true) {
      StringList.with(options) { list in
        GDALCreateCopy(
          GDALGetDriverByName("COG"), WatchedFiles.name(of: path), input.handle, 0, list.mutable, nil, nil)
      }
    }
    try Dataset(adopting: handle, path: path).close(attempted: "finish the COG")
  }
}
