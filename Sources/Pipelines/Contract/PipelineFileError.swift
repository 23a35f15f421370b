import Runs
import Settings

/// An error that names everything that is wrong with a pipeline file, found in one pass.
public struct PipelineFileError: Error, Sendable, CustomStringConvertible {
  /// The mistakes, in the order of the file; those of the command line come first.
  public let diagnostics: [Diagnostic]
  /// The pipeline as far as it could be read, where its data can be looked at all the same; nil where they
  /// cannot.
  public let pipeline: Pipeline?

  /// Creates an error of one or more mistakes.
  public init(_ diagnostics: [Diagnostic], in pipeline: Pipeline? = nil) {
    (self.diagnostics, self.pipeline) = (diagnostics, pipeline)
  }

  /// Every mistake as `file:line:col: error: ...` with its line and caret, one below the other.
  public var description: String {
    diagnostics.map(\.text).joined(separator: "\n")
  }
}

extension PipelineFileError: ExitCoded {
  /// The exit code: where settings are wrong 64 if the command line is to blame, else 78; where nothing but
  /// data are, 65, and 66 or 74 where all of them are missing or unreadable.
  public var exitCode: ExitCode {
    if diagnostics.allSatisfy({ $0.kind == .missingInput }) { return .noInput }
    if diagnostics.allSatisfy({ $0.kind == .inputOutput }) { return .inputOutput }
    let settings = diagnostics.filter { $0.kind == .settings }
    if settings.isEmpty { return .badData }
    let blamesCommandLine = settings.contains {
      if case .commandLine = $0.origin { true } else { false }
    }
    return blamesCommandLine ? .usage : .badPipelineFile
  }
}
