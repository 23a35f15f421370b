import CGDAL

extension RasterFile {
  /// Reads stored values of some bands with fewer pixels than there are, from overviews where the file has
  /// them: for pictures alone, as an overview may have been mixed of what is no measurement.
  ///
  /// Of a JPEG 2000 file or a COG little more is decoded than is given, whatever its size; of a file without
  /// overviews every block that holds one of the pixels, once.
  ///
  /// - Returns: `[C][height, width]`; values that the type cannot hold are clamped by GDAL.
  package func readThinned<Element: RasterElement>(
    bands indices: [Int], width: Int, height: Int, as type: Element.Type = Element.self
  ) throws(RasterError) -> [[Element]] {
    for index in indices where try band(index).isComplex {
      throw RasterError(.unsupported, "read band \(index)", path: path, cause: "complex numbers")
    }
    if decodesSlowly { CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", "\(GDALLibrary.threads)") }
    defer { if decodesSlowly { CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", nil) } }
    var values = [Element](repeating: .zero, count: width * height * indices.count)
    try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      if GDALGetOverviewCount(dataset.band(indices[0])) > 0 {
        try readThinned(grid.bounds, indices, into: buffer.baseAddress!, (width, height), of: height)
        return
      }
      let blocks = BlockCacheShare(bytesOfBlockRow(indices))
      defer { withExtendedLifetime(blocks) {} }
      // A row at a time, all bands of it: GDAL would decode the whole file for one band after the other.
      for row in 0..<height {
        let source = Window(
          column: 0, row: (2 * row + 1) * grid.height / (2 * height), width: grid.width, height: 1)
        try readThinned(
          source, indices, into: buffer.baseAddress! + row * width, (width, 1), of: height)
      }
    }
    return indices.enumerated().map { place, index in
      let plane = values[place * width * height..<(place + 1) * width * height]
      return bands[index - 1].dataType == "Int8" ? plane.map(\.signedByte) : Array(plane)
    }
  }

  /// Returns the bytes that a row of blocks takes in GDAL's cache, those of bands included that are decoded
  /// with the wanted ones. It is twice the pixels: GDAL keeps records of blocks, and where rows of pixels lie
  /// on two rows of blocks both stay.
  private func bytesOfBlockRow(_ indices: [Int]) -> Int {
    let stored = isInterleavedByPixel ? bands : indices.map { bands[$0 - 1] }
    return stored.reduce(0) { sum, band in
      let (width, height) = (band.blockSize.width, band.blockSize.height)
      return sum + 2 * (grid.width + width - 1) / width * width * height * band.bytesPerPixel
    }
  }

  /// Reads a window of some bands into rows of planes.
  ///
  /// - Parameter rows: the rows of a plane, of which `size` may be some.
  private func readThinned<Element: RasterElement>(
    _ window: Window, _ indices: [Int], into values: UnsafeMutablePointer<Element>,
    _ size: (width: Int, height: Int), of rows: Int
  ) throws(RasterError) {
    var extra = GDALRasterIOExtraArg()
    extra.nVersion = Int32(RASTERIO_EXTRA_ARG_CURRENT_VERSION)
    extra.eResampleAlg = GRIORA_NearestNeighbour
    var list = indices.map(Int32.init)
    let bytes = Int(GDALGetDataTypeSizeBytes(Element.gdalType))
    try GDALErrors.attempt("read bands \(indices), thinned", path: path, code: .unreadable) {
      GDALDatasetRasterIOEx(
        dataset.handle, GF_Read, Int32(window.column), Int32(window.row), Int32(window.width),
        Int32(window.height), values, Int32(size.width), Int32(size.height), Element.gdalType,
        Int32(list.count), &list, GSpacing(bytes), GSpacing(bytes * size.width),
        GSpacing(bytes * size.width * rows), &extra) == CE_None ? () : nil
    }
  }
}
