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
  /// The two dates.
  let scenes: [SceneSource]
  let context: TaskContext

  /// Probabilities that are held at once.
  private static let valuesAtOnce = 1 << 24

  private typealias Pair = (before: RasterFile, after: RasterFile)

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  /// Compares the maps of the context's two inputs.
  func run() throws -> TaskResult {
    let folder = context.directory.appendingPathComponent(".maps")
    defer { try? FileManager.default.removeItem(at: folder) }
    let maps = try ClassMaps(context, named: InferenceStage.classes, in: folder)
    let classes = try maps.files(named: InferenceStage.classes)
    let grid = classes.before.grid
    let sieves = settings.smallest > 1
    context.progress.begin(grid.height * (sieves ? 2 : 1), unit: "rows")
    let isSmoothed = settings.smoothing > 0 && file.classes.count > 1
    let confidence = isSmoothed ? try maps.files(named: InferenceStage.confidence) : nil
    let pairs = sieves ? ".pairs.tif" : ChangeDetectionStage.fromTo
    var comparison = PostClassification(classCount: file.classes.count)
    try writePairs(classes, confidence, to: pairs, comparison)
    if sieves { try writeLarge(of: pairs, grid: grid, comparison) }
    try writeMask(grid: grid, &comparison)
    try ChangePicture(titles: scenes.map(\.title)).write(
      maps: [classes.before.path, classes.after.path], change: ChangeDetectionStage.mask,
      legend: file.indexLegend, in: context.directory)
    return result(comparison, grid: grid, difference: maps.difference)
  }

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

  /// The classes of both dates as the pixels around say them.
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
    let writer = try raster(ChangeDetectionStage.fromTo, "from-to", noData: 0, grid)
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
    let pairs = try RasterFile(path: path(ChangeDetectionStage.fromTo))
    let mask = try raster(
      ChangeDetectionStage.mask, "change", noData: PostClassification.Mask.notObserved.rawValue, grid)
    for window in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      try context.checkCancellation()
      try mask.write(window, band: 1, comparison.mask(of: try pairs.readValues(window, band: 1)))
    }
    try mask.close()
  }

  private func result(_ comparison: PostClassification, grid: Grid, difference: String?) -> TaskResult {
    let count = comparison.classCount
    var transitions: [String: JSONValue] = [:]
    for from in 0..<count {
      for to in 0..<count where from != to && comparison.counts[from * count + to] > 0 {
        transitions["\(file.classes[from].name) -> \(file.classes[to].name)"] =
          GroundArea(of: comparison.counts[from * count + to], on: grid).json
      }
    }
    let map = context.inputs[0]
    let metrics: [String: JSONValue] = [
      MapProduct.modelDigest: map.metrics[MapProduct.modelDigest] ?? .null,
      MapProduct.precision: map.metrics[MapProduct.precision] ?? .null,
      RunFindings.Figure.transitions: .object(transitions),
      "grids differ in": difference.map(JSONValue.string) ?? .null,
      "resampling": .string(difference == nil ? "none" : ResampledScene.Kernel.nearest.rawValue),
    ]
    let areas = GroundArea.ofComparison(
      observed: comparison.observed, changed: comparison.changed, on: grid)
    return TaskResult(
      metrics: metrics.merging(areas) { own, _ in own },
      warnings: comparison.observed == 0 ? [ChangeDetectionStage.nothingObserved] : [])
  }
}
