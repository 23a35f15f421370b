import ChangeDetection
import Checkpoints
import Foundation
import Layers
import Products
import Rasters
import Runs
import SceneChanges
import Settings

/// Writes maps as Cloud Optimized GeoTIFFs with palette, names, overviews and provenance.
struct GeoTIFFStage: Stage {
  static let name = "geotiff"
  static let doc = "write class and change maps as COGs that open in QGIS with names and colours"
  static let consumes: [ArtifactKind] = [.maps, .changes]
  static let produces = ArtifactKind.products

  /// Which style file lies beside a map.
  private enum Style: String, CaseIterable { case qml, none }

  private let confidence: Bool
  private let style: Style

  init(_ settings: SettingsReader) {
    confidence = settings.bool(
      "confidence", default: true, "write the confidence in percent beside each class map")
    style = settings.choice("style", of: Style.self, default: .qml, "which style file lies beside each map")
  }

  func tasks(in planning: Planning) throws -> [PlannedTask] {
    let file = planning.file
    let shared: SharedSettings = [.classes, .colors, .name]
    let sources = PlannedProductScenes.bySubject(in: planning)
    let maps = planning.latestTasks(producing: .maps).map { map in
      let scenes = PlannedProductScenes(sources[map.subject] ?? [], in: planning)
      return planning.task(
        "publish \(map.subject)", subject: map.subject, in: .products, uses: shared, after: [map]
      ) {
        context in try publishMap(context, of: scenes, file: file)
      }
    }
    let changes = planning.latestTasks(producing: .changes).map { change in
      let scenes = PlannedProductScenes(sources[change.subject] ?? [], in: planning)
      return planning.task(
        "publish \(change.subject)", subject: change.subject, in: .products, uses: shared, after: [change]
      ) {
        context in try publishChange(context, of: scenes, file: file)
      }
    }
    return maps + changes
  }

  private func publishMap(
    _ context: TaskContext, of scenes: PlannedProductScenes, file: PipelineFile
  ) throws -> TaskResult {
    let opening = SceneOpening(file)
    let legend = opening.legend
    var values = [UInt8](repeating: legend.noData, count: 256)
    for (index, entry) in file.classes.enumerated() { values[index] = entry.value }
    let product = MapProduct(context, of: scenes.read(), pipeline: file.name, style: style == .qml)
    let (name, isChange) = file.comparison == nil ? ("landcover", false) : ("change", true)
    try product.writeClasses(
      from: InferenceStage.classes, named: name, values: values, legend: legend, preview: !isChange)
    if isChange { try product.copyPreview() }
    if confidence { try product.writePercentages(from: InferenceStage.confidence, named: "confidence") }
    return TaskResult(
      warnings: try product.writeItem(
        assets: [(name, legend)] + (confidence ? [("confidence", nil)] : [])))
  }

  private func publishChange(
    _ context: TaskContext, of scenes: PlannedProductScenes, file: PipelineFile
  ) throws -> TaskResult {
    let product = MapProduct(context, of: scenes.read(), pipeline: file.name, style: style == .qml)
    let warnings: [String]
    let change = (name: "change", legend: Optional(ChangePicture.legend))
    try product.writeClasses(
      from: ChangeDetectionStage.mask, named: "change", values: Array(0...255), legend: ChangePicture.legend,
      preview: false)
    try product.copyPreview()
    func isThere(_ name: String) -> Bool {
      context.inputs[0].files.contains { $0.path.hasSuffix("/" + name) }
    }
    // What compared maps knows classes, what compared series dates, what compared scenes a magnitude.
    if isThere(ChangeDetectionStage.fromTo) {
      try product.writeClasses(
        from: ChangeDetectionStage.fromTo, named: "from-to", values: Array(0...255),
        legend: Self.fromToLegend(file),
        preview: false)
      warnings = try product.writeItem(assets: [change, ("from-to", Self.fromToLegend(file))])
    } else if isThere(ChangeDetectionStage.date) {
      let dates = try SeriesDates(of: context.inputs[0], context).legend
      try product.writeClasses(
        from: ChangeDetectionStage.date, named: "date", values: Array(0...255),
        legend: dates, preview: false)
      try product.writeMeasurements(from: ChangeDetectionStage.magnitude, named: "significance") { _ in
        .significance
      }
      warnings = try product.writeItem(assets: [change, ("date", dates), ("significance", nil)])
    } else {
      let threshold = context.inputs[0].metrics["threshold"]?.double
      try product.writeMeasurements(from: ChangeDetectionStage.magnitude, named: "magnitude") {
        .magnitude(to: $0, threshold: threshold)
      }
      let hasDirection = isThere(ChangeDetectionStage.direction)
      if hasDirection {
        try product.writeMeasurements(from: ChangeDetectionStage.direction, named: "direction") { _ in
          .direction
        }
      }
      warnings = try product.writeItem(
        assets: [change, ("magnitude", nil)] + (hasDirection ? [("direction", nil)] : []))
    }
    return TaskResult(warnings: warnings)
  }

  /// Every pair has a value and a colour of its own.
  private static func fromToLegend(_ file: PipelineFile) -> Legend {
    let comparison = PostClassification(classCount: file.classes.count)
    let colors = PairColors(classes: file.indexLegend.entries.map(\.color))
    var entries: [Legend.Entry] = []
    for (from, before) in file.classes.enumerated() {
      for (to, after) in file.classes.enumerated() {
        entries.append(
          .init(
            value: comparison.value(from: UInt8(from), to: UInt8(to)),
            name: from == to ? "\(before.name), unchanged" : "\(before.name) to \(after.name)",
            color: colors.color(from: from, to: to)))
      }
    }
    return Legend(entries: entries, noData: 0)
  }
}
