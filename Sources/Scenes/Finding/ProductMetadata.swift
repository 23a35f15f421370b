import Foundation
import Host
import Rasters

/// The metadata file of a product, which is read where something in it is asked for.
public protocol ProductMetadata: Sendable {
  /// The file; its content is part of the scene's.
  var file: String { get }

  /// The day that the scene shows; nil where the file does not say it, or cannot be read.
  var day: Day? { get }

  /// Returns the offsets that are added to the stored values of bands before they are scaled, by normalised
  /// name.
  ///
  /// - Throws: what reading the file throws: without it, offsets would be taken for 0.
  func addedOffsets(for sensor: Sensor) throws(RasterError) -> [String: Double]
}

extension ProductMetadata {
  /// The most bytes of a metadata file that are read.
  static var limit: Int { 8 << 20 }

  /// The text of the file; nil where it is no regular file within its directory.
  var text: String? {
    guard (try? InputPath.checkCompanion(file, to: "find the day")) != nil else { return nil }
    return (try? RegularFile.contents(of: file, limit: Self.limit)).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
