/// The exit code of a run of terrane, which tells the shell, cron or a scheduler how it ended.
public enum ExitCode: Sendable, Hashable {
  /// 0: everything is done, or there was nothing to do.
  case success
  /// 3: some scenes failed, the others were mapped.
  case partial
  /// 64: the command line is wrong.
  case usage
  /// 65: the data are bad and nothing was produced.
  case badData
  /// 66: an input is not there.
  case noInput
  /// 69: this machine cannot run terrane: a library or an instruction of the CPU is missing.
  case unavailable
  /// 70: a bug in terrane.
  case bug
  /// 73: an output cannot be created.
  case cannotCreate
  /// 74: reading or writing failed, or the disk is full.
  case inputOutput
  /// 75: another run holds the output directory; try later.
  case tryLater
  /// 78: the pipeline file is wrong.
  case badPipelineFile
  /// 128 + n: ended by signal n.
  case signal(Int32)

  /// Returns the exit code of a number; nil where it has none.
  package init?(rawValue: Int32) {
    let known: [ExitCode] = [
      .success, .partial, .usage, .badData, .noInput, .unavailable, .bug, .cannotCreate, .inputOutput,
      .tryLater, .badPipelineFile,
    ]
    guard let code = known.first(where: { $0.rawValue == rawValue }) else {
      guard rawValue > 128 else { return nil }
      self = .signal(rawValue - 128)
      return
    }
    self = code
  }

  /// The number that the process ends with.
  public var rawValue: Int32 {
    switch self {
    case .success: 0
    case .partial: 3
    case .usage: 64
    case .badData: 65
    case .noInput: 66
    case .unavailable: 69
    case .bug: 70
    case .cannotCreate: 73
    case .inputOutput: 74
    case .tryLater: 75
    case .badPipelineFile: 78
    case .signal(let number): 128 + number
    }
  }
}

/// An error that says in one sentence what failed, and knows how the process should end because of it.
public protocol ExitCoded: Error, CustomStringConvertible {
  /// The exit code of the process where this error ends it.
  var exitCode: ExitCode { get }
}
