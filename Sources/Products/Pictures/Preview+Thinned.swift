import Foundation
import Rasters

extension Preview {
  /// Reads a picture that lies in a file, made smaller where it is larger; what was transparent becomes grey.
  ///
  /// - Parameter side: the longest side of the picture.
  /// - Throws: what opening and reading `path` throws.
  package init(picture path: String, side: Int) throws(RasterError) {
    let file = try RasterFile(path: path)
    let size = Self.size(of: file.grid, side: side)
    let planes: [[UInt8]] = try file.readThinned(
      bands: Array(1...file.bands.count), width: size.width, height: size.height, mixing: true)
    self.init(width: size.width, height: size.height)
    let (red, green, blue) =
      planes.count >= 3 ? (planes[0], planes[1], planes[2]) : (planes[0], planes[0], planes[0])
    let opacity = planes.count == 4 ? planes[3] : planes.count == 2 ? planes[1] : nil
    for index in red.indices {
      func mixed(_ level: UInt8) -> UInt8 {
        guard let share = opacity?[index] else { return level }
        return UInt8((Int(level) * Int(share) + Self.grey * (255 - Int(share))) / 255)
      }
      paint(index, mixed(red[index]), mixed(green[index]), mixed(blue[index]))
    }
  }

  /// The level of what was transparent: it can be told from pictures on light pages and on dark ones.
  private static let grey = 160

  /// The picture as the bytes of a JPEG, without what is transparent.
  ///
  /// - Parameter quality: 1 to 100.
  /// - Throws: `tooLarge` where there is no room for it.
  package func jpeg(quality: Int) throws(RasterError) -> Data {
    try dataset(bands: 3).encoded(as: "JPEG", options: ["QUALITY=\(quality)"])
  }
}
