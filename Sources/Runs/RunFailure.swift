import Foundation
import Host

/// A failure as it is recorded and shown: one sentence, and the exit code that it stands for.
///
/// Nothing throws it. What fails throws an error of its own area, of which the runner and the command make
/// this.
public struct RunFailure: Sendable, Hashable {
  /// One sentence that names the culprit.
  public let reason: String
  /// The exit code of a run of which this is the only result.
  public let exitCode: ExitCode

  /// Creates a failure.
  package init(_ reason: String, exitCode: ExitCode) {
    (self.reason, self.exitCode) = (reason, exitCode)
  }

  /// Makes the failure of an error that has an exit code of its own.
  public init(_ error: any ExitCoded) { self.init(error.description, exitCode: error.exitCode) }

  /// Makes the failure of any error: one that has an exit code of its own says it, the others are what
  /// `classify` makes of them.
  public init(of error: any Error, otherwise classify: (any Error) -> RunFailure) {
    if let coded = error as? any ExitCoded { self.init(coded) } else { self = classify(error) }
  }

  /// Makes the failure of an error of no known kind: those of Foundation's file calls keep the system's
  /// reason, the rest is a bug of terrane.
  public init(classifying error: any Error) {
    if let coded = error as? any ExitCoded {
      self.init(coded)
    } else if error is DecodingError {
      self.init("a stored record cannot be read: \(error.decodingProblem)", exitCode: .badData)
    } else if let system = SystemError(foundation: error) {
      self.init(system)
    } else {
      self.init("\(error)", exitCode: .bug)
    }
  }

  /// The failure of a job whose needs or files were not read because the deadline came first: nothing is
  /// known of it.
  public static let unread = RunFailure(InputFailure.unread)
}

extension SystemError: ExitCoded {
  /// The exit code: 66 for what is not there, 65 for what is not read, 73 for what cannot be created, else
  /// 74.
  public var exitCode: ExitCode {
    switch kind {
    case .missing: .noInput
    case .refused: .badData
    case .cannotCreate: .cannotCreate
    case .inputOutput: .inputOutput
    }
  }
}
