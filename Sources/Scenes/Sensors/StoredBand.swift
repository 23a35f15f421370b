import Foundation
import Rasters

/// The storage of one of the bands that are read, in the file of a scene.
public struct StoredBand: Hashable, Sendable {
  /// The file.
  public let path: String
  /// The band's place in it, from 1.
  public let index: Int
  /// GDAL's name of the stored type: "Byte", "UInt16", "Float32".
  public let dataType: String
  /// Whether the file itself says how stored numbers become physical ones.
  public let hasOwnScaling: Bool
  /// The file's name for the band; the file's own name where it has none.
  public let name: String

  /// Creates a band of a file from its parts.
  public init(path: String, index: Int, dataType: String, hasOwnScaling: Bool, name: String = "") {
    (self.path, self.index, self.dataType, self.hasOwnScaling) = (path, index, dataType, hasOwnScaling)
    self.name = name
  }

  package init(_ band: RasterBand, of file: RasterFile) {
    self.init(
      path: file.path, index: band.index, dataType: band.dataType, hasOwnScaling: band.hasOwnScaling,
      name: band.description ?? URL(fileURLWithPath: file.path).lastPathComponent)
  }
}
