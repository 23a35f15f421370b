import CGDAL

/// A window of a raster with the checksum of the values that were written to it.
///
/// The checksum is of this process only: it is held against what is read back before anybody else sees the
/// file.
struct WrittenWindow {
  private let window: Window
  private let band: Int
  private let type: PixelType
  private let checksum: Int

  /// Takes the checksum of values as a file of `type` holds them.
  package init<Element: RasterElement>(_ window: Window, band: Int, _ values: [Element], in type: PixelType) {
    (self.window, self.band, self.type) = (window, band, type)
    if Element.gdalType == type.gdalType {
      checksum = values.withUnsafeBytes { Self.checksum(of: $0, type) }
    } else {
      let size = Int(GDALGetDataTypeSizeBytes(type.gdalType))
      var stored = [UInt8](repeating: 0, count: values.count * size)
      checksum = stored.withUnsafeMutableBytes { stored in
        values.withUnsafeBytes { values in
          // As GDAL converts and clamps when it writes.
          GDALCopyWords64(
            values.baseAddress, Element.gdalType, Int32(MemoryLayout<Element>.stride), stored.baseAddress,
            type.gdalType, Int32(size), GPtrDiff_t(values.count / MemoryLayout<Element>.stride))
        }
        return Self.checksum(of: UnsafeRawBufferPointer(stored), type)
      }
    }
  }

  /// Reads the window of a finished file.
  ///
  /// - Throws: `notVerified` where it holds anything else than was written; what reading throws.
  func check(in file: RasterFile) throws(RasterError) {
    let read = try Self.values(window, band: band, type.gdalType, of: file)
    guard read.withUnsafeBytes({ Self.checksum(of: $0, type) }) == checksum else {
      throw RasterError(
        .notVerified, "verify the output", path: file.path,
        cause: "band \(band), \(window): what is read is not what was written")
    }
  }

  /// Returns the bytes of a window in a type, `[H, W]`.
  package static func values(_ window: Window, band: Int, _ type: GDALDataType, of file: RasterFile)
    throws(RasterError)
    -> [UInt8]
  {
    var read = [UInt8](repeating: 0, count: window.pixelCount * Int(GDALGetDataTypeSizeBytes(type)))
    try read.withUnsafeMutableBufferPointerThrowing { buffer throws(RasterError) in
      try file.readRaw(window, bands: [band], into: UnsafeMutableRawBufferPointer(buffer), as: type)
    }
    return read
  }

  /// Computes a checksum in which zeros of either sign are one value, and so is whatever is not a number: a
  /// tile of nothing but no data is not stored, and reads as the file's own.
  private static func checksum(of bytes: UnsafeRawBufferPointer, _ type: PixelType) -> Int {
    var hasher = Hasher()
    guard type == .float32 else {
      hasher.combine(bytes: bytes)
      return hasher.finalize()
    }
    let plain = bytes.bindMemory(to: Float.self).map { $0.isNaN ? Float.nan : $0 + 0 }
    plain.withUnsafeBytes { hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
