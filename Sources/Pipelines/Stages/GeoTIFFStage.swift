import Products
import Rasters
import Runs
import Scenes
import Settings

/// Writes maps as Cloud Optimized GeoTIFFs with palette, names, overviews and provenance.
struct GeoTIFFStage: Stage {
  static let name = "geotiff"
  static let doc = "write class and change maps as COGs that open in QGIS with names and colours"
  static let consumes: [ArtifactKind] = [.maps, .changes]
  static let produces = ArtifactKind.products
  // 2: items link to the collection of the products, and a picture of the scene lies beside its map.
  // 3: a minimum mapping unit leaves no region below it; a map without a position has no polygons.
  static let revision = 3

  private let confidence, observed: Bool
  private let style: StyleFiles
  private let maps: ClassMapSettings

  init(_ settings: SettingsReader) {
    confidence = settings.bool(
      "confidence", default: true, "write the confidence in percent beside each class map")
    observed =
      settings.optionalBool(
        "observed",
        "write beside each class map which pixels are clear, and what the others were left out for"
      ) ?? false
    style = settings.choice(
      "style", of: StyleFiles.self, default: .qml,
      "which style files lie beside each map: QGIS's, Styled Layer Descriptors (GeoServer), both or none")
    maps = ClassMapSettings(settings)
  }

  var wantsProbabilities: Bool { maps.probabilities }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    maps.problems(in: file, after: earlier)
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    let shared: SharedSettings = [.classes, .colors, .name]
    let sources = PlannedProductScenes.bySubject(in: planning)
    let published = planning.latestJobs(producing: .maps) + planning.latestJobs(producing: .changes)
    return published.map { source in
      let scenes = PlannedProductScenes(sources[source.subject] ?? [], in: planning)
      let shown = scenes.scenes.count == 1 ? PicturedScene(scenes.scenes[0]) : nil
      return planning.job(
        "publish \(source.subject)", subject: source.subject, in: .products, uses: shared,
        // A scene that cannot be read fails where it is mapped, and is blocked here.
        inputs: shown.flatMap { planning.content(of: $0.source) }.map { ["scene": .text($0)] } ?? [:],
        after: [source]
      ) { context in
        var product = try MapProduct(
          context, of: scenes.read(), pipeline: file.name, style: style, outlines: maps.outlines)
        let opening = SceneOpening(file)
        let legend = opening.legend
        let cleaned = try maps.cleaning.map { try product.clean(by: $0, classes: legend) } ?? []
        let lacksObserved = observed && !product.layers.contains { $0.name == ObservedPixels.layerName }
        let (picture, lack) = try shown?.picture(by: opening) ?? (nil, [])
        return JobResult(
          findings: cleaned,
          warnings: (lacksObserved ? ["no observed.tif: no mask was read for it"] : []) + lack
            + (try product.publish(classes: legend, scene: picture, where: publishes)))
      }
    }
  }

  /// Returns whether a layer was asked for.
  private func publishes(_ layer: Layer) -> Bool {
    switch layer.content {
    case .percent: confidence
    case .probabilities: maps.probabilities
    default: observed || layer.name != ObservedPixels.layerName
    }
  }
}

/// A scene of which a picture is laid beside its map, as it was when the run was planned.
private struct PicturedScene: Sendable {
  let source: SceneSource
  private let statuses: [String: FileStatus]

  /// Notes what a scene is; called before its content is read, so that no change between is missed.
  init(_ source: SceneSource) {
    self.source = source
    statuses = Self.statuses(of: source)
  }

  private static func statuses(of source: SceneSource) -> [String: FileStatus] {
    // A scene that a stage makes is held against the ledger, as what other jobs leave; one whose files cannot
    // be told is not mapped.
    let files = source.origin == nil ? (try? source.storedFiles) ?? [] : []
    return Dictionary(files.map { ($0, FileStatus($0)) }) { first, _ in first }.compactMapValues(\.self)
  }

  /// Draws the scene. A picture that cannot be drawn costs no map, nor does a scene that went or was replaced
  /// since: the map is of the earlier one, and so would the picture have to be.
  ///
  /// - Returns: the picture, and what there is none for.
  /// - Throws: what reading throws where the system has failed, and may not the next time.
  func picture(by opening: SceneOpening) throws(RasterError) -> (picture: ScenePicture?, lack: [String]) {
    do throws(RasterError) {
      let picture = try ScenePicture(of: opening.sceneForPicture(source))
      guard Self.statuses(of: source) == statuses else { return (nil, [Self.changed(source)]) }
      return (picture, [])
    } catch {
      guard Self.statuses(of: source) == statuses else { return (nil, [Self.changed(source)]) }
      if error.code == .inputOutput || error.code == .diskFull { throw error }
      return (nil, ["no \(ScenePicture.file): \(error)"])
    }
  }

  private static func changed(_ source: SceneSource) -> String {
    "no \(ScenePicture.file): \(source.path) is not what was mapped any more"
  }
}
