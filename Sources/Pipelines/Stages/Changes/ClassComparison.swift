import ChangeDetection
import Foundation
import Rasters

/// Post-classification: the class maps of two dates, compared pixel by pixel.
struct ClassComparison {
  let file: PipelineFile
  /// Pixels to either side that decide with a pixel's own; 0 for none.
  let smoothing: Int
  let context: TaskContext

  /// Probabilities that are held at once.
  private static let valuesAtOnce = 1 << 24

  /// Compares the maps of the context's two inputs.
  func run() throws -> TaskResult {
    let folder = context.directory.appendingPathComponent(".maps")
    defer { try? FileManager.default.removeItem(at: folder) }
    let maps = try ClassMaps(context, in: folder)
    let (before, after) = try maps.files(named: InferenceStage.classes)
    let isSmoothed = smoothing > 0 && file.classes.count > 1
    let confidence = isSmoothed ? try maps.files(named: InferenceStage.confidence) : nil
    var comparison = PostClassification(classCount: file.classes.count)
    let grid = before.grid
    func raster(_ name: String, _ band: String, noData: UInt8) throws -> RasterWriter {
      try RasterWriter(
        path: context.directory.appendingPathComponent(name).path, grid: grid,
        options: .init(type: .byte, bandNames: [band], noData: Double(noData)))
    }
    let fromTo = try raster(ChangeDetectionStage.fromTo, "from-to", noData: 0)
    let mask = try raster(
      ChangeDetectionStage.mask, "change", noData: PostClassification.Mask.notObserved.rawValue)
    context.progress.begin(grid.height, unit: "rows")
    // Smoothing holds the probabilities of both dates' classes.
    let height =
      !isSmoothed
      ? RasterWriter.tileSize : max(1, Self.valuesAtOnce / (2 * file.classes.count * grid.width))
    for window in grid.bounds.strips(ofHeight: min(RasterWriter.tileSize, height)) {
      try context.checkCancellation()
      let classes =
        try confidence.map { try smoothed(window, (before, after), $0) }
        ?? (before: before.readValues(window, band: 1), after: after.readValues(window, band: 1))
      let values = comparison.compare(before: classes.before, after: classes.after)
      try fromTo.write(window, band: 1, values.fromTo)
      try mask.write(window, band: 1, values.mask)
      context.progress.advance(by: window.height)
    }
    try fromTo.close()
    try mask.close()
    try ChangePicture.write(maps: [before.path, after.path], legend: file.indexLegend, in: context.directory)
    return result(comparison, grid: grid, difference: maps.difference)
  }

  private typealias Pair = (before: RasterFile, after: RasterFile)

  /// The classes of both dates as the pixels around say them.
  private func smoothed(_ window: Window, _ classes: Pair, _ confidence: Pair) throws -> (
    before: [UInt8], after: [UInt8]
  ) {
    let around = window.grown(by: smoothing).intersection(classes.before.grid.bounds)!
    let parts = try [(classes.before, confidence.before), (classes.after, confidence.after)].map {
      JointSmoothing.Map(
        classes: try $0.0.readValues(around, band: 1), confidence: try $0.1.readValues(around, band: 1))
    }
    let rows = window.row - around.row..<window.row - around.row + window.height
    return JointSmoothing(classCount: file.classes.count, radius: smoothing).smoothed(
      before: parts[0], after: parts[1], width: around.width, rows: rows)
  }

  private func result(_ comparison: PostClassification, grid: Grid, difference: String?) -> TaskResult {
    let count = comparison.classCount
    var transitions: [String: JSONValue] = [:]
    let hectares = grid.pixelAreaInSquareMetres.map { $0 / 10_000 }
    for from in 0..<count {
      for to in 0..<count where from != to && comparison.counts[from * count + to] > 0 {
        let pixels = comparison.counts[from * count + to]
        transitions["\(file.classes[from].name) -> \(file.classes[to].name)"] = .object([
          "pixels": .int(pixels), "hectares": hectares.map { .number($0 * Double(pixels)) } ?? .null,
        ])
      }
    }
    let map = context.inputs[0]
    return TaskResult(
      metrics: [
        MapProduct.modelDigest: map.metrics[MapProduct.modelDigest] ?? .null,
        MapProduct.precision: map.metrics[MapProduct.precision] ?? .null,
        "observed pixels": .int(comparison.observed), "changed pixels": .int(comparison.changed),
        "from-to": .object(transitions), "grids differ in": difference.map(JSONValue.string) ?? .null,
        "resampling": .string(difference == nil ? "none" : ResampledScene.Kernel.nearest.rawValue),
      ],
      warnings: comparison.observed == 0 ? [ChangeDetectionStage.nothingObserved] : [])
  }
}
