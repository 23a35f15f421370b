import CGDAL
import Host

/// The description of one band of a raster file, without its pixels.
public struct RasterBand: Hashable, Sendable {
  /// The band's place in the file, from 1.
  public let index: Int
  /// GDAL's name of the stored type: "Byte", "Int16", "Float32"; "Int8" for a byte band marked as signed.
  public let dataType: String
  /// Bytes a stored pixel takes.
  public let bytesPerPixel: Int
  /// The stored value that means "no data", before scale and offset; can be NaN.
  public let noData: Double?
  /// The no-data value that the file states although the band's type cannot hold it; it means nothing.
  public let unusableNoData: String?
  /// Physical value for one step of the stored value; 1 where the file sets none.
  public let scale: Double
  /// Physical value of a stored zero; 0 where the file sets none.
  public let offset: Double
  /// The band's own name or text; of one longer than ``longestDescription`` characters the beginning.
  public let description: String?
  /// The unit that the file states.
  public let unit: String?
  /// GDAL's colour interpretation: "Gray", "Palette", "Alpha", "Undefined".
  public let colorInterpretation: String
  /// Columns and rows of a block, the smallest piece that is read from the file.
  public let blockSize: BlockSize
  /// The band's own metadata.
  public let metadata: [String: String]
  /// Bits of a stored value, where the file says that they are fewer than the type has.
  package let bits: Int?

  /// The width and height of a block in pixels.
  public struct BlockSize: Hashable, Sendable {
    /// Columns.
    public let width: Int
    /// Rows.
    public let height: Int
  }

  /// Whether the band holds opacity instead of a measurement.
  public var isAlpha: Bool { colorInterpretation == "Alpha" }

  /// Whether the file itself says how stored values become physical ones.
  public var hasOwnScaling: Bool { scale != 1 || offset != 0 }

  /// Whether values are complex numbers, which are not read.
  var isComplex: Bool { dataType.hasPrefix("C") }

  /// Whether values fit a Float without loss; 32-bit integers and anything wider pass through Double.
  package var fitsFloat: Bool { bytesPerPixel < 4 || dataType == "Float32" }

  /// The rule by which a raw value of this band becomes a physical one.
  package var decoding: ValueDecoding {
    ValueDecoding(
      noData: noData, isSignedByte: dataType == "Int8", isFloat: dataType.hasPrefix("Float"),
      floatBits: dataType == "Float32" ? bits : nil, scale: scale, offset: offset)
  }

  /// - Parameter noDataText: the text of the no-data tag, where GDAL cannot be asked for its number.
  package init(_ band: GDALRasterBandH, index: Int, noDataText: String? = nil) {
    self.index = index
    let type = GDALGetRasterDataType(band)
    let object = GDALMajorObjectH(band.rawValue)
    let isSigned =
      type == GDT_Byte
      && GDALGetMetadataItem(object, "PIXELTYPE", "IMAGE_STRUCTURE").map { String(cString: $0) }
        == "SIGNEDBYTE"
    dataType = isSigned ? "Int8" : GDALGetDataTypeName(type).map { String(cString: $0) } ?? "Unknown"
    bytesPerPixel = Int(GDALGetDataTypeSizeBytes(type))
    bits = GDALGetMetadataItem(object, "NBITS", "IMAGE_STRUCTURE").flatMap { Int(String(cString: $0)) }
    let tag = NoDataTag(of: band, type: isSigned ? GDT_Int16 : type, text: noDataText, bits: bits)
    (noData, unusableNoData) =
      isSigned && tag.value.map { !(-128...127).contains($0) } == true
      ? (nil, tag.value.map { "\(Int($0))" }) : (tag.value, tag.unusable)
    var found: Int32 = 0
    let scale = GDALGetRasterScale(band, &found)
    self.scale = found != 0 && scale.isFinite && scale != 0 ? scale : 1
    let offset = GDALGetRasterOffset(band, &found)
    self.offset = found != 0 && offset.isFinite ? offset : 0
    description = GDALGetDescription(object).flatMap { $0.pointee == 0 ? nil : Self.text($0) }
    unit = GDALGetRasterUnitType(band).flatMap { $0.pointee == 0 ? nil : Self.text($0) }
    colorInterpretation =
      GDALGetColorInterpretationName(GDALGetRasterColorInterpretation(band)).map { String(cString: $0) }
      ?? "Undefined"
    var width: Int32 = 0
    var height: Int32 = 0
    GDALGetBlockSize(band, &width, &height)
    blockSize = BlockSize(width: Int(width), height: Int(height))
    metadata = StringList.pairs(of: GDALGetMetadata(object, nil))
  }

  /// Characters of a band's name or unit that are kept: no name of a band is longer.
  static let longestDescription = 1_000

  private static func text(_ text: UnsafePointer<CChar>) -> String {
    String(cString: text).shortened(to: longestDescription)
  }
}
