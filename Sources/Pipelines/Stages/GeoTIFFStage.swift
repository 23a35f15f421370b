import Products
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
  static let revision = 2

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
      let shown = scenes.scenes.count == 1 ? scenes.scenes[0] : nil
      return planning.job(
        "publish \(source.subject)", subject: source.subject, in: .products, uses: shared,
        // A scene that cannot be read fails where it is mapped, and is blocked here.
        inputs: shown.flatMap { planning.content(of: $0) }.map { ["scene": .text($0)] } ?? [:],
        after: [source]
      ) { context in
        var product = try MapProduct(
          context, of: scenes.read(), pipeline: file.name, style: style, outlines: maps.outlines)
        let opening = SceneOpening(file)
        let legend = opening.legend
        let cleaned = try maps.cleaning.map { try product.clean(by: $0, classes: legend) } ?? []
        let lacksObserved = observed && !product.layers.contains { $0.name == ObservedPixels.layerName }
        let (picture, lack) = Self.picture(of: shown, by: opening)
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

  /// Draws the scene that a map is of. A picture that cannot be drawn costs no map.
  ///
  /// - Returns: the picture, and what there is none for.
  private static func picture(
    of scene: SceneSource?, by opening: SceneOpening
  ) -> (picture: ScenePicture?, lack: [String]) {
    guard let scene else { return (nil, []) }
    do {
      return (try ScenePicture(of: opening.sceneForPicture(scene)), [])
    } catch {
      return (nil, ["no \(ScenePicture.file): \(error)"])
    }
  }
}
