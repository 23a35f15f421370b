import CGDAL

extension RasterFile {
  /// Opens a file that was just written and reads every block of it.
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
      }
    } catch {
      if error.code == .inputOutput { throw error }
      throw RasterError(.notVerified, "verify the output", path: path, cause: error.cause ?? error.attempted)
    }
  }
}
