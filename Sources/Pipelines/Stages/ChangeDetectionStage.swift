import ChangeDetection
import Foundation
import Rasters

/// Compares the class maps of the two dates of each pair.
struct ChangeDetectionStage: Stage {
  static let name = "change-detection"
  static let doc = "compare the maps of two dates"
  static let consumes: [ArtifactKind] = [.maps]
  static let produces = ArtifactKind.changes

  static let fromTo = "from-to.tif"
  static let mask = "change.tif"

  /// How two dates are compared.
  private enum Method: String, CaseIterable { case postClassification = "post-classification" }

  init(_ settings: SettingsReader) {
    _ = settings.choice("method", of: Method.self, default: .postClassification, "how two dates are compared")
  }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    let most = PostClassification.largestClassCount
    var problems: [String] = []
    if file.data.pairs.isEmpty { problems.append("compares data.pairs; there are none") }
    if file.classes.count > most {
      problems.append("from-to maps hold \(most) classes at most, the file has \(file.classes.count)")
    }
    return problems
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let maps = planning.latestTasks(producing: .maps)
    func map(_ url: URL) -> PlannedTask? {
      guard let scene = planning.scene(at: url) else { return nil }
      return maps.first { $0.subject == scene.name }
    }
    return file.data.pairs.compactMap { pair in
      // A scene that is still arriving has no map tonight, and so its pair no comparison.
      guard let before = map(pair.before), let after = map(pair.after) else { return nil }
      return planning.task(
        "compare \(before.subject) with \(after.subject)", subject: "\(before.subject)--\(after.subject)",
        in: .cache, uses: [.classes], after: [before, after]
      ) { context in try compare(context, file: file) }
    }
  }

  private func compare(_ context: TaskContext, file: PipelineFile) throws -> TaskResult {
    let paths = try context.inputs.map { try context.file(named: InferenceStage.classes, of: $0).path }
    let (before, after) = (try RasterFile(path: paths[0]), try RasterFile(path: paths[1]))
    if let difference = before.grid.difference(from: after.grid) {
      throw RasterError(
        .gridMismatch, "compare \(context.inputs[0].task) with \(context.inputs[1].task)", cause: difference)
    }
    var comparison = PostClassification(classCount: file.classes.count)
    let grid = before.grid
    func raster(_ name: String, _ band: String, noData: UInt8) throws -> RasterWriter {
      try RasterWriter(
        path: context.directory.appendingPathComponent(name).path, grid: grid,
        options: .init(type: .byte, bandNames: [band], noData: Double(noData)))
    }
    let fromTo = try raster(Self.fromTo, "from-to", noData: 0)
    let mask = try raster(Self.mask, "change", noData: PostClassification.Mask.notObserved.rawValue)
    context.progress.begin(grid.height, unit: "rows")
    for row in stride(from: 0, to: grid.height, by: RasterWriter.tileSize) {
      try context.checkCancellation()
      let window = Window(
        column: 0, row: row, width: grid.width, height: min(RasterWriter.tileSize, grid.height - row))
      let values = comparison.compare(
        before: try before.readValues(window, band: 1), after: try after.readValues(window, band: 1))
      try fromTo.write(window, band: 1, values.fromTo)
      try mask.write(window, band: 1, values.mask)
      context.progress.advance(by: window.height)
    }
    try fromTo.close()
    try mask.close()
    return result(comparison, grid: grid, file: file, of: context.inputs[0])
  }

  private func result(
    _ comparison: PostClassification, grid: Grid, file: PipelineFile, of map: TaskOutput
  ) -> TaskResult {
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
    return TaskResult(
      metrics: [
        MapProduct.modelDigest: map.metrics[MapProduct.modelDigest] ?? .null,
        MapProduct.precision: map.metrics[MapProduct.precision] ?? .null,
        "observed pixels": .int(comparison.observed), "changed pixels": .int(comparison.changed),
        "from-to": .object(transitions),
      ],
      warnings: comparison.observed == 0 ? ["no pixel was observed at both dates"] : [])
  }
}
