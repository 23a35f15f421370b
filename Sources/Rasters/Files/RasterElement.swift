import CGDAL

/// A number type that pixels are stored or handed over as.
public protocol RasterElement: BitwiseCopyable, Sendable, Hashable {
  /// GDAL's type of the same width and kind.
  static var gdalTypeName: String { get }
  /// The number zero.
  static var zero: Self { get }
  /// The value of a byte that stands for a signed number.
  var signedByte: Self { get }
}

extension RasterElement {
  static var gdalType: GDALDataType { GDALGetDataTypeByName(gdalTypeName) }
}

extension RasterElement where Self: BinaryInteger {
  /// The value itself below 128, else 256 less.
  public var signedByte: Self { self > 127 && Self.isSigned ? self - 128 - 128 : self }
}

extension RasterElement where Self: BinaryFloatingPoint {
  /// The value itself below 128, else 256 less.
  public var signedByte: Self { self > 127 ? self - 256 : self }
}

extension UInt8: RasterElement {
  /// "Byte".
  public static var gdalTypeName: String { "Byte" }
}
extension UInt16: RasterElement {
  /// "UInt16".
  public static var gdalTypeName: String { "UInt16" }
}
extension Int16: RasterElement {
  /// "Int16".
  public static var gdalTypeName: String { "Int16" }
}
extension UInt32: RasterElement {
  /// "UInt32".
  public static var gdalTypeName: String { "UInt32" }
}
extension Int32: RasterElement {
  /// "Int32".
  public static var gdalTypeName: String { "Int32" }
}
extension Float: RasterElement {
  /// "Float32".
  public static var gdalTypeName: String { "Float32" }
}
extension Double: RasterElement {
  /// "Float64".
  public static var gdalTypeName: String { "Float64" }
}
