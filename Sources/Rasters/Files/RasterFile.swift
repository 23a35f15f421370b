import CGDAL
import Foundation
import Host

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
  package let isInterleavedByPixel: Bool
  package let dataset: Dataset
  /// The 8-bit mask beside the file, where there is one.
  let maskFile: Dataset?

  /// A block larger than this is refused: a reader needs at least one whole block in memory.
  public static let largestBlockInBytes = 64 << 20
  /// The largest block of a file that interleaves its bands by pixel: GDAL then decodes all of them together.
  public static let largestInterleavedBlockInBytes = 256 << 20

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
    guard dataset.bandCount <= DeclaredSize.largestBandCount else {
      throw RasterError(
        .tooLarge, "open the raster", path: path,
        cause: "\(dataset.bandCount) bands; \(DeclaredSize.largestBandCount) are the most that is read")
    }
    try Self.checkSystem(of: dataset)
    grid = dataset.grid
    let noDataText = try Self.noDataText(of: dataset)
    bands = (1...dataset.bandCount).map { [dataset] in
      RasterBand(dataset.band($0), index: $0, noDataText: noDataText)
    }
    let object = GDALMajorObjectH(dataset.handle.rawValue)
    metadata = StringList.pairs(of: GDALGetMetadata(object, nil))
    driverName = dataset.driverName
    maskFile = try Self.mask(beside: path, width: grid.width, height: grid.height)
    isInterleavedByPixel =
      GDALGetMetadataItem(object, "INTERLEAVE", "IMAGE_STRUCTURE").map { String(cString: $0) } == "PIXEL"
    try refuseAbsurdSizes()
  }

  /// The bands that hold measurements rather than opacity; a single band does, whatever it is marked as.
  public var measuredBands: [RasterBand] { bands.count == 1 ? bands : bands.filter { !$0.isAlpha } }

  /// Returns the band of an index from 1.
  ///
  /// - Throws: `missingBand`, saying how many there are.
  public func band(_ index: Int) throws(RasterError) -> RasterBand {
    guard bands.indices.contains(index - 1) else {
      throw RasterError(
        .missingBand, "read band \(index)", path: path, cause: "the file has \(bands.count) bands")
    }
    return bands[index - 1]
  }

  /// Returns the text of the no-data tag of a TIFF of 64-bit integers or Float32, of which GDAL gives what it
  /// makes of it.
  private static func noDataText(of dataset: Dataset) throws(RasterError) -> String? {
    let type = GDALGetRasterDataType(dataset.band(1))
    guard [GDT_Int64, GDT_UInt64, GDT_Float32].contains(type) else { return nil }
    do throws(SystemError) { return try TIFFTagText.noData(of: RegularFile(dataset.path)) } catch {
      throw RasterError(error, "open the raster")
    }
  }

  /// Throws where PROJ cannot open its database: GDAL then gives a system without a name, or none, which is
  /// no property of the file.
  private static func checkSystem(of dataset: Dataset) throws(RasterError) {
    let errors = GDALErrors.collect { GDALGetSpatialRef(dataset.handle) }.errors
    guard errors.messages.contains(where: { $0.contains("proj.db") }) else { return }
    throw RasterError(
      .inputOutput, "read the coordinate reference system", path: dataset.path, cause: errors.text)
  }

  /// Returns the mask beside a raster. One that cannot be read is no mask left out: pixels that it hides
  /// would count.
  ///
  /// - Throws: `refusedPath` for a link out of the directory and what is no regular file, `gridMismatch` for
  ///   another size, what opening throws.
  private static func mask(beside path: String, width: Int, height: Int) throws(RasterError) -> Dataset? {
    let name = URL(fileURLWithPath: path).path + ".msk"
    guard InputPath.isThere(name) else { return nil }
    try InputPath.checkCompanion(name, to: "open the mask")
    let mask = try Dataset.open(
      name, flags: GDAL_OF_RASTER | GDAL_OF_READONLY, drivers: ["GTiff"], attempted: "open the mask")
    guard mask.bandCount > 0, mask.width == width, mask.height == height else {
      throw RasterError(
        .gridMismatch, "lay the mask on \(path)", path: name,
        cause: "\(mask.width) x \(mask.height) pixels against \(width) x \(height)")
    }
    return mask
  }
}

@available(*, unavailable)
extension RasterFile: Sendable {}
