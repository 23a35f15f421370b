import Numerics
import Rasters
import Scenes

/// The scenes of a composite, brought to its grid window by window; those that no later window touches are
/// closed.
package final class CompositeScenes {
  private let grid: Grid
  private let open: (Int) throws -> Scene
  /// The part of the grid that each scene may show; nil where it shows none of it.
  private let extents: [Window?]
  private let bandCount: Int
  private let blocks: (width: Int, height: Int)
  /// The largest number of scenes that show one row.
  private let mostInRow: Int
  private let resamples: Bool
  private var readings: [Int: Reading] = [:]
  /// The notes of all scenes, a sentence each.
  package let notes: [String]

  /// Looks at the headers of scenes.
  ///
  /// - Parameters:
  ///   - open: opens the scene at a place.
  /// - Throws: what opening throws; `gridMismatch` where a scene has no place on the grid.
  package init(count: Int, on grid: Grid, open: @escaping (Int) throws -> Scene) throws {
    (self.grid, self.open) = (grid, open)
    var (extents, notes): ([Window?], [String]) = ([], [])
    var (bands, width, height, resamples) = (0, 1, 1, false)
    for place in 0..<count {
      let scene = try open(place)
      if let difference = grid.differenceOfPlace(from: scene.grid) {
        throw RasterError(
          .gridMismatch, "bring the scene to the composite's grid", path: scene.source.path, cause: difference
        )
      }
      let isAligned = Reading.offset(of: scene.grid, on: grid) != nil
      resamples = resamples || !isAligned
      extents.append(
        scene.grid.isSame(as: grid)
          ? grid.bounds : try MapProjection.extent(of: scene.grid, on: grid, path: scene.source.path))
      // Reading a scene as it is costs least in whole blocks; one that is resampled has blocks of its own.
      (bands, width, height) = (
        scene.bandCount, max(width, scene.blocks.width), max(height, scene.blocks.height)
      )
      notes += scene.notes
    }
    (self.extents, self.notes, bandCount, blocks) = (extents, notes, bands, (width, height))
    self.resamples = resamples
    mostInRow = Self.mostTogether(extents.compactMap { $0?.rows })
  }

  private static func mostTogether(_ rows: [Range<Int>]) -> Int {
    let ends = rows.flatMap { [($0.lowerBound, 1), ($0.upperBound, -1)] }.sorted { $0 < $1 }
    var (open, most) = (0, 1)
    for (_, step) in ends {
      open += step
      most = max(most, open)
    }
    return most
  }

  /// Bytes that the process takes besides the pixels of a window: libraries and their caches.
  private static let besides = 384 << 20

  /// Returns windows that cover the grid from top to bottom, as large as the memory allows, and of whole
  /// blocks of the scenes where it does.
  ///
  /// - Parameter memory: bytes that the process may take.
  package func windows(memory: Int) -> [Window] {
    let pixel = bandCount * MemoryLayout<Float>.size
    // All scenes of a row; what reading them on several threads takes besides; the composite, and a band of
    // it that is written.
    let beside = ComputeThreads.count * pixel * (resamples ? 7 : 1)
    let bytes = mostInRow * (pixel + 1) + beside + 2 * pixel + 16
    let most = max(1, max(memory - Self.besides, memory / 4) / bytes)
    let tile = RasterWriter.tileSize
    func whole(_ size: Int, _ extent: Int) -> Int { min(extent, (max(size, tile) + tile - 1) / tile * tile) }
    var (width, height) = (whole(blocks.width, grid.width), whole(blocks.height, grid.height))
    if width * height <= most {
      // As many blocks side by side as there is memory for.
      width = min(grid.width, most / height / width * width)
    } else if width <= most {
      height = most / width
    } else {
      (width, height) = (most, 1)
    }
    return grid.bounds.strips(ofHeight: height).flatMap { strip in
      stride(from: 0, to: grid.width, by: width).map { left in
        Window(column: left, row: strip.row, width: min(width, grid.width - left), height: strip.height)
      }
    }
  }

  /// Measures the share of the grid that each scene does not show, by squares that lie evenly over it.
  ///
  /// - Throws: what opening and reading throw.
  package func hiddenShares() throws -> [Double] {
    let (side, across) = (32, 16)
    func starts(_ extent: Int) -> [Int] {
      let count = min(across, max(1, extent / side))
      return (0..<count).map { count == 1 ? 0 : $0 * (extent - min(side, extent)) / (count - 1) }
    }
    var (valid, looked) = (extents.map { _ in 0 }, 0)
    for row in starts(grid.height) {
      for column in starts(grid.width) {
        let window = Window(
          column: column, row: row, width: min(side, grid.width), height: min(side, grid.height))
        looked += window.pixelCount
        for (date, block) in try read(window).enumerated() { valid[date] += block?.validCount ?? 0 }
      }
    }
    readings = [:]
    return valid.map { 1 - Double($0) / Double(looked) }
  }

  /// Reads a window of each scene, several at once; nil for scenes that show nothing of it.
  ///
  /// Windows come from top to bottom: scenes above are closed.
  ///
  /// - Throws: what opening and reading throw.
  package func read(_ window: Window) throws -> [PixelBlock?] {
    readings = readings.filter { extents[$0.key]!.rows.upperBound > window.row }
    let touched = extents.indices.filter { extents[$0]?.intersection(window) != nil }
    for place in touched where readings[place] == nil {
      readings[place] = try Reading(of: open(place), on: grid)
    }
    let scenes = touched.map { readings[$0]! }
    var found = [Result<PixelBlock, RasterError>?](repeating: nil, count: scenes.count)
    found.withUnsafeMutableBufferPointer { buffer in
      // Each scene is one thread's at a time, and has a place of its own.
      nonisolated(unsafe) let (places, scenes) = (buffer, scenes)
      parallelLoop(scenes.count) { index in
        places[index] = Result { () throws(RasterError) in try scenes[index].read(window) }
      }
    }
    var blocks = [PixelBlock?](repeating: nil, count: extents.count)
    for (place, block) in zip(touched, found) { blocks[place] = try block!.get() }
    return blocks
  }
}

/// A scene on the grid of a composite: as it is where its pixels are the grid's, else interpolated.
private final class Reading {
  private let scene: Scene
  /// The grid's first pixel among the scene's.
  private let offset: (columns: Int, rows: Int)?
  private let resampled: ResampledScene?

  init(of scene: Scene, on grid: Grid) throws(RasterError) {
    self.scene = scene
    offset = Self.offset(of: scene.grid, on: grid)
    resampled = offset == nil ? try ResampledScene(scene, on: grid, kernel: .bilinear) : nil
  }

  func read(_ window: Window) throws(RasterError) -> PixelBlock {
    if let resampled { return try resampled.read(window) }
    return try scene.read(window.offset(columns: offset!.columns, rows: offset!.rows))
  }

  /// Returns the place of a grid's first pixel among those of a scene; nil where they are other pixels.
  static func offset(of scene: Grid, on grid: Grid) -> (columns: Int, rows: Int)? {
    if scene.isSame(as: grid) { return (0, 0) }
    guard let shared = grid.overlap(with: scene) else { return nil }
    return (shared.other.column - shared.own.column, shared.other.row - shared.own.row)
  }
}
