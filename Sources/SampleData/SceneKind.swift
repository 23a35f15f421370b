/// The kind of scene that a whole chip shows: the class that covers most of it.
enum SceneKind: String, CaseIterable {
  case water, forest, cropland
  case builtUp = "built-up"

  /// The land cover that a chip of the kind shows.
  var cover: LandCover {
    switch self {
    case .water: .water
    case .forest: .trees
    case .cropland: .cropland
    case .builtUp: .builtUp
    }
  }
}
