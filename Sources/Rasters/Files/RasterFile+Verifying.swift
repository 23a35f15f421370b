import CGDAL

extension RasterFile {
  /// Opens a file that was just written and reads every block of it, those of its overviews too.
  ///
  /// After a full disk GDAL reopens a torn file without an error: only reading the pixels shows it.
  ///
  /// - Throws: `notVerified` naming the file, with the band and rows that cannot be read.
  public static func verify(_ path: String) throws(RasterError) {
    do throws(RasterError) {
      let file = try RasterFile(path: path)
      for band in file.bands {
        let rows = max(band.blockSize.height, (4 << 20) / max(1, file.grid.width * band.bytesPerPixel))
        for strip in file.grid.bounds.strips(ofHeight: rows / band.blockSize.height * band.blockSize.height) {
          let _: [Float] = try file.readValues(strip, band: band.index)
        }
        try file.readOverviews(of: band)
      }
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
        var row = [Float](repeating: 0, count: Int(width))
        let isWhole = (0..<height).allSatisfy {
          GDALRasterIO(overview, GF_Read, 0, $0, width, 1, &row, width, 1, GDT_Float32, 0, 0) == CE_None
        }
        return isWhole ? () : nil
      }
    }
  }
}
