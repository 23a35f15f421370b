import Host

/// The reason why a ledger cannot be gone by.
public enum LedgerFailure: ExitCoded, Hashable {
  /// Nothing was ever recorded below an output directory.
  case none(below: String)
  /// What is there cannot be read, and was only to be looked at.
  case unreadable(SystemError)
  /// What is there cannot be read, so that nothing can be recorded beside it.
  case unusable(SystemError)

  /// One sentence.
  public var description: String {
    switch self {
    case .none(let output): "\(output): no ledger in it: no run has made anything there"
    case .unreadable(let error), .unusable(let error): error.description
    }
  }

  /// The exit code: 66 where there is no ledger, 74 where one cannot be looked at, 73 where none can be
  /// written.
  public var exitCode: ExitCode {
    switch self {
    case .none: .noInput
    case .unreadable: .inputOutput
    case .unusable: .cannotCreate
    }
  }
}
