/// The domain from whose labels a stage learns.
enum LabelledDomain: String, CaseIterable {
  case target, source, both

  /// Returns the labelled scenes of the domain in a file.
  func scenes(of file: PipelineFile) -> [SceneEntry] {
    let scenes =
      switch self {
      case .target: file.data.target
      case .source: file.data.source
      case .both: file.data.source + file.data.target
      }
    return scenes.filter(\.isLabelled)
  }

  /// The keys of the file that hold the domain's scenes, as errors name them.
  var keys: String { self == .both ? "data.source and data.target" : "data.\(rawValue)" }
}
