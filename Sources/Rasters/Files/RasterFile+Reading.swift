import CGDAL

extension RasterFile {
  /// Reads one band as physical values, by the file's own scale and offset.
  ///
  /// - Parameters:
  ///   - window: must lie within the raster.
  ///   - band: from 1.
  ///   - values: receives `[H, W]` row by row; NaN where the value is no data, not finite, masked or
  ///     transparent.
  /// - Throws: `missingBand`; `unreadable` or `inputOutput` naming the file, the band and the window.
  public func read(_ window: Window, band: Int, into values: UnsafeMutableBufferPointer<Float>)
    throws(RasterError)
  {
    let description = try self.band(band)
    try readDecoded(window, bands: [band], decodings: [description.decoding], into: values)
    try readMask(window, bands: [band]) { index in values[index] = .nan }
  }

  /// Reads a window of one band as a new array.
  public func read(_ window: Window, band: Int) throws(RasterError) -> [Float] {
    var values = [Float](repeating: 0, count: window.pixelCount)
    try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      try read(window, band: band, into: buffer)
    }
    return values
  }

  /// Reads stored values as they are, without scale, offset or no-data.
  ///
  /// - Returns: `[H, W]`; values that the element type cannot hold are clamped by GDAL.
  public func readValues<Element: RasterElement>(
    _ window: Window, band: Int, as type: Element.Type = Element.self
  ) throws(RasterError) -> [Element] {
    let isSigned = try self.band(band).decoding.isSignedByte
    var values = [Element](repeating: .zero, count: window.pixelCount)
    try values.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      try readRaw(window, bands: [band], into: UnsafeMutableRawBufferPointer(buffer), as: Element.gdalType)
    }
    return isSigned ? values.map { $0.signedByte } : values
  }

  /// Reads several bands with a given rule for each.
  ///
  /// - Parameter values: receives `[C, H, W]`; NaN where a value is invalid by its own rule. Masks are not
  ///   applied.
  package func readDecoded(
    _ window: Window, bands indices: [Int], decodings: [ValueDecoding],
    into values: UnsafeMutableBufferPointer<Float>
  ) throws(RasterError) {
    let count = values.count / indices.count
    if indices.allSatisfy({ bands[$0 - 1].fitsFloat }) {
      try readRaw(window, bands: indices, into: UnsafeMutableRawBufferPointer(values), as: GDT_Float32)
      for (position, decoding) in decodings.enumerated() {
        decoding.decode(
          UnsafeMutableBufferPointer(rebasing: values[position * count..<(position + 1) * count]))
      }
      return
    }
    var raw = [Double](repeating: 0, count: count)
    for (position, index) in indices.enumerated() {
      try raw.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try readRaw(window, bands: [index], into: UnsafeMutableRawBufferPointer(buffer), as: GDT_Float64)
      }
      let part = UnsafeMutableBufferPointer(rebasing: values[position * count..<(position + 1) * count])
      raw.withUnsafeBufferPointer { decodings[position].decode($0, into: part) }
    }
  }

  /// Reads the stored pixels of a window, one for one: no other call takes pixels out of a file.
  ///
  /// A call that asked GDAL for fewer of them would be answered from overviews, which may be of other content
  /// or another method, and would mix what the sensor's rule calls fill.
  package func readRaw(
    _ window: Window, bands indices: [Int], into buffer: UnsafeMutableRawBufferPointer, as type: GDALDataType
  ) throws(RasterError) {
    precondition(grid.bounds.contains(window), "\(window) outside \(path) of \(grid)")
    guard !window.isEmpty else { return }
    let pixel = Int(GDALGetDataTypeSizeBytes(type))
    precondition(
      buffer.count == window.pixelCount * pixel * indices.count, "buffer of \(buffer.count) bytes")
    if let band = indices.first(where: { bands[$0 - 1].isComplex }) {
      throw RasterError(
        .unsupported, "read band \(band)", path: path, cause: "complex numbers (\(bands[band - 1].dataType))")
    }
    // Blocks of JPEG 2000 take long to decode: those that a window touches are decoded on all threads.
    if decodesSlowly {
      CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", "\(GDALLibrary.threads)")
    }
    defer { if decodesSlowly { CPLSetThreadLocalConfigOption("GDAL_NUM_THREADS", nil) } }
    var list = indices.map(Int32.init)
    let bandText = indices.count == 1 ? "band \(indices[0])" : "bands \(indices)"
    try GDALErrors.attempt("read \(bandText), \(window)", path: path, code: .unreadable) {
      GDALDatasetRasterIOEx(
        dataset.handle, GF_Read, Int32(window.column), Int32(window.row), Int32(window.width),
        Int32(window.height), buffer.baseAddress, Int32(window.width), Int32(window.height), type,
        Int32(list.count), &list, GSpacing(pixel), GSpacing(pixel * window.width),
        GSpacing(pixel * window.pixelCount), nil) == CE_None
        ? () : nil
    }
  }

  /// Whether its blocks take longer to decode than most work on them: those of JPEG 2000.
  package var decodesSlowly: Bool { driverName == "JP2OpenJPEG" }

  /// Calls `invalidate` with the place, row by row, of every pixel that a mask or an alpha band hides.
  ///
  /// - Parameter honoursAlpha: whether bands that are marked as alpha are opacity.
  package func readMask(
    _ window: Window, bands indices: [Int], honoursAlpha: Bool = true, _ invalidate: (Int) -> Void
  ) throws(RasterError) {
    var mask = [UInt8](repeating: 255, count: window.pixelCount)
    if honoursAlpha, let alpha = bands.first(where: \.isAlpha), !indices.contains(alpha.index) {
      let opacity: [Float] = try readValues(window, band: alpha.index)
      for index in opacity.indices where opacity[index] == 0 { invalidate(index) }
    }
    for handle in maskBands(for: indices) {
      try mask.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
        try GDALErrors.attempt("read the mask, \(window)", path: path, code: .unreadable) {
          GDALRasterIO(
            handle, GF_Read, Int32(window.column), Int32(window.row), Int32(window.width),
            Int32(window.height), buffer.baseAddress, Int32(window.width), Int32(window.height), GDT_Byte, 0,
            0) == CE_None ? () : nil
        }
      }
      for index in mask.indices where mask[index] == 0 { invalidate(index) }
    }
  }

  /// Returns the masks that apply: beside the file, inside it for all bands, or inside it for one band. A
  /// mask that GDAL derives from a no-data value or from alpha says nothing new.
  func maskBands(for indices: [Int]) -> [GDALRasterBandH] {
    var masks: [GDALRasterBandH] = []
    if let maskFile {
      masks += indices.map { maskFile.band(min($0, maskFile.bandCount)) }.prefix(maskFile.bandCount)
    }
    for index in indices {
      let band = dataset.band(index)
      let flags = GDALGetMaskFlags(band)
      if flags & (GMF_ALL_VALID | GMF_ALPHA) != 0 { continue }
      if flags & GMF_NODATA != 0, flags & GMF_PER_DATASET == 0 { continue }
      if let mask = GDALGetMaskBand(band) { masks.append(mask) }
      if flags & GMF_PER_DATASET != 0 { break }
    }
    return masks
  }
}

extension Array {
  /// `withUnsafeMutableBufferPointer` with a typed error, which the standard library's version does not carry
  /// on Linux.
  package mutating func withUnsafeMutableBufferPointerThrowing<Failure: Error, Result>(
    _ body: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    withUnsafeMutableBufferPointer { buffer in
      do throws(Failure) { outcome = .success(try body(buffer)) } catch { outcome = .failure(error) }
    }
    return try outcome!.get()
  }
}
