import Runs

/// The reason why a pipeline that maps or compares has nothing to work on.
public enum NothingToMap: ExitCoded, Hashable {
  /// A directory of scenes has none in it.
  case emptyDirectory(String)
  /// Neither the file nor the command names a scene.
  case notNamed

  /// One sentence.
  public var description: String {
    switch self {
    case .emptyDirectory(let path): "\(path): no scene in it"
    case .notNamed: "nothing to map: give --scenes, or data.scenes in the file"
    }
  }

  /// The exit code: 66.
  public var exitCode: ExitCode { .noInput }
}
