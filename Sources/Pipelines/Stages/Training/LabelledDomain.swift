/// Whose labels a stage learns from.
enum LabelledDomain: String, CaseIterable {
  case target, source, both

  /// The labelled scenes of a file.
  func scenes(of file: PipelineFile) -> [SceneEntry] {
    let scenes =
      switch self {
      case .target: file.data.target
      case .source: file.data.source
      case .both: file.data.source + file.data.target
      }
    return scenes.filter(\.isLabelled)
  }

  /// What an error calls the keys of the file that hold them.
  var keys: String { self == .both ? "data.source and data.target" : "data.\(rawValue)" }
}
