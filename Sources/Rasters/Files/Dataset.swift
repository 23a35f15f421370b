import CGDAL
import Foundation
import Host

/// The one owner of a GDAL dataset handle, which it closes when it goes.
///
/// A GDAL dataset must not be used by two threads at a time; open one for each.
package final class Dataset {
  package let handle: GDALDatasetH
  package let path: String
  private var isOpen = true

  /// Takes over a handle that GDAL has just created.
  package init(adopting handle: GDALDatasetH, path: String) {
    self.handle = handle
    self.path = path
  }

  deinit {
    if isOpen { _ = GDALErrors.collect { GDALClose(handle) } }
  }

  /// Opens an existing file; only drivers of the list are tried. One that is opened to be changed is written
  /// through ``WatchedFiles``.
  static func open(
    _ path: String, flags: Int32, drivers: [String], options: [String] = [], attempted: String
  ) throws(RasterError) -> Dataset {
    GDALLibrary.start()
    let absolute = try InputPath.checkedFile(path, to: attempted)
    try InputFiles.checkParts(of: absolute, to: attempted)
    try checkDescriptors(for: absolute, attempted)
    try EmbeddedDefinitions.check(absolute, path: path)
    let isChanged = flags & GDAL_OF_UPDATE != 0
    if isChanged { WatchedFiles.forget(absolute) }
    let name = isChanged ? WatchedFiles.name(of: absolute) : absolute
    let (handle, errors) = GDALErrors.collect {
      StringList.with(drivers) { list in
        StringList.with(options) { options in
          GDALOpenEx(name, UInt32(flags | GDAL_OF_VERBOSE_ERROR), list.constant, options.constant, nil)
        }
      }
    }
    if let handle { return Dataset(adopting: handle, path: isChanged ? absolute : path) }
    throw RasterError(
      looksLikeVRT(absolute) ? .unsupported : errors.systemCode ?? .unreadable, attempted, path: path,
      cause: looksLikeVRT(absolute)
        ? "a VRT, which can point at any other file; allow it in the pipeline file" : errors.text)
  }

  /// Checks that enough file descriptors are left: of a file that they may not open GDAL and PROJ say that it
  /// is damaged, or that it has no system.
  private static func checkDescriptors(for path: String, _ attempted: String) throws(RasterError) {
    do throws(SystemError) {
      try RegularFile(path).checkSpareDescriptors(4)
    } catch {
      throw RasterError(error, attempted)
    }
  }

  /// Returns an empty raster in memory.
  package static func inMemory(width: Int, height: Int, bands: Int, type: GDALDataType) throws(RasterError)
    -> Dataset
  {
    GDALLibrary.start()
    let what = "make room for \(width) x \(height) pixels"
    let handle = try GDALErrors.attempt(what, path: nil, code: .tooLarge) {
      GDALCreate(GDALGetDriverByName("MEM"), "", Int32(width), Int32(height), Int32(bands), type, nil)
    }
    return Dataset(adopting: handle, path: "memory")
  }

  /// Closes now, and fails if anything that was still to be written could not be.
  ///
  /// `GDALClose` returns nothing in GDAL 3.6, and what it raises is not all that failed: ``WatchedFiles``
  /// knows the rest.
  func close(attempted: String) throws(RasterError) {
    guard isOpen else { return }
    isOpen = false
    try WatchedFiles.attempt(attempted, path: path, code: .inputOutput) {
      GDALFlushCache(handle)
      GDALClose(handle)
      return Optional(())
    }
  }

  /// Returns a band by GDAL's index from 1; traps on an index that the dataset has not.
  package func band(_ index: Int) -> GDALRasterBandH {
    precondition((1...bandCount).contains(index), "band \(index) of \(bandCount) in \(path)")
    return GDALGetRasterBand(handle, Int32(index))!
  }

  /// GDAL's short name of the format.
  var driverName: String {
    GDALGetDatasetDriver(handle).flatMap { GDALGetDriverShortName($0) }.map { String(cString: $0) }
      ?? "unknown"
  }

  /// Bytes of the file.
  var storedBytes: Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  package var bandCount: Int { Int(GDALGetRasterCount(handle)) }
  package var width: Int { Int(GDALGetRasterXSize(handle)) }
  package var height: Int { Int(GDALGetRasterYSize(handle)) }

  /// Size, position and system; ground control points are no position.
  package var grid: Grid {
    let crs = CRS(borrowing: GDALGetSpatialRef(handle))
    var coefficients = [Double](repeating: 0, count: 6)
    let found = GDALErrors.collect { GDALGetGeoTransform(handle, &coefficients) }.result == CE_None
    let isUsable = found && coefficients.allSatisfy(\.isFinite)
    let transform = isUsable ? GeoTransform(coefficients) : nil
    let mayBePlaced = transform.map { $0.determinant != 0 } ?? false
    if mayBePlaced, let transform, !transform.isPixelCoordinates {
      return Grid(width: width, height: height, transform: transform, crs: crs)
    }
    let geolocation = GDALErrors.collect { Geolocation(of: handle, path: path) }.result
    return Grid(
      width: width, height: height, transform: mayBePlaced && geolocation == nil ? transform : nil, crs: crs,
      geolocation: geolocation)
  }

  /// Sets position and system on a dataset that is being created.
  package func setGrid(_ grid: Grid) throws(RasterError) {
    if let transform = grid.transform {
      var coefficients = transform.coefficients
      try GDALErrors.attempt("set the position", path: path, code: .cannotCreate) {
        GDALSetGeoTransform(handle, &coefficients) == CE_None ? () : nil
      }
    }
    let isTIFF = driverName == "GTiff"
    let writable = { (system: SpatialReference) in isTIFF ? system.standIn ?? system : system }
    if let crs = grid.crs, let reference = SpatialReference(wkt: crs.wkt) {
      let system = writable(reference)
      try GDALErrors.attempt("set the coordinate reference system", path: path, code: .cannotCreate) {
        withExtendedLifetime(system) { GDALSetSpatialRef(handle, system.handle) } == CE_None ? () : nil
      }
    }
    if let geolocation = grid.geolocation {
      try GDALErrors.attempt("set the control points", path: path, code: .cannotCreate) {
        geolocation.set(on: handle, as: writable) ? () : nil
      }
    }
  }

  /// Returns whether the file begins like a VRT, whatever its name says.
  static func looksLikeVRT(_ path: String) -> Bool {
    guard let file = try? RegularFile(path) else { return false }
    return (try? looksLikeVRT(file)) ?? false
  }

  /// Returns whether a file begins like a VRT: GDAL looks at as many bytes.
  static func looksLikeVRT(_ file: borrowing RegularFile) throws(SystemError) -> Bool {
    try file.read(1024, at: 0).range(of: Data("<VRTDataset".utf8)) != nil
  }
}
