import Foundation
import Numerics
import Rasters

/// One file of a scene: which of its bands are read, and how its pixels fall on the scene's grid.
struct ScenePart {
  package let file: RasterFile
  package let indices: [Int]
  let decodings: [ValueDecoding]
  /// Pixels of the file for one pixel of the scene, across and down; nil where the grids are the same.
  let ratio: (x: Double, y: Double)?
  /// Whether a band that the file marks as alpha is opacity.
  private let honoursAlpha: Bool

  /// The most pixels of the finest file across one of another: what decides whether zeros are fill reaches
  /// some pixels of the coarsest file around each pixel of the finest.
  private static let mostPixelsBelowOne = 64

  /// - Parameter zoom: pixels of the finest file for one of the scene, where the scene has other pixels.
  /// - Throws: `gridMismatch` unless the file lies on the scene's grid, or covers the same ground with
  ///   pixels that are at most 64 times as large.
  package init(
    _ file: RasterFile, indices: [Int], on finest: RasterFile, ratio zoom: (x: Double, y: Double)? = nil,
    decodings: [ValueDecoding], honoursAlpha: Bool = true
  ) throws(RasterError) {
    self.file = file
    self.honoursAlpha = honoursAlpha
    self.indices = indices
    self.decodings = decodings
    guard let difference = file.grid.difference(from: finest.grid) else {
      ratio = zoom
      return
    }
    guard Self.coversSameGround(file.grid, finest.grid) else {
      throw RasterError(
        .gridMismatch, "align the band with \(finest.path)", path: file.path, cause: difference)
    }
    let most = Self.mostPixelsBelowOne
    guard finest.grid.width <= most * file.grid.width, finest.grid.height <= most * file.grid.height else {
      throw RasterError(
        .gridMismatch, "align the band with \(finest.path)", path: file.path,
        cause: "\(difference): its pixels are more than \(most) times as large")
    }
    ratio = (
      Double(file.grid.width) / Double(finest.grid.width) * (zoom?.x ?? 1),
      Double(file.grid.height) / Double(finest.grid.height) * (zoom?.y ?? 1)
    )
  }

  /// Reads `[C, H, W]` of a file whose pixels are those of the scene.
  func read(_ window: Window, into values: UnsafeMutableBufferPointer<Float>) throws(RasterError) {
    try file.readDecoded(window, bands: indices, decodings: decodings, into: values)
  }

  /// Calls `invalidate` for each pixel of a window of the file that its mask or alpha hides.
  func readMask(_ window: Window, _ invalidate: (Int) -> Void) throws(RasterError) {
    try file.readMask(window, bands: indices, honoursAlpha: honoursAlpha, invalidate)
  }

  /// Returns the place of a window of the scene in the file: column, row, width and height in the file's
  /// pixels.
  package func source(of window: Window) -> (x: Double, y: Double, width: Double, height: Double) {
    let ratio = ratio ?? (1, 1)
    return (
      Double(window.column) * ratio.x, Double(window.row) * ratio.y, Double(window.width) * ratio.x,
      Double(window.height) * ratio.y
    )
  }

  /// Returns the pixels of the file that a part of it touches.
  func covering(_ source: (x: Double, y: Double, width: Double, height: Double)) -> Window {
    func covered(_ start: Double, _ length: Double, of extent: Int) -> Range<Int> {
      let first = min(max(Int(bounded: start), 0), extent - 1)
      return first..<max(first + 1, min(Int(bounded: (start + length).rounded(.up)), extent))
    }
    let columns = covered(source.x, source.width, of: file.grid.width)
    let rows = covered(source.y, source.height, of: file.grid.height)
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Pixels of the file around a window that values within it are mixed from.
  private var margin: (x: Double, y: Double) {
    guard let ratio else { return (0, 0) }
    return (max(1, ratio.x).rounded(.up) + 1, max(1, ratio.y).rounded(.up) + 1)
  }

  /// The distance around a window, in pixels of the scene, that values within it are mixed from.
  var reach: (x: Double, y: Double) {
    let ratio = ratio ?? (1, 1)
    return (margin.x / ratio.x, margin.y / ratio.y)
  }

  /// Returns the pixels of the file below a window of the scene and `beyond` pixels of the scene around it,
  /// and those that their values are mixed from.
  func stored(around window: Window, beyond: (x: Double, y: Double)) -> Window {
    let ratio = ratio ?? (1, 1)
    let (x, y) = (beyond.x * ratio.x + margin.x, beyond.y * ratio.y + margin.y)
    let inner = source(of: window)
    return covering(
      (
        x: (inner.x - x).rounded(.down), y: (inner.y - y).rounded(.down), width: inner.width + 2 * x + 1,
        height: inner.height + 2 * y + 1
      ))
  }

  /// Returns whether both grids have the same system and all corners within half a coarse pixel of each
  /// other.
  private static func coversSameGround(_ coarse: Grid, _ fine: Grid) -> Bool {
    guard let coarseTransform = coarse.transform, let fineTransform = fine.transform,
      let inverse = coarseTransform.inverse
    else { return false }
    switch (coarse.crs, fine.crs) {
    case (nil, nil): break
    case (let mine?, let theirs?) where mine.isSame(as: theirs): break
    default: return false
    }
    return [(0, 0), (1, 0), (0, 1), (1, 1)].allSatisfy { across, down in
      let corner = fineTransform.apply(column: Double(across * fine.width), row: Double(down * fine.height))
      let place = inverse.apply(column: corner.x, row: corner.y)
      return abs(place.x - Double(across * coarse.width)) < 0.5
        && abs(place.y - Double(down * coarse.height)) < 0.5
    }
  }
}
