import CGDAL

extension RasterFile {
  /// Opens a file that was just written and reads every block of it, those of its overviews too.
  ///
  /// After a full disk GDAL reopens a torn file without an error: only reading the pixels shows it.
  ///
  /// - Throws: `notVerified` naming the file, with the band and rows that cannot be read.
  public static func verify(_ path: String) throws(RasterError) {
    try verifying(path) { file throws(RasterError) in
      for band in file.bands {
        for part in file.parts(of: band) { let _: [Float] = try file.readValues(part, band: band.index) }
        try file.readOverviews(of: band)
      }
    }
  }

  /// Opens a file that was just written, reads every block of it, and compares the pixels with those of
  /// another file of the same grid, bands and types.
  ///
  /// - Throws: as ``verify(_:)``, with the rows that differ.
  package static func verify(_ path: String, against source: RasterFile) throws(RasterError) {
    try verifying(path) { file throws(RasterError) in
      for band in file.bands {
        let type = GDALGetRasterDataType(file.dataset.band(band.index))
        for part in file.parts(of: band) {
          let wanted = try WrittenWindow.values(part, band: band.index, type, of: source)
          let found = try WrittenWindow.values(part, band: band.index, type, of: file)
          guard wanted == found else {
            throw RasterError(
              .notVerified, "verify the output", path: path,
              cause: "band \(band.index), \(part): what is read is not what was written")
          }
        }
        try file.readOverviews(of: band)
      }
    }
  }

  /// Returns the windows that a band is read in from top to bottom, whole blocks of some MB each.
  private func parts(of band: RasterBand) -> some Sequence<Window> {
    let rows = max(band.blockSize.height, (4 << 20) / max(1, grid.width * band.bytesPerPixel))
    return grid.bounds.parts(
      alongBlocks: band.blockSize, height: rows / band.blockSize.height * band.blockSize.height,
      limit: 16 << 20)
  }

  /// Opens a file that was just written for `check`, whose failures are those of the output.
  static func verifying(_ path: String, _ check: (RasterFile) throws(RasterError) -> Void) throws(RasterError)
  {
    do throws(RasterError) {
      try check(RasterFile(path: path))
    } catch {
      if error.code == .inputOutput { throw error }
      throw RasterError(.notVerified, "verify the output", path: path, cause: error.cause ?? error.attempted)
    }
  }

  /// Reads the overviews row by row. Only for a file of our own: elsewhere, asking for overviews may lead to
  /// other files.
  private func readOverviews(of band: RasterBand) throws(RasterError) {
    let handle = dataset.band(band.index)
    for level in 0..<GDALGetOverviewCount(handle) {
      try GDALErrors.attempt("read overview \(level) of band \(band.index)", path: path, code: .unreadable) {
        () -> Void? in
        guard let overview = GDALGetOverview(handle, level) else { return nil }
        let (width, height) = (GDALGetRasterBandXSize(overview), GDALGetRasterBandYSize(overview))
        let most = Int32(1 << 20)
        var part = [Float](repeating: 0, count: Int(min(width, most)))
        let isWhole = (0..<height).allSatisfy { row in
          stride(from: 0, to: width, by: Int(most)).allSatisfy { column in
            let count = min(most, width - column)
            return GDALRasterIO(overview, GF_Read, column, row, count, 1, &part, count, 1, GDT_Float32, 0, 0)
              == CE_None
          }
        }
        return isWhole ? () : nil
      }
    }
  }
}
