import Checkpoints
import Mapping
import Pipelines
import Rasters
import Runs
import Transfer

/// The one place that gives an exit code to the errors of modules that know nothing of runs.
enum FailureMapping {
  /// Returns the failure that an error of a module is.
  static func failure(_ error: any Error) -> RunFailure {
    switch error {
    case let error as RasterError: RunFailure(error.description, exitCode: code(of: error))
    case let error as CheckpointError: RunFailure(error.description, exitCode: code(of: error))
    case let error as SlidingInference.Failure: RunFailure(error.description, exitCode: code(of: error))
    case let error as TrainingFailure: RunFailure(error.description, exitCode: code(of: error))
    default: RunFailure(classifying: error)
    }
  }

  private static func code(of error: RasterError) -> ExitCode {
    switch error.code {
    case .notFound: .noInput
    case .cannotCreate: .cannotCreate
    case .diskFull, .inputOutput, .notVerified: .inputOutput
    case .noLibrary: .unavailable
    case .refusedPath, .unreadable, .unsupported, .missingBand, .gridMismatch, .noCRS, .noLabels, .badField,
      .tooLarge:
      .badData
    }
  }

  private static func code(of error: CheckpointError) -> ExitCode {
    switch error.code {
    case .notFound: .noInput
    case .malformed, .mismatch, .card: .badData
    case .cannotWrite, .cannotRead: .inputOutput
    }
  }

  private static func code(of error: SlidingInference.Failure) -> ExitCode {
    switch error {
    case .noValidPixel: .badData
    case .windowTooSmall, .tooLittleMemory: .badPipelineFile
    case .cancelled: .tryLater
    }
  }

  private static func code(of error: TrainingFailure) -> ExitCode {
    switch error {
    case .noChips: .badData
    case .noThread: .inputOutput
    case .ranksDiffer: .unavailable
    case .diverged, .startWithoutHead, .tooManyMembers: .badPipelineFile
    case .cancelled: .tryLater
    }
  }
}
