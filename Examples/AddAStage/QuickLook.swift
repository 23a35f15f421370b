import Products
import Rasters
import Scenes

/// A scene drawn small and the range of each of its bands, gathered strip by strip.
///
/// What a stage computes is a type of its own: it knows no settings, keys or files, and a test can give it a
/// few numbers. It takes as much memory as the picture, whatever the scene's size.
package struct QuickLook {
  /// What the valid pixels of a band hold, in the sensor's unit.
  package struct Band: Sendable, Hashable {
    /// The smallest value.
    package fileprivate(set) var smallest = Float.infinity
    /// The largest value.
    package fileprivate(set) var largest = -Float.infinity
    /// The mean; NaN where no pixel is valid.
    package var mean: Double { sum / Double(count) }
    fileprivate var sum = 0.0
    fileprivate var count = 0
  }

  /// The bands in the order of the scene.
  package private(set) var bands: [Band]
  /// Pixels in which all bands have a value.
  package private(set) var validCount = 0

  private let grid: Grid
  private let size: (width: Int, height: Int)
  private let drawn: [Int]
  /// `[height, width]` of each drawn band, NaN where nothing is known.
  private var values: [[Float]]

  /// A quick look at a scene of which nothing has been seen yet.
  ///
  /// - Parameters:
  ///   - drawn: the places of the bands that are shown: one, or red, green and blue.
  ///   - side: the longest side of the picture at most.
  package init(of grid: Grid, bandCount: Int, drawing drawn: [Int], side: Int) {
    (self.grid, self.drawn) = (grid, drawn)
    bands = Array(repeating: Band(), count: bandCount)
    size = Preview.size(of: grid, side: side)
    values = Array(repeating: Array(repeating: .nan, count: size.width * size.height), count: drawn.count)
  }

  /// Looks at a strip of the scene, over its whole width.
  package mutating func add(_ strip: PixelBlock, from window: Window) {
    precondition(window.width == grid.width, "a strip of \(window.width) of \(grid.width) columns")
    validCount += strip.validCount
    let pixelCount = window.pixelCount
    for band in bands.indices {
      for pixel in 0..<pixelCount where strip.valid[pixel] {
        let value = strip.values[band * pixelCount + pixel]
        bands[band].smallest = min(bands[band].smallest, value)
        bands[band].largest = max(bands[band].largest, value)
        bands[band].sum += Double(value)
        bands[band].count += 1
      }
    }
    for row in 0..<size.height {
      let source = row * grid.height / size.height
      guard window.rows.contains(source) else { continue }
      for column in 0..<size.width {
        let pixel = (source - window.row) * window.width + column * grid.width / size.width
        guard strip.valid[pixel] else { continue }
        for (place, band) in drawn.enumerated() {
          values[place][row * size.width + column] = strip.values[band * pixelCount + pixel]
        }
      }
    }
  }

  /// The picture; pixels of which nothing is known are transparent.
  package var picture: Preview { Preview(width: size.width, height: size.height, bands: values) }
}
