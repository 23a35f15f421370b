import Rasters

extension Scene {
  /// Reads all bands with fewer pixels than there are, from overviews where the files have them: for pictures
  /// alone.
  ///
  /// Bands of other pixel sizes show the same ground, so that all of them have the picture's pixels. What a
  /// mask hides is there: people want to see the clouds.
  ///
  /// - Precondition: the scene is of one date and whole.
  /// - Returns: `[C][height, width]`, physical values; NaN where nothing was measured.
  /// - Throws: `unreadable` or `inputOutput` naming the file.
  package func readThinned(width: Int, height: Int) throws(RasterError) -> [[Float]] {
    var planes: [[Float]] = []
    do throws(RasterError) {
      for part in parts {
        let bands: [[Float]] = try part.file.readThinned(bands: part.indices, width: width, height: height)
        for (band, decoding) in zip(bands, part.decodings) {
          var plane = band
          plane.withUnsafeMutableBufferPointer { decoding.decode($0) }
          planes.append(plane)
        }
      }
    } catch { throw source.archive?.named(error) ?? error }
    guard let zeroValues else { return planes }
    for pixel in 0..<width * height
    where planes.indices.allSatisfy({ planes[$0][pixel] == zeroValues[$0] || planes[$0][pixel].isNaN }) {
      for band in planes.indices { planes[band][pixel] = .nan }
    }
    return planes
  }
}
