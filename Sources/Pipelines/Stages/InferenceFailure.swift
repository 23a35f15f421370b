import Mapping
import Runs

/// The reason why a scene is not mapped.
package enum InferenceFailure: ExitCoded, Hashable {
  /// The slide over a scene, named by its path, failed: a slide knows pixels and no paths.
  case slide(scene: String, SlidingInference.Failure)
  /// No stage before has a network.
  case noNetwork

  /// One sentence.
  package var description: String {
    switch self {
    case .slide(let scene, let failure): "\(scene): \(failure)"
    case .noNetwork: "inference: there is no network"
    }
  }

  /// The exit code: 65 for a scene without a valid pixel, 78 where the settings do not fit.
  package var exitCode: ExitCode {
    switch self {
    case .slide(_, .noValidPixel): .badData
    case .slide, .noNetwork: .badPipelineFile
    }
  }
}
