import Foundation
import Products
import Radar
import Rasters
import Runs
import Scenes
import Settings

/// The making of one scene of a radar product.
struct SARCorrectionJob {
  let settings: SARCorrectionSettings
  let file: PipelineFile
  let polarisations: [String]
  let folder: GroundRangeFolder
  let sources: PlannedProductScenes
  let context: JobContext

  private static let incidence = "incidence"

  private func path(_ layer: Layer) -> String { context.directory.appendingPathComponent(layer.file).path }

  /// Makes the scene, and publishes it where it is to be kept.
  ///
  /// - Throws: `SARCorrectionFailure`, what reading the product and writing the scene throws.
  func run() throws -> JobResult {
    let correction = try RadarCorrection(folder, polarisations: polarisations, options: settings.options)
    let unit = file.ownSensor.unit
    var layers = [
      layer(SARCorrectionStage.layer, .init(file.bands, in: unit))
    ]
    if settings.wantsIncidence {
      layers.append(layer(Self.incidence, .init([Self.incidence], in: "degrees")))
    }
    GDALLibrary.planBlockCache(correction.blockCache)
    defer { GDALLibrary.planBlockCache(nil) }
    var notes = try correction.notes()
    try write(layers, of: correction, unit)
    let tally = correction.tally
    if tally.inImage > 0 && tally.withoutHeight == tally.inImage {
      throw SARCorrectionFailure.noHeights(scene: folder.path, heights: settings.dem?.path ?? "")
    }
    guard tally.valid.contains(where: { $0 > 0 }) else {
      throw SARCorrectionFailure.noValidPixel(scene: folder.path)
    }
    notes += self.notes(of: tally)
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(correction.grid)
    artifact.layers = layers
    artifact.findings = findings(of: tally)
    artifact.notes = notes
    guard settings.keep else { return try context.leave(artifact) }
    let said = try MapProduct(
      artifact, by: context, of: sources.read(), pipeline: file.name, item: "\(SARCorrectionStage.layer).json"
    ).publish(classes: SceneOpening(file).legend) { _ in true }
    for layer in layers { try FileManager.default.removeItem(atPath: path(layer)) }
    return JobResult(findings: artifact.findings, warnings: notes + said)
  }

  /// Describes a raster; products are made of the file, and where there is none it is the scene's.
  private func layer(_ name: String, _ content: Layer.SceneBands) -> Layer {
    Layer(name, file: settings.keep ? ".\(name).made.tif" : "\(name).tif", .scene(content), noData: .nan)
  }

  private func write(_ layers: [Layer], of correction: RadarCorrection, _ unit: String) throws {
    let writers = try layers.map { layer -> RasterWriter in
      guard case .scene(let content) = layer.content else {
        preconditionFailure("'\(layer.name)' is no raster")
      }
      return try RasterWriter(
        path: path(layer), grid: correction.grid,
        options: .init(
          type: .float32, bandNames: content.bands, noData: layer.noData, unit: content.unit, compression: 1,
          metadata: layer.name == SARCorrectionStage.layer ? [SceneOrigin.unitItem: unit] : [:]))
    }
    let windows = correction.windows
    context.progress.begin(windows.count, unit: "tiles")
    for window in windows {
      try context.checkCancellation()
      if let tile = try correction.tile(window) {
        for (index, band) in tile.bands.enumerated() { try writers[0].write(window, band: index + 1, band) }
        if let incidence = tile.incidence { try writers[1].write(window, incidence) }
      }
      context.progress.advance(by: 1)
    }
    for writer in writers { try writer.close() }
  }

  // MARK: - What is said of it

  private func notes(of tally: RadarCorrection.Tally) -> [String] {
    var notes: [String] = []
    if let dem = settings.dem, tally.withoutHeight > 0 {
      let names = [dem, settings.geoid].compactMap(\.self).map(\.lastPathComponent).joined(separator: " or ")
      notes.append(
        "DEM: \(percent(tally.withoutHeight, of: tally.inImage)) of the scene lies outside \(names); those pixels are "
          + "no data")
    }
    for (index, name) in polarisations.enumerated() where tally.atFloor[index] > 0 {
      notes.append(
        "\(name): \(percent(tally.atFloor[index], of: tally.valid[index])) of the pixels are no brighter than the "
          + "receiver's noise: -40 dB")
    }
    return notes
  }

  private func percent(_ count: Int, of whole: Int) -> String {
    let share = 100 * Double(count) / Double(max(1, whole))
    return share < 0.1 ? "less than 0.1 %" : String(format: share < 10 ? "%.1f %%" : "%.0f %%", share)
  }

  private func findings(of tally: RadarCorrection.Tally) -> [Finding] {
    let inImage = Double(max(1, tally.inImage))
    let rows = polarisations.indices.map { index -> [JSONValue?] in
      [
        .string(file.bands[index]), .number(Double(tally.valid[index]) / inImage),
        .number(Double(tally.atFloor[index]) / Double(max(1, tally.valid[index]))),
      ]
    }
    let columns: [FindingTable.Column] = [.init("band"), .init("valid-share"), .init("floor-share")]
    return [
      Finding(.backscatter, .table(FindingTable(columns, rows))),
      Finding(.layoverShare, Double(tally.layover) / inImage),
      Finding(.shadowShare, Double(tally.shadow) / inImage),
      Finding(.withoutHeightShare, Double(tally.withoutHeight) / inImage),
    ].compactMap(\.self)
  }
}

/// Keys of the findings of radar products that are brought onto the map.
extension FindingKey {
  /// A table with a row a band: `band`, `valid-share` of the image, and `floor-share` of the valid pixels.
  static let backscatter = FindingKey("backscatter", "valid pixels of each band, and those at the noise")
  /// The share of the image in layover, 0 to 1.
  static let layoverShare = FindingKey("layover-share", "share of the image in layover")
  /// The share of the image in the radar's shadow, 0 to 1.
  static let shadowShare = FindingKey("radar-shadow-share", "share of the image in the radar's shadow")
  /// The share of the image for which there are no heights, 0 to 1.
  static let withoutHeightShare = FindingKey("without-height-share", "share of the image without heights")
}
