import CGDAL

/// The number types that rasters are written in.
public enum PixelType: String, Sendable, Hashable, CaseIterable {
  /// 0 ... 255.
  case byte = "Byte"
  /// 0 ... 65,535.
  case uint16 = "UInt16"
  /// -32,768 ... 32,767.
  case int16 = "Int16"
  /// 32-bit whole numbers.
  case int32 = "Int32"
  /// 32-bit floating point.
  case float32 = "Float32"

  var gdalType: GDALDataType { GDALGetDataTypeByName(rawValue) }

  /// TIFF's predictor that suits neighbouring values of the type: differences, or differences of float bytes.
  var predictor: Int { self == .float32 ? 3 : 2 }
}
