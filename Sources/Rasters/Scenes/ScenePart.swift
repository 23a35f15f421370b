import Foundation

/// One file of a scene: which of its bands are read, and how its pixels fall on the scene's grid.
struct ScenePart {
  let file: RasterFile
  let indices: [Int]
  let decodings: [ValueDecoding]
  /// Pixels of the file for one pixel of the scene, across and down; nil where the grids are the same.
  let ratio: (x: Double, y: Double)?

  /// - Parameter zoom: pixels of the finest file for one of the scene, where the scene has other pixels.
  /// - Throws: `gridMismatch` unless the file lies on the scene's grid, or covers the same ground with
  ///   coarser pixels.
  init(
    _ file: RasterFile, indices: [Int], on finest: RasterFile, ratio zoom: (x: Double, y: Double)? = nil,
    decodings: [ValueDecoding]
  ) throws(RasterError) {
    self.file = file
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
    ratio = (
      Double(file.grid.width) / Double(finest.grid.width) * (zoom?.x ?? 1),
      Double(file.grid.height) / Double(finest.grid.height) * (zoom?.y ?? 1)
    )
  }

  /// Reads `[C, H, W]` of the scene's grid; coarser bands are interpolated bilinearly between pixel centres.
  func read(_ window: Window, into values: UnsafeMutableBufferPointer<Float>) throws(RasterError) {
    guard let placement = placement(of: window) else {
      return try file.readDecoded(window, bands: indices, decodings: decodings, into: values)
    }
    try file.readDecoded(
      placement.window, bands: indices, decodings: decodings, into: values, resampling: placement.resampling)
  }

  /// Calls `invalidate` for each pixel of the window that the file's mask or alpha hides.
  func readMask(_ window: Window, _ invalidate: (Int) -> Void) throws(RasterError) {
    guard let placement = placement(of: window), let ratio else {
      return try file.readMask(window, bands: indices, invalidate)
    }
    var hidden = Set<Int>()
    try file.readMask(placement.window, bands: indices) { hidden.insert($0) }
    guard !hidden.isEmpty else { return }
    for row in 0..<window.height {
      let y = Int(bounded: (Double(window.row + row) + 0.5) * ratio.y) - placement.window.row
      for column in 0..<window.width {
        let x = Int(bounded: (Double(window.column + column) + 0.5) * ratio.x) - placement.window.column
        if hidden.contains(y * placement.window.width + x) { invalidate(row * window.width + column) }
      }
    }
  }

  /// The pixels of the file below a window of the scene; nil where the grids are the same.
  private func placement(of window: Window) -> (window: Window, resampling: RasterFile.Resampling)? {
    guard let ratio else { return nil }
    let x = Double(window.column) * ratio.x
    let y = Double(window.row) * ratio.y
    let width = Double(window.width) * ratio.x
    let height = Double(window.height) * ratio.y
    func covered(_ start: Double, _ length: Double, of extent: Int) -> Range<Int> {
      let first = min(Int(bounded: start), extent - 1)
      return first..<max(first + 1, min(Int(bounded: (start + length).rounded(.up)), extent))
    }
    let columns = covered(x, width, of: file.grid.width)
    let rows = covered(y, height, of: file.grid.height)
    let covering = Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
    return (
      covering,
      RasterFile.Resampling(width: window.width, height: window.height, source: (x, y, width, height))
    )
  }

  /// Whether both grids have the same system and all corners within half a coarse pixel of each other.
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
