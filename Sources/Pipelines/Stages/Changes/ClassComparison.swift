import ChangeDetection
import Foundation
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings

/// Post-classification: the class maps of two dates, compared pixel by pixel.
struct ClassComparison {
  let file: PipelineFile
  let settings: SceneComparisonSettings
  /// The scenes of the two dates, the earlier one first.
  let scenes: [SceneSource]
  let context: JobContext

  /// The largest number of probabilities that are held at once.
  private static let valuesAtOnce = 1 << 24

  private typealias Pair = (before: RasterFile, after: RasterFile)

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  /// Compares the maps of the context's two inputs.
  func run() throws -> JobResult {
    let folder = context.directory.appendingPathComponent(".maps")
    defer { try? FileManager.default.removeItem(at: folder) }
    let maps = try ClassMaps(context, in: folder)
    let classes = try maps.classes()
    let grid = classes.before.grid
    let sieves = settings.smallest > 1
    context.progress.begin(grid.height * (sieves ? 2 : 1), unit: "rows")
    let isSmoothed = settings.smoothing > 0 && file.classes.count > 1
    let confidence = isSmoothed ? try maps.confidences() : nil
    let pairs = sieves ? ".pairs.tif" : transitions.file
    var comparison = PostClassification(classCount: file.classes.count)
    try writePairs(classes, confidence, to: pairs, comparison)
    if sieves { try writeLarge(of: pairs, grid: grid, comparison) }
    try writeMask(grid: grid, &comparison)
    let picture = try ChangePicture(titles: scenes.map(\.title)).write(
      maps: [classes.before.path, classes.after.path], change: Layer.changeMask.file,
      legend: file.indexLegend, in: context.directory)
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(grid)
    artifact.layers = [.changeMask, transitions, picture]
    artifact.findings = try findings(comparison, grid: grid, difference: maps.difference)
    artifact.notes = comparison.observed == 0 ? [ChangeDetectionStage.nothingObserved] : []
    return try context.leave(artifact)
  }

  private var transitions: Layer { .transitions(among: file.indexLegend.entries) }

  private func raster(_ name: String, _ band: String, noData: UInt8, _ grid: Grid) throws -> RasterWriter {
    try RasterWriter(
      path: path(name), grid: grid,
      options: .init(type: .byte, bandNames: [band], noData: Double(noData)))
  }

  /// Writes the pair of classes of each pixel, as the pixels around say them where there are confidences.
  private func writePairs(
    _ classes: Pair, _ confidence: Pair?, to name: String, _ comparison: PostClassification
  ) throws {
    let grid = classes.before.grid
    let writer = try raster(name, "from-to", noData: 0, grid)
    // Smoothing holds the probabilities of both dates' classes.
    let height =
      confidence == nil
      ? RasterWriter.tileSize : max(1, Self.valuesAtOnce / (2 * file.classes.count * grid.width))
    for window in grid.bounds.strips(ofHeight: min(RasterWriter.tileSize, height)) {
      try context.checkCancellation()
      let seen =
        try confidence.map { try smoothed(window, classes, $0) }
        ?? (
          before: classes.before.readValues(window, band: 1), after: classes.after.readValues(window, band: 1)
        )
      try writer.write(window, band: 1, comparison.pairs(before: seen.before, after: seen.after))
      context.progress.advance(by: window.height)
    }
    try writer.close()
  }

  /// Returns the classes of both dates as the pixels around say them.
  private func smoothed(_ window: Window, _ classes: Pair, _ confidence: Pair) throws -> (
    before: [UInt8], after: [UInt8]
  ) {
    let around = window.grown(by: settings.smoothing).intersection(classes.before.grid.bounds)!
    let parts = try [(classes.before, confidence.before), (classes.after, confidence.after)].map {
      JointSmoothing.Map(
        classes: try $0.0.readValues(around, band: 1), confidence: try $0.1.readValues(around, band: 1))
    }
    let rows = window.row - around.row..<window.row - around.row + window.height
    return JointSmoothing(classCount: file.classes.count, radius: settings.smoothing).smoothed(
      before: parts[0], after: parts[1], width: around.width, rows: rows)
  }

  /// Writes the pairs again, small regions of change, and small regions without change within one, as what
  /// surrounds them.
  private func writeLarge(of name: String, grid: Grid, _ comparison: PostClassification) throws {
    let (sieved, mask) = (".sieved.tif", ".mask.tif")
    try FileManager.default.copyItem(atPath: path(name), toPath: path(sieved))
    let own = try RasterFile(path: path(name))
    let states = try raster(mask, "change", noData: PostClassification.Mask.notObserved.rawValue, grid)
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      let pairs: [UInt8] = try own.readValues(window, band: 1)
      try states.write(window, band: 1, pairs.map { comparison.mask(of: $0) })
    }
    try states.close()
    for name in [sieved, mask] { try Sieve.apply(to: path(name), smallest: settings.smallest) }
    let (large, regions) = (try RasterFile(path: path(sieved)), try RasterFile(path: path(mask)))
    let writer = try raster(transitions.file, "from-to", noData: 0, grid)
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      let pairs: [UInt8] = try own.readValues(window, band: 1)
      try writer.write(
        window, band: 1,
        comparison.merged(
          pairs, mask: try regions.readValues(window, band: 1), sieved: try large.readValues(window, band: 1))
      )
      context.progress.advance(by: window.height)
    }
    try writer.close()
    for name in [name, sieved, mask] { try FileManager.default.removeItem(atPath: path(name)) }
  }

  /// Writes the mask of the pairs, and counts them.
  private func writeMask(grid: Grid, _ comparison: inout PostClassification) throws {
    let pairs = try RasterFile(path: path(transitions.file))
    let mask = try raster(
      Layer.changeMask.file, "change", noData: PostClassification.Mask.notObserved.rawValue, grid)
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      try mask.write(window, band: 1, comparison.mask(of: try pairs.readValues(window, band: 1)))
    }
    try mask.close()
  }

  private func findings(_ comparison: PostClassification, grid: Grid, difference: String?) throws -> [Finding]
  {
    let count = comparison.classCount
    var rows: [[JSONValue?]] = []
    for from in 0..<count {
      for to in 0..<count where from != to && comparison.counts[from * count + to] > 0 {
        rows.append(
          [.string(file.classes[from].name), .string(file.classes[to].name)]
            + GroundArea(of: comparison.counts[from * count + to], on: grid).cells)
      }
    }
    // Both maps are of one model.
    let map = try context.artifact(of: context.inputs[0])
    let columns: [FindingTable.Column] = [.init("from"), .init("to")] + GroundArea.columns
    return [
      map.findings[.modelSHA256], map.findings[.precision],
      Finding(.transitions, .table(FindingTable(columns, rows))), Finding(.gridDifference, difference),
      Finding(.resampling, difference == nil ? "none" : ResampledScene.Kernel.nearest.rawValue),
    ].compactMap(\.self)
      + GroundArea.ofComparison(observed: comparison.observed, changed: comparison.changed, on: grid)
  }
}
