import Classes
import Foundation

/// The labels of a scene, whatever file they come from, as one class index for each pixel of the scene's
/// grid.
///
/// Labels belong to one thread at a time; open them again for another.
public final class Labels {
  /// The place of the labels on disk.
  public let source: LabelSource
  /// The classes, in the order of their indices.
  public let classes: [LandClass]
  /// The grid on which labels are read.
  public let grid: Grid
  private let layer: any LabelLayer
  private var known: (survey: LabelSurvey, bounds: Window?)?

  /// Opens labels for a grid.
  ///
  /// A raster on the scene's grid is read as it is, one on any other grid is warped with nearest neighbour.
  /// Vector features are reprojected and burnt where a pixel's centre lies inside; later features win over
  /// earlier ones. Values that are no class, and what is masked or a raster's no-data, leave a pixel
  /// unlabelled.
  ///
  /// - Parameters:
  ///   - listed: the labels of each class where they are other than its value and its name; empty for none.
  ///   - refusing: is given the values of a vector file that are no class, where there are any; what it
  ///     returns is thrown.
  /// - Throws: `badField` listing the fields or layers there are; `noLabels` where no feature of a class lies
  ///   on the grid; `gridMismatch` where positions cannot be compared; what opening a file throws.
  public init(
    _ source: LabelSource, classes: [LandClass], listed: [[String]] = [], on grid: Grid,
    refusing: ([LabelTally.Entry]) -> RasterError? = { _ in nil }
  ) throws(RasterError) {
    self.source = source
    self.classes = classes
    self.grid = grid
    let key = LabelKey(classes, listed: listed)
    if source.isVector {
      layer = try VectorLabels(source, key: key, on: grid, refusing: refusing)
    } else {
      layer = try RasterLabels(source, key: key, on: grid)
    }
  }

  /// Reads a window, which may reach beyond the grid.
  ///
  /// - Returns: `[H, W]` class indices; ``ClassIndex/none`` where there is no label.
  public func read(_ window: Window) throws(RasterError) -> [UInt8] {
    guard let inside = window.intersection(grid.bounds) else {
      return [UInt8](repeating: ClassIndex.none, count: window.pixelCount)
    }
    let indices = try layer.read(inside)
    if inside == window { return indices }
    var padded = [UInt8](repeating: ClassIndex.none, count: window.pixelCount)
    for row in 0..<inside.height {
      let target = (row + inside.row - window.row) * window.width + inside.column - window.column
      padded.replaceSubrange(
        target..<target + inside.width, with: indices[row * inside.width..<(row + 1) * inside.width])
    }
    return padded
  }

  /// Returns the smallest window that holds every label, so that the rest of a large scene can be skipped;
  /// nil where there is none. The first call of this or of ``survey()`` reads the labels once.
  public func bounds() throws(RasterError) -> Window? { try examined().bounds }

  /// Counts the labels on the grid, class by class, and the values that count for nothing.
  public func survey() throws(RasterError) -> LabelSurvey { try examined().survey }

  private func examined() throws(RasterError) -> (survey: LabelSurvey, bounds: Window?) {
    if let known { return known }
    var counts = [Int](repeating: 0, count: 256)
    var bounds: Window?
    let extent = layer.extent ?? Window(column: 0, row: 0, width: 0, height: 0)
    let parts = extent.parts(
      alongBlocks: RasterBand.BlockSize(width: 256, height: 256), height: 256, limit: 16 << 20)
    for strip in parts {
      let indices = try layer.examine(strip)
      for index in indices { counts[Int(index)] += 1 }
      guard let labelled = Self.labelled(indices, in: strip) else { continue }
      bounds = bounds?.union(labelled) ?? labelled
    }
    var survey = try layer.survey()
    survey.pixels = Array(counts.prefix(classes.count))
    known = (survey, bounds)
    return (survey, bounds)
  }

  private static func labelled(_ indices: [UInt8], in window: Window) -> Window? {
    var left = window.width
    var right = -1
    var top = window.height
    var bottom = -1
    for row in 0..<window.height {
      let line = indices[row * window.width..<(row + 1) * window.width]
      guard let first = line.firstIndex(where: { $0 != ClassIndex.none }),
        let last = line.lastIndex(where: { $0 != ClassIndex.none })
      else { continue }
      left = min(left, first - line.startIndex)
      right = max(right, last - line.startIndex)
      top = min(top, row)
      bottom = row
    }
    guard right >= left else { return nil }
    return Window(
      column: window.column + left, row: window.row + top, width: right - left + 1, height: bottom - top + 1)
  }
}

@available(*, unavailable)
extension Labels: Sendable {}

/// A source of class indices on a grid.
protocol LabelLayer {
  /// The part of the grid where labels can be at all; nil where there is none.
  var extent: Window? { get }
  /// Reads the class indices `[H, W]` of a window inside the grid.
  func read(_ window: Window) throws(RasterError) -> [UInt8]
  /// Reads the class indices of a window and remembers what of it counts for nothing; called once for each
  /// part of ``extent``.
  func examine(_ window: Window) throws(RasterError) -> [UInt8]
  /// Reports what the examined parts hold besides labelled pixels.
  func survey() throws(RasterError) -> LabelSurvey
}
