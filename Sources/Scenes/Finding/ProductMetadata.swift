import Foundation
import Host
import Rasters

/// What tells of a product besides its pixels: its metadata file, its name. It is read where something in it
/// is asked for.
public protocol ProductMetadata: Sendable {
  /// The files; their contents are part of the scene's.
  var files: [String] { get }

  /// Describes the product.
  ///
  /// - Throws: what reading the files throws.
  func delivery() throws(RasterError) -> Delivery

  /// Returns what is stated of the bands' numbers, by normalised name; nothing where the sensor's own rules
  /// hold.
  ///
  /// - Throws: what reading the files throws: without them, offsets would be taken for 0. `unsupported` where
  ///   they lack what the sensor's numbers need.
  func statedBands(for sensor: Sensor) throws(RasterError) -> [String: StatedBand]
}

/// A text file of a product's metadata.
enum MetadataText {
  /// The most bytes that are read.
  private static let limit = 8 << 20

  /// Reads the text of a file.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput` naming the file.
  static func contents(of file: String) throws(RasterError) -> String {
    let attempted = "read the product's metadata"
    try InputPath.checkCompanion(file, to: attempted)
    do throws(SystemError) {
      return String(decoding: try RegularFile.contents(of: file, limit: limit), as: UTF8.self)
    } catch {
      throw RasterError(error, attempted)
    }
  }
}
