import Runs

/// A failure of a fake stage.
enum FakeFailure: ExitCoded, Hashable {
  case badSource
  case unreadableBlock(String)

  var description: String {
    switch self {
    case .badSource: "bad source"
    case .unreadableBlock(let path): "\(path): cannot read block 3"
    }
  }

  var exitCode: ExitCode { .badData }
}
