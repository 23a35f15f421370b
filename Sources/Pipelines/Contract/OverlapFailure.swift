import Runs
import Settings

/// The reason why the overlap of windows does not fit a scene, found once its pixels' size is known.
package enum OverlapFailure: ExitCoded, Hashable {
  /// The overlap is in metres, and what slides over the scene, named first, has a scene in other units.
  case notInMetres(String)
  /// The overlap is as many of the scene's pixels as a window has, or more.
  case leavesNothing(String, overlap: Length, pixels: Int, window: Int)

  /// One sentence.
  package var description: String {
    switch self {
    case .notInMetres(let subject): "\(subject): an overlap in metres needs a scene in metres"
    case .leavesNothing(let subject, let overlap, let pixels, let window):
      "\(subject): an overlap of \(overlap.text), \(pixels) of its pixels, leaves nothing of a window of \(window)"
    }
  }

  /// The exit code: 65.
  package var exitCode: ExitCode { .badData }
}
