import Chips
import Runs

/// The reason why an evaluation scores no model, or hands none on.
package enum EvaluationFailure: ExitCoded, Hashable {
  /// The labels cannot be split as wanted.
  case split(SplitError)
  /// Around the labels of a scene, named by its path, no pixel is valid.
  case noValidPixel(scene: String)
  /// No model of the chain knows the classes.
  case noVerdict
  /// The recipe loses to doing without transfer, as the verdict's sentence tells, and nothing takes its
  /// place.
  case negativeTransfer(String)
  /// The winner, by its name in tables, is none that can be trained.
  case untrainable(String)

  /// One sentence.
  package var description: String { "evaluate: \(reason)" }

  private var reason: String {
    switch self {
    case .split(let error): error.description
    case .noValidPixel(let scene): "no pixel of \(scene) around its labels is valid"
    case .noVerdict: "no model of the chain knows the classes, so there is no verdict"
    case .negativeTransfer(let sentence): sentence
    case .untrainable(let name): "nothing can train '\(name)'"
    }
  }

  /// The exit code: 78 where the file's stages leave nothing to compare, 70 for a winner that nothing trains,
  /// else 65.
  package var exitCode: ExitCode {
    switch self {
    case .split, .noValidPixel, .negativeTransfer: .badData
    case .noVerdict: .badPipelineFile
    case .untrainable: .bug
    }
  }
}
