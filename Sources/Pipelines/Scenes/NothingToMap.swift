import Runs

/// The reason why a pipeline that maps or compares has nothing to work on.
public enum NothingToMap: ExitCoded, Hashable {
  /// A directory of scenes has none in it.
  case emptyDirectory(String)
  /// A directory of scenes has entries, and none is worked on; the entries counted by what became of them.
  case allLeftOut(String, counts: String)
  /// Neither the file nor the command names a scene.
  case notNamed

  /// Creates the reason for a directory without a scene to work on.
  init(_ directory: String, _ report: DirectoryReport?) {
    self =
      report?.reasons.map { .allLeftOut(directory, counts: $0) } ?? .emptyDirectory(directory)
  }

  /// One sentence.
  public var description: String {
    switch self {
    case .emptyDirectory(let path): "\(path): no scene in it"
    case .allLeftOut(let path, let counts): "\(path): nothing to map in it: \(counts)"
    case .notNamed: "nothing to map: give --scenes, or data.scenes in the file"
    }
  }

  /// The exit code: 66.
  public var exitCode: ExitCode { .noInput }
}
