import CGDAL
import Foundation

/// The size that a raster file declares, and a check of it against the bytes that the file has.
///
/// A few hundred bytes can declare terabytes, and what reads them takes memory and time by what is declared.
/// A sparse or constant file is honestly small, so that a file is refused only where hardly any writer would
/// have made it (GDAL does where it is asked for a sparse file of very large tiles):
///
/// - more than ``largestBandCount`` bands;
/// - more than 1 GiB of pixels that are 16,384 times the file's size, or more than 64 GiB that are 4,096
///   times;
/// - more than 1,048,576 blocks that are more than a quarter of the file's bytes, where each has an entry of
///   6 or more.
///
/// A VRT is small by its nature; the second bound alone counts for it.
struct DeclaredSize {
  package let width, height, bandCount: Int
  /// Bytes of a pixel, all bands together.
  package let bytesPerPixel: Int
  /// Blocks of all bands.
  package let blocks: Double
  /// Bytes of the file.
  package let stored: Int
  let isVirtual: Bool

  /// The most bands of a file that is read.
  static let largestBandCount = 4096

  /// Bytes of the file's pixels.
  package var bytes: Double { Double(bytesPerPixel) * Double(width) * Double(height) }

  /// The reason why the file is refused; nil where it is not.
  var problem: String? {
    let size = Double(stored)
    let isTooMuch =
      bytes > 0x1p30 && bytes > 16_384 * size && !isVirtual || bytes > 0x1p36 && bytes > 4096 * size
    if isTooMuch { return "\(width) x \(height) x \(bandCount) declared in \(stored) bytes" }
    if !isVirtual, blocks > 0x1p20, blocks > size / 4 {
      return "\(Int(blocks)) blocks declared in \(stored) bytes"
    }
    return nil
  }
}

extension RasterFile {
  /// The size that the file declares.
  private var declaredSize: DeclaredSize {
    let blocks = bands.prefix(isInterleavedByPixel ? 1 : bands.count).reduce(0.0) { sum, band in
      let (across, down) = (
        Double(grid.width) / Double(band.blockSize.width), Double(grid.height) / Double(band.blockSize.height)
      )
      return sum + across.rounded(.up) * down.rounded(.up)
    }
    return DeclaredSize(
      width: grid.width, height: grid.height, bandCount: bands.count,
      bytesPerPixel: bands.reduce(0) { $0 + $1.bytesPerPixel }, blocks: blocks, stored: dataset.storedBytes,
      isVirtual: driverName == "VRT")
  }

  /// Bytes of the file's pixels without compression.
  public var declaredBytes: Double { declaredSize.bytes }

  /// Refuses blocks that would take too much memory, and files that declare what they cannot hold.
  func refuseAbsurdSizes() throws(RasterError) {
    let handles = bands.map { dataset.band($0.index) }
    try Self.refuseLargeBlocks(of: handles, areTogether: isInterleavedByPixel, "open the raster", path)
    if let maskFile {
      let handles = (1...maskFile.bandCount).map(maskFile.band)
      try Self.refuseLargeBlocks(of: handles, areTogether: true, "open the mask", maskFile.path)
    }
    for mask in maskBands(for: bands.map(\.index)) {
      try Self.refuseLargeBlocks(of: [mask], areTogether: false, "read the mask", path)
    }
    if let problem = declaredSize.problem {
      throw RasterError(.tooLarge, "open the raster", path: path, cause: problem)
    }
  }

  /// - Parameter areTogether: whether a block holds the pixels of all the bands.
  private static func refuseLargeBlocks(
    of bands: [GDALRasterBandH], areTogether: Bool, _ attempted: String, _ path: String
  ) throws(RasterError) {
    for band in bands {
      var (width, height): (Int32, Int32) = (0, 0)
      GDALGetBlockSize(band, &width, &height)
      let block = Int(width) * Int(height) * Int(GDALGetDataTypeSizeBytes(GDALGetRasterDataType(band)))
      guard block <= largestBlockInBytes,
        !areTogether || block * bands.count <= largestInterleavedBlockInBytes
      else {
        throw RasterError(
          .tooLarge, attempted, path: path,
          cause: "blocks of \(width) x \(height) pixels are too large; "
            + "rewrite it with tiles, e.g. gdal_translate -co TILED=YES")
      }
    }
  }
}
