import Runs

/// The reason why weights cannot be ranked for a pipeline.
public enum RankingFailure: ExitCoded, Hashable {
  /// The pipeline loads no weights.
  case noNetwork
  /// The target has no labels.
  case noLabels
  /// The stage of this name makes other scenes of those that the file names.
  case makesScenes(stage: String)
  /// The task of this name has several classes at one place.
  case severalClasses(task: String)

  /// One sentence.
  public var description: String {
    switch self {
    case .noNetwork: "rank: the pipeline has no pretrain-load stage"
    case .noLabels: "rank: there are no labels in data.target to rank by"
    case .makesScenes(let stage):
      "rank: \(stage) makes the scenes that weights would learn from: name its products in a file without it"
    case .severalClasses(let task):
      "rank: weights are ranked by the one class of each place; \(task) has several"
    }
  }

  /// The exit code: 78.
  public var exitCode: ExitCode { .badPipelineFile }
}
