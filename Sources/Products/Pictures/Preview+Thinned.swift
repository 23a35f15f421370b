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
    // Means of a few pixels each: GDAL's own take four times as long.
    let factor = max(1, min(Self.mostMixed, (file.grid.width + size.width - 1) / size.width))
    let planes: [[UInt8]] = try file.readThinned(
      bands: Array(1...file.bands.count), width: size.width * factor, height: size.height * factor
    ).map { Self.means(of: $0, width: size.width, height: size.height, factor: factor) }
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

  /// The most pixels in a row that are mixed.
  private static let mostMixed = 4

  /// Returns the mean of each square of `factor` pixels a side.
  private static func means(of plane: [UInt8], width: Int, height: Int, factor: Int) -> [UInt8] {
    guard factor > 1 else { return plane }
    var sums = [Int](repeating: 0, count: width * height)
    for row in 0..<height * factor {
      let (source, target) = (row * width * factor, row / factor * width)
      for column in 0..<width {
        for part in 0..<factor { sums[target + column] += Int(plane[source + column * factor + part]) }
      }
    }
    let count = factor * factor
    return sums.map { UInt8(($0 + count / 2) / count) }
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
