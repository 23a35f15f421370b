import Runs

/// The reason why a radar product is not brought onto the map.
package enum SARCorrectionFailure: ExitCoded, Hashable {
  /// None of the image lies where heights are known.
  case noHeights(scene: String, heights: String)
  /// The image has no pixel with a number.
  case noValidPixel(scene: String)

  /// One sentence.
  package var description: String {
    switch self {
    case .noHeights(let scene, let heights): "\(scene): none of it lies where \(heights) has heights"
    case .noValidPixel(let scene): "\(scene): no pixel of it has a number, or all that have are hidden"
    }
  }

  /// The exit code: 65.
  package var exitCode: ExitCode { .badData }
}
