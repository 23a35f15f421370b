import Runs

/// The reason why a network gets no normalisation of its bands.
package enum NormalizationFailure: ExitCoded, Hashable {
  /// The weights bring none for these bands of a sensor, and no scene is there to measure it on.
  case nothingToMeasure(bands: [String], sensor: String)
  /// The scenes, named by their files, have no chip that is at least half valid.
  case noValidChip(scenes: [String])

  /// One sentence.
  package var description: String {
    switch self {
    case .nothingToMeasure(let bands, let sensor):
      "pretrain-load: the weights were trained on other bands or another sensor; the normalisation of "
        + "\(bands.joined(separator: ", ")) of \(sensor) is measured on data.target or data.unlabelled; "
        + "neither is there"
    case .noValidChip(let scenes):
      "pretrain-load: no chip of \(scenes.joined(separator: ", ")) is at least half valid: "
        + "there is nothing to take the normalisation from"
    }
  }

  /// The exit code: 78 where the file names no scene, 65 where its scenes are at fault.
  package var exitCode: ExitCode {
    switch self {
    case .nothingToMeasure: .badPipelineFile
    case .noValidChip: .badData
    }
  }
}
