import Host
import Runs

/// The reason why `terrane init` writes no file; each names the file as the user did.
enum StarterFileFailure: ExitCoded, Hashable {
  /// There is such a file already.
  case exists(String)
  /// The system does not create the file.
  case notCreated(String, SystemError)

  var description: String {
    switch self {
    case .exists(let path): "\(path): there is such a file already"
    case .notCreated(let path, let error): "\(path): cannot be created: \(error.reason)"
    }
  }

  var exitCode: ExitCode {
    switch self {
    case .exists: .cannotCreate
    case .notCreated(_, let error): error.kind == .cannotCreate ? .cannotCreate : .inputOutput
    }
  }
}
