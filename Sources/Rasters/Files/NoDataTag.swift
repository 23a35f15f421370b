import CGDAL
import Foundation

/// The no-data value that a file declares for a band: one that the band's type can hold, or one that means
/// nothing.
///
/// A tag such as -9999 on unsigned numbers marks no pixel. Taken for a statement of the file it would only
/// switch off the sensor's own rule for fill.
struct NoDataTag {
  /// The stored value that means "no data"; nil without a usable tag. Can be NaN.
  package private(set) var value: Double?
  /// The tag as the file has it, where the band's type cannot hold it.
  private(set) var unusable: String?

  /// - Parameters:
  ///   - text: the tag as it is written, where GDAL's number may not be it.
  ///   - bits: bits of a stored value, where the file says that they are fewer than the type has.
  package init(of band: GDALRasterBandH, type: GDALDataType, text: String?, bits: Int?) {
    var found: Int32 = 0
    let stated: Double
    switch type {
    // GDAL keeps the value of 64-bit integers apart, and fails on the ordinary call for them.
    case GDT_Int64: stated = Double(GDALGetRasterNoDataValueAsInt64(band, &found))
    case GDT_UInt64: stated = Double(GDALGetRasterNoDataValueAsUInt64(band, &found))
    default: stated = GDALGetRasterNoDataValue(band, &found)
    }
    guard found != 0 else { return }
    // GDAL rounds the number of Float32 to one, and 1e40 to infinity: whether it is one its text says.
    let number = text.map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan } ?? stated
    let held = Self.held(number, by: type, bits: bits)
    value = type == GDT_Float32 && held != nil ? stated : held
    if value == nil { unusable = text ?? Self.text(number) }
  }

  private static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(format: "%.0f", number) : "\(number)"
  }

  /// Returns the value as the type stores it; nil where it cannot.
  static func held(_ value: Double, by type: GDALDataType, bits: Int? = nil) -> Double? {
    switch type {
    case GDT_Byte: whole(value, in: 0...most(8, bits))
    case GDT_UInt16: whole(value, in: 0...most(16, bits))
    case GDT_UInt32: whole(value, in: 0...most(32, bits))
    // The greatest numbers are no Double: those of GDAL were rounded up to the power of two.
    case GDT_UInt64: whole(value, in: 0...0x1p64)
    case GDT_Int16, GDT_CInt16: whole(value, in: -0x1p15...0x1p15 - 1)
    case GDT_Int32, GDT_CInt32: whole(value, in: -0x1p31...0x1p31 - 1)
    case GDT_Int64: whole(value, in: -0x1p63...0x1p63)
    case GDT_Float32, GDT_CFloat32: float(value)
    default: value
    }
  }

  private static func most(_ width: Int, _ bits: Int?) -> Double {
    Double((1 << min(width, max(1, bits ?? width))) - 1)
  }

  private static func whole(_ value: Double, in range: ClosedRange<Double>) -> Double? {
    value == value.rounded() && range.contains(value) ? value : nil
  }

  /// Returns the Float that is meant by a number: writers state the least and greatest Float with as few
  /// digits as they like, so that what is next to them is meant for them.
  private static func float(_ value: Double) -> Double? {
    guard value.isFinite else { return value }
    let nearest = Float(value)
    if nearest.isInfinite {
      return abs(value) <= Double(Float.greatestFiniteMagnitude) * 1.0001 ? value : nil
    }
    if nearest.isSubnormal { return Double(nearest) }
    return nearest == 0 && value != 0 ? nil : value
  }
}
