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
        let parts = file.grid.bounds.parts(
          alongBlocks: band.blockSize, height: rows / band.blockSize.height * band.blockSize.height,
          limit: 16 << 20)
        for part in parts { let _: [Float] = try file.readValues(part, band: band.index) }
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
