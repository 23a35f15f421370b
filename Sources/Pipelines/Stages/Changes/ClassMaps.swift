import ChangeDetection
import Foundation
import Rasters

/// The class maps of two dates on the grid of the earlier one.
struct ClassMaps {
  /// What inference left of a scene.
  typealias Files = (classes: RasterFile, confidence: RasterFile)

  /// The earlier date's, then the later one's.
  let maps: [Files]
  /// What the grids differ in, nil where they are the same.
  let difference: String?

  /// Opens the maps of two tasks, and brings the later ones to the grid of the earlier ones by nearest neighbour.
  ///
  /// - Parameter folder: where maps go that were brought to the grid.
  /// - Throws: `gridMismatch` where the maps have no ground in common, or one has no position.
  init(_ tasks: [TaskOutput], in folder: URL, _ context: TaskContext) throws {
    let paths = try tasks.map { task in
      try [InferenceStage.classes, InferenceStage.confidence].map {
        try context.file(named: $0, of: task).path
      }
    }
    let before = try paths[0].map(RasterFile.init(path:))
    let after = try paths[1].map(RasterFile.init(path:))
    let grid = before[0].grid
    difference = grid.difference(from: after[0].grid)
    var moved = after
    if let difference {
      guard grid.commonGround(with: after[0].grid) != 0 else {
        throw RasterError(.gridMismatch, "compare \(tasks[0].task) with \(tasks[1].task)", cause: difference)
      }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      moved = try paths[1].map { path in
        let place = folder.appendingPathComponent(URL(fileURLWithPath: path).lastPathComponent).path
        try Self.resample(path, to: grid, at: place, context)
        return try RasterFile(path: place)
      }
    }
    maps = [(before[0], before[1]), (moved[0], moved[1])]
  }

  private static func resample(_ path: String, to grid: Grid, at place: String, _ context: TaskContext) throws
  {
    let (band, noData) = ("map", PostClassification.Mask.notObserved.rawValue)
    let source = SceneSource(name: band, path: path, files: [path])
    let map = try ResampledScene(
      Scene(source, sensor: .custom(bands: [band]), bands: [band], bandOrder: [band]), on: grid,
      kernel: .nearest)
    let writer = try RasterWriter(
      path: place, grid: grid,
      options: .init(type: .byte, bandNames: [band], noData: Double(noData), compression: 1))
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      let block = try map.read(strip)
      try writer.write(strip, band: 1, zip(block.values, block.valid).map { $1 ? UInt8($0) : noData })
    }
    try writer.close()
  }
}
