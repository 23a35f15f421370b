import Runs

/// The reason why a model is not adapted to the target.
package enum DomainAdaptationFailure: ExitCoded, Hashable {
  /// No chip of the target is at least half valid.
  case noTargetChip
  /// No pixel of the source is valid, so that there is nothing to adjust scenes to.
  case noSourcePixel
  /// No pixel is valid in both scenes of a pair; so many pairs show the same ground at all.
  case noCommonPixel(pairs: Int)
  /// The table of bands has no sensor of this name.
  case unknownSensor(String)
  /// A candidate's training became worse than it began, as the reason tells.
  case candidateFailed(String, reason: String)

  /// One sentence.
  package var description: String {
    switch self {
    case .noTargetChip: "domain-adaptation: no chip of the target is at least half valid"
    case .noSourcePixel: "domain-adaptation: no pixel of data.source is valid"
    case .noCommonPixel(let pairs):
      "domain-adaptation: invariant-features needs a scene of the target and one of data.source that show the same "
        + "ground, pixel on pixel; "
        + (pairs == 0 ? "none do" : "where they do, no pixel is valid in both")
    case .unknownSensor(let name): "domain-adaptation: sensor-bands does not know \(name)"
    case .candidateFailed(let name, let reason): "\(name): \(reason)"
    }
  }

  /// The exit code: 78 where the settings are at fault, 65 where the scenes are.
  package var exitCode: ExitCode {
    switch self {
    case .noTargetChip, .noSourcePixel, .noCommonPixel: .badData
    case .unknownSensor, .candidateFailed: .badPipelineFile
    }
  }
}
