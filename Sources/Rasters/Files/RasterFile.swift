import CGDAL
import Foundation

/// One raster file, opened for reading.
///
/// A value of this class belongs to one thread at a time; open the file again for another.
///
/// Of the side-car files that GDAL knows only `<file>.msk` is honoured; `.aux.xml`, `.ovr` and world files
/// are not read, because they can point elsewhere and change what a file means without changing the file.
public final class RasterFile {
  /// The path as it was given.
  public let path: String
  /// Size, position and coordinate reference system.
  public let grid: Grid
  /// The bands in the order of the file.
  public let bands: [RasterBand]
  /// The file's own metadata of the default domain.
  public let metadata: [String: String]
  /// GDAL's short name of the format.
  public let driverName: String
  /// Whether a block holds the pixels of all bands, which then are decoded together.
  let isInterleavedByPixel: Bool
  let dataset: Dataset
  /// The 8-bit mask beside the file, where there is one.
  let maskFile: Dataset?

  /// A block larger than this is refused: a reader needs at least one whole block in memory.
  public static let largestBlockInBytes = 64 << 20
  /// All bands of a block come together when a file interleaves them by pixel.
  public static let largestInterleavedBlockInBytes = 256 << 20
  /// Files that declare more than this, and ``largestExpansion`` times their own size, are refused. A sparse
  /// or constant file may honestly be small; terabytes of declared pixels in a few kilobytes are an attack on
  /// the run's time.
  public static let largestDeclarationInBytes = 64 << 30
  /// See ``largestDeclarationInBytes``.
  public static let largestExpansion = 4096

  /// Opens a file.
  ///
  /// - Throws: `notFound`, `refusedPath`, `unreadable`, `unsupported` or `tooLarge`, naming the path.
  public init(path: String) throws(RasterError) {
    self.path = path
    dataset = try Dataset.open(
      path, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: GDALLibrary.allowedRasterDrivers,
      attempted: "open the raster")
    guard dataset.bandCount > 0 else {
      throw RasterError(.unreadable, "open the raster", path: path, cause: "it has no bands")
    }
    grid = dataset.grid
    bands = (1...dataset.bandCount).map { [dataset] in RasterBand(dataset.band($0), index: $0) }
    let object = GDALMajorObjectH(dataset.handle.rawValue)
    metadata = StringList.pairs(of: GDALGetMetadata(object, nil))
    driverName =
      GDALGetDatasetDriver(dataset.handle).flatMap { GDALGetDriverShortName($0) }
      .map { String(cString: $0) } ?? "unknown"
    maskFile = Self.mask(beside: path, width: grid.width, height: grid.height)
    isInterleavedByPixel =
      GDALGetMetadataItem(object, "INTERLEAVE", "IMAGE_STRUCTURE").map { String(cString: $0) } == "PIXEL"
    try refuseAbsurdSizes()
  }

  /// The bands that hold measurements rather than opacity.
  public var measuredBands: [RasterBand] { bands.filter { !$0.isAlpha } }

  /// The band of an index from 1.
  ///
  /// - Throws: `missingBand`, saying how many there are.
  public func band(_ index: Int) throws(RasterError) -> RasterBand {
    guard bands.indices.contains(index - 1) else {
      throw RasterError(
        .missingBand, "read band \(index)", path: path, cause: "the file has \(bands.count) bands")
    }
    return bands[index - 1]
  }

  private func refuseAbsurdSizes() throws(RasterError) {
    for band in bands {
      let block = band.blockSize.width * band.blockSize.height * band.bytesPerPixel
      guard block <= Self.largestBlockInBytes,
        !isInterleavedByPixel || block * bands.count <= Self.largestInterleavedBlockInBytes
      else {
        throw RasterError(
          .tooLarge, "open the raster", path: path,
          cause: "blocks of \(band.blockSize.width) x \(band.blockSize.height) pixels are too large; "
            + "rewrite it with tiles, e.g. gdal_translate -co TILED=YES")
      }
    }
    let declared =
      bands.reduce(0.0) { $0 + Double($1.bytesPerPixel) } * Double(grid.width) * Double(grid.height)
    var status = stat()
    guard declared > Double(Self.largestDeclarationInBytes), stat(path, &status) == 0 else { return }
    guard declared <= Double(status.st_size) * Double(Self.largestExpansion) else {
      throw RasterError(
        .tooLarge, "open the raster", path: path,
        cause: "\(grid.width) x \(grid.height) x \(bands.count) declared in \(status.st_size) bytes")
    }
  }

  /// A mask file is followed only where it is a plain file of the same size right beside the raster.
  private static func mask(beside path: String, width: Int, height: Int) -> Dataset? {
    var status = stat()
    let name = path + ".msk"
    guard lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let mask = try? Dataset.open(
        name, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: ["GTiff"], attempted: "open the mask"),
      mask.bandCount > 0, mask.width == width, mask.height == height
    else { return nil }
    return mask
  }
}

@available(*, unavailable)
extension RasterFile: Sendable {}
