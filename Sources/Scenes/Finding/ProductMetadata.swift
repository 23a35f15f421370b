import Foundation
import Host
import Rasters

/// The metadata file of a product, which is read where something in it is asked for.
public protocol ProductMetadata: Sendable {
  /// The file; its content is part of the scene's.
  var file: String { get }

  /// The day that the scene shows; nil where the file does not say it, or cannot be read.
  var day: Day? { get }

  /// The product that it says it is of; nil where it does not, or cannot be read.
  var product: ProductName? { get }

  /// Returns the scalings of the bands that the file states, by normalised name; none where the sensor's own
  /// holds.
  ///
  /// - Throws: what reading the file throws: without it, offsets would be taken for 0. `unsupported` where it
  ///   lacks what the sensor's numbers need.
  func scalings(for sensor: Sensor) throws(RasterError) -> [String: StoredScaling]
}

/// The rule by which stored numbers of a band become physical ones: scale x stored + offset.
public struct StoredScaling: Sendable, Hashable {
  /// Physical value for one stored step.
  public let scale: Double
  /// Physical value of a stored zero.
  public let offset: Double

  /// Creates a rule.
  public init(scale: Double, offset: Double) { (self.scale, self.offset) = (scale, offset) }
}

extension ProductMetadata {
  /// The most bytes of a metadata file that are read.
  static var limit: Int { 8 << 20 }

  /// The text of the file; nil where it is no regular file within its directory.
  var text: String? { try? contents() }

  /// Reads the text of the file.
  ///
  /// - Throws: `refusedPath`, `notFound` or `inputOutput` naming the file.
  func contents() throws(RasterError) -> String {
    let attempted = "read the product's metadata"
    try InputPath.checkCompanion(file, to: attempted)
    do throws(SystemError) {
      return String(decoding: try RegularFile.contents(of: file, limit: Self.limit), as: UTF8.self)
    } catch {
      throw RasterError(error, attempted)
    }
  }
}
