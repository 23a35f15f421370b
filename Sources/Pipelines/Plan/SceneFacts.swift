import Chips
import Rasters

/// What scenes are paired by.
public struct SceneFacts: Sendable {
  /// The day that the scene shows; nil where nothing says it.
  public let day: Day?
  /// Its pixels; nil where it cannot be read.
  public let grid: Grid?

  /// - Parameters:
  ///   - name: the scene's name; a day in it wins.
  ///   - metadata: the items of its file.
  public init(name: String, grid: Grid?, metadata: [String: String] = [:]) {
    let said = Self.dayItems.lazy.compactMap { metadata[$0] }.compactMap(Day.init(startOf:))
    (day, self.grid) = (Day(inName: name) ?? said.first, grid)
  }

  /// The items of metadata that say when a scene was taken, as products of Landsat and Sentinel and STAC have them. That of TIFF itself
  /// says when a file was written as often, and is left out.
  private static let dayItems = [
    "ACQUISITION_DATE", "DATE_ACQUIRED", "SENSING_TIME", "DATATAKE_SENSING_START", "PRODUCT_START_TIME",
    "datetime",
  ]
}

extension Day {
  /// The day that a text like `2023-06-14T10:20:30Z` begins with.
  fileprivate init?(startOf text: String) { self.init(String(text.prefix(10))) }
}

extension [SceneInput] {
  /// Those of which a day is known, in the order of days and names.
  func dated(_ about: (SceneInput) -> SceneFacts) -> [(scene: SceneInput, day: Day, grid: Grid?)] {
    compactMap { scene in
      let facts = about(scene)
      return facts.day.map { (scene: scene, day: $0, grid: scene.refusal == nil ? facts.grid : nil) }
    }.sorted { ($0.day, $0.scene.name) < ($1.day, $1.scene.name) }
  }
}
