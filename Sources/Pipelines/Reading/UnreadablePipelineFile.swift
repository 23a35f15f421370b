import Host
import Runs

/// The reason why there is no text of a pipeline file; each names the file as the user did.
public enum UnreadablePipelineFile: ExitCoded, Hashable {
  /// There is no such file.
  case missing(String)
  /// There is a directory in its place.
  case directory(String)
  /// What is there is no regular file.
  case refused(String, SystemError)
  /// The system does not read the file.
  case unread(String, SystemError)

  /// One sentence.
  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such pipeline file"
    case .directory(let path): "\(path): a directory where a pipeline file is wanted"
    case .refused(let path, let error), .unread(let path, let error):
      "\(path): cannot be read: \(error.reason)"
    }
  }

  /// The exit code: 74 where the system does not read the file, else 66.
  public var exitCode: ExitCode {
    switch self {
    case .missing, .directory, .refused: .noInput
    case .unread: .inputOutput
    }
  }
}
