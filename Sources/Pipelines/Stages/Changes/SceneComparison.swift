import ChangeDetection
import Foundation
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings

/// Compares two scenes without a model: one grid, a magnitude of change, a threshold, regions.
struct SceneComparison {
  let file: PipelineFile
  let settings: SceneComparisonSettings
  let before, after: SceneSource
  let context: JobContext

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  func run() throws -> JobResult {
    let folder = context.directory.appendingPathComponent(".pair")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let opening = SceneOpening(file)
    let (first, second) = (try opening.scene(before), try opening.scene(after))
    if let difference = first.grid.differenceOfPlace(from: second.grid) {
      throw RasterError(.gridMismatch, "compare the dates", path: after.path, cause: difference)
    }
    guard first.grid.commonGround(with: second.grid) != 0 else {
      throw RasterError(
        .gridMismatch, "compare the dates", path: after.path,
        cause: "it shows no ground that \(before.path) shows")
    }
    context.progress.begin(0, unit: WatchedPair.unit)
    context.progress.note("bringing the dates to one grid")
    let scenes = try AlignedScenes(
      before: first, after: second, aligns: settings.align, in: folder, context)
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(scenes.grid)
    artifact.findings = scenes.findings + [Finding(.changeMethod, .text(settings.method.rawValue))]
    artifact.notes = first.notes + second.notes
    artifact.notes += scenes.misregistration.warnings(remedy: "'align: true' moves the later scene")
    let counts: (observed: Int, changed: Int)
    // A date that was resampled is softer than the other one. Ratios average windows anyway, and MAD
    // tolerates it.
    let isSoft = scenes.resampling != nil && (settings.method == .cva || settings.method == .pcaKMeans)
    let pair = WatchedPair(
      pair: isSoft
        ? try scenes.pair.smoothed(into: folder.appendingPathComponent("smooth"), grid: scenes.grid)
        : scenes.pair, context: context)
    context.progress.note("estimating")
    if let magnitude = try SceneMagnitude(of: pair, settings, sensor: opening.sensor) {
      artifact.notes += magnitude.warnings
      artifact.findings += magnitude.findings
      context.progress.note("writing the magnitude")
      let plane = try write(
        magnitude.plane, as: .changeMagnitude(magnitude.meaning, threshold: nil), grid: scenes.grid)
      if let direction = magnitude.direction {
        _ = try write(direction, as: .changeDirection, grid: scenes.grid)
      }
      context.progress.note("finding regions")
      let threshold = try threshold(of: plane, magnitude)
      artifact.layers = [.changeMask, .changeMagnitude(magnitude.meaning, threshold: threshold)]
      if magnitude.direction != nil { artifact.layers.append(.changeDirection) }
      artifact.findings += [Finding(.threshold, threshold)].compactMap(\.self)
      if threshold == nil { artifact.notes.append("no change stands out: nothing is called change") }
      counts = try writeMask(
        plane, threshold: threshold ?? .infinity,
        core: settings.core(isResampled: scenes.resampling != nil), grid: scenes.grid)
    } else {
      let nothing = MappedPlane(BandPlane(scenes.pair, band: 0, of: .before)) { $0.isNaN ? .nan : 0 }
      let layer = Layer.changeMagnitude("no change", threshold: nil)
      _ = try write(nothing, as: layer, grid: scenes.grid)
      artifact.layers = [.changeMask, layer]
      counts = try writeMask(nothing, threshold: .infinity, core: 1, grid: scenes.grid)
    }
    artifact.layers.append(
      try ChangePicture(titles: [before, after].map(\.title)).write(
        pair: scenes.pair, change: Layer.changeMask.file, grid: scenes.grid, bands: file.bands,
        of: opening.sensor, in: context.directory))
    if counts.observed == 0 { artifact.notes.append(ChangeDetectionStage.nothingObserved) }
    artifact.findings += GroundArea.ofComparison(
      observed: counts.observed, changed: counts.changed, on: scenes.grid)
    return try context.leave(artifact)
  }

  /// Writes a plane as the raster of a layer.
  private func write(_ plane: any PlaneSource, as layer: Layer, grid: Grid) throws -> StoredPlane {
    guard case .measurement(let measurement) = layer.content else {
      preconditionFailure("'\(layer.name)' holds no measured values")
    }
    try StoredPlane.write(plane, to: path(layer.file), grid: grid, band: measurement.meaning, context)
    return try StoredPlane(path: path(layer.file))
  }

  /// Finds the threshold at which change begins; nil where no change stands out.
  private func threshold(of plane: StoredPlane, _ magnitude: SceneMagnitude) throws -> Double? {
    guard let choice = settings.threshold.resolved(for: settings.method) else {
      return magnitude.ownThreshold
    }
    let found: Double?
    switch choice {
    case .chiSquare: return magnitude.significance
    case .kittlerIllingworthTiles:
      found = try Histogram(of: TileSelection(plane))?.kittlerIllingworthThreshold
    case .kittlerIllingworth: found = try Histogram(of: plane)?.kittlerIllingworthThreshold
    case .twoMeans: found = try Histogram(of: plane)?.twoMeansThreshold
    case .otsu, .automatic: found = try Histogram(of: plane)?.otsuThreshold
    }
    // Every histogram can be split: where nothing changed, noise is.
    guard let floor = magnitude.floor else { return found }
    return max(found ?? floor, floor)
  }

  /// Writes the mask, small regions removed, and counts it.
  private func writeMask(_ plane: any PlaneSource, threshold: Double, core: Double, grid: Grid) throws -> (
    observed: Int, changed: Int
  ) {
    let regions = try HysteresisThreshold(plane, threshold: threshold, core: core * threshold)
    let writer = try RasterWriter(
      path: path(Layer.changeMask.file), grid: grid,
      options: .init(
        type: .byte, bandNames: ["change"], noData: Double(PostClassification.Mask.notObserved.rawValue),
        compression: 1))
    try regions.forEachStrip { mask, plane, row in
      try context.checkCancellation()
      try writer.write(
        Window(column: 0, row: row, width: plane.width, height: plane.height), mask.map(\.rawValue))
    }
    try writer.close()
    if settings.smallest > 1 {
      try Sieve.apply(to: path(Layer.changeMask.file), smallest: settings.smallest)
    }
    var counts = (observed: 0, changed: 0)
    let file = try RasterFile(path: path(Layer.changeMask.file))
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      for value: UInt8 in try file.readValues(strip, band: 1) {
        counts.observed += value == PostClassification.Mask.notObserved.rawValue ? 0 : 1
        counts.changed += value == PostClassification.Mask.changed.rawValue ? 1 : 0
      }
    }
    return counts
  }
}
