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
  /// 2: a picture of the scene lies beside its map.
  static let revision = 2

  /// The style file that lies beside a map.
  private enum Style: String, CaseIterable { case qml, none }

  private let confidence, observed: Bool
  private let style: Style

  init(_ settings: SettingsReader) {
    confidence = settings.bool(
      "confidence", default: true, "write the confidence in percent beside each class map")
    observed =
      settings.optionalBool(
        "observed",
        "write beside each class map which pixels are clear, and what the others were left out for"
      ) ?? false
    style = settings.choice("style", of: Style.self, default: .qml, "which style file lies beside each map")
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
        inputs: shown.map { ["scene": .scene($0)] } ?? [:], after: [source]
      ) { context in
        let product = try MapProduct(
          context, of: scenes.read(), pipeline: file.name, style: style == .qml)
        let lacksObserved = observed && !product.layers.contains { $0.name == ObservedPixels.layerName }
        let opening = SceneOpening(file)
        let (picture, lack) = Self.picture(of: shown, by: opening)
        return JobResult(
          warnings: (lacksObserved ? ["no observed.tif: no mask was read for it"] : []) + lack
            + (try product.publish(classes: opening.legend, scene: picture) {
              (confidence || $0.content != .percent) && (observed || $0.name != ObservedPixels.layerName)
            }))
      }
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
