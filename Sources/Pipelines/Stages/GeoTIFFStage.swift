import Products
import Runs
import Settings

/// Writes maps as Cloud Optimized GeoTIFFs with palette, names, overviews and provenance.
struct GeoTIFFStage: Stage {
  static let name = "geotiff"
  static let doc = "write class and change maps as COGs that open in QGIS with names and colours"
  static let consumes: [ArtifactKind] = [.maps, .changes]
  static let produces = ArtifactKind.products

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
      return planning.job(
        "publish \(source.subject)", subject: source.subject, in: .products, uses: shared, after: [source]
      ) { context in
        let product = try MapProduct(
          context, of: scenes.read(), pipeline: file.name, style: style == .qml)
        let lacksObserved = observed && !product.layers.contains { $0.name == ObservedPixels.layerName }
        return JobResult(
          warnings: (lacksObserved ? ["no observed.tif: no mask was read for it"] : [])
            + (try product.publish(classes: SceneOpening(file).legend) {
              (confidence || $0.content != .percent) && (observed || $0.name != ObservedPixels.layerName)
            }))
      }
    }
  }
}
