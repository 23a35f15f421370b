import Host

/// The reason why a process may not write below an output directory, or not carry out a job, at this time.
public enum LockFailure: ExitCoded, Hashable {
  /// Another run holds an output directory: its path, and what the holder has written of itself, which may be
  /// nothing.
  case runHeld(output: String, holder: String)
  /// Another process holds the job of this id.
  case jobHeld(String)
  /// The lock's file cannot be made.
  case notCreated(SystemError)
  /// The system locks no file there.
  case notLocked(SystemError)

  /// One sentence.
  public var description: String {
    switch self {
    case .runHeld(let output, let holder):
      "another run is writing to \(output)" + (holder.isEmpty ? "" : " (\(holder))")
    case .jobHeld: "another process is at it"
    case .notCreated(let error), .notLocked(let error): error.description
    }
  }

  /// The exit code: 75 where another holds the lock, 73 where its file cannot be made, else 74.
  public var exitCode: ExitCode {
    switch self {
    case .runHeld, .jobHeld: .tryLater
    case .notCreated: .cannotCreate
    case .notLocked: .inputOutput
    }
  }
}
