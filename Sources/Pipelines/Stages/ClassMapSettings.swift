import Products
import Rasters
import Runs
import Settings
import Tasks

/// The settings of what is published of a class map besides the map as the network has it.
struct ClassMapSettings {
  /// Whether the probabilities of all classes are published.
  let probabilities: Bool
  /// The cleaning of the map; nil where it is published as it is.
  let cleaning: MapCleaning?
  private let vector: Vector?
  /// The settings that the file writes.
  private let written: [String]

  /// The format of polygons.
  private enum Vector: String, CaseIterable { case gpkg }

  init(_ settings: SettingsReader) {
    probabilities =
      settings.optionalBool(
        "probabilities",
        "write beside each class map the probability of every class in percent, a band a class") ?? false
    let smoothing = settings.optionalInt(
      "smoothing", in: 0...16,
      "pixels to either side whose classes decide together with a pixel's own, in class maps; 0 without it")
    let smallest = settings.optionalArea(
      "minimum-mapping-unit",
      "the smallest region of a class map that stays; smaller ones become as the largest beside them")
    cleaning = MapCleaning(smoothing: smoothing ?? 0, smallest: smallest)
    vector = settings.optionalWord(
      "vector", of: Vector.allCases.map(\.rawValue),
      "outline the patches of each raster of classes in polygons as well, with class, value and hectares"
    ).flatMap(Vector.init)
    written = ["probabilities", "smoothing", "minimum-mapping-unit", "vector"].filter(settings.has)
  }

  /// Returns whether the classes of a raster are outlined.
  func outlines(_ layer: Layer) -> Bool { vector != nil && layer.name != ObservedPixels.layerName }

  /// Names what of the settings has no class map to work on, one phrase each.
  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    if file.taskType.answersWholeWindows {
      return written.map {
        "'\($0)' is for maps of pixels; of whole chips there are polygons and a table anyway"
      }
    }
    guard !earlier.contains(where: { type(of: $0.stage).produces == .maps }) else { return [] }
    return written.filter { $0 != "vector" }.map {
      "'\($0)' is for class maps: put inference before it"
    }
  }
}
