import CPUKernels
import Chips
import Foundation
import Models
import Runs
import Tasks
import Transfer

/// Ranks candidate weights for a pipeline by how well they will probably transfer to its labels, before any
/// training.
///
/// Scores compare weights on the same labels; by themselves they mean nothing.
public struct WeightRanking {
  /// The scores of one candidate.
  public struct Row {
    /// The file of the candidate's weights.
    public let weights: URL
    /// Log evidence of the labels, given the encoder's features (You et al. 2021): what the ranking goes by.
    public let logME: Double
    /// Between-class over total variance of the features (Bao et al. 2019).
    public let hScore: Double
    /// Log likelihood of the labels by the weights' own classes (Nguyen et al. 2020); nil where they know
    /// none.
    public let leep: Double?
    /// Log likelihood of the labels by the likeliest of the weights' own classes (Tran et al. 2019); nil
    /// where they know none.
    public let nce: Double?
    /// Sentences on what was done to fit the weights.
    public let notes: [String]
  }

  private let file: PipelineFile
  private let network: any StartingNetwork

  /// Labelled pixels that scores are computed on.
  private static let pixels = 4000

  /// Creates a ranking for a pipeline.
  ///
  /// - Throws: `RankingFailure` where the pipeline loads no weights, has no labels of the target or several
  ///   classes at one place, or makes scenes before.
  public init(_ pipeline: Pipeline) throws(RankingFailure) {
    let file = pipeline.file
    guard let network = pipeline.stages.map(\.stage).networks.first else {
      throw .noNetwork
    }
    guard file.data.target.contains(where: \.isLabelled) else {
      throw .noLabels
    }
    if let making = pipeline.stages.map(\.stage).makingScenes.first {
      throw .makesScenes(stage: type(of: making).name)
    }
    guard file.taskType.limits.hasOneClass else {
      throw .severalClasses(task: file.taskName)
    }
    (self.file, self.network) = (file, network)
  }

  /// Scores candidates, the best first; a file that does not fit costs the others nothing.
  ///
  /// - Returns: the candidates that could be scored, and why each other one could not.
  public func rows(_ weights: [URL]) throws -> (rows: [Row], failures: [(weights: URL, error: any Error)]) {
    let scenes = file.data.target.filter(\.isLabelled)
    let regions = try scenes.map(SceneOpening(file).region)
    var rows: [Row] = []
    var failures: [(weights: URL, error: any Error)] = []
    for file in weights {
      do { rows.append(try row(file, scenes, regions)) } catch { failures.append((file, error)) }
    }
    rows.sort { ($0.logME.isNaN ? -.infinity : $0.logME) > ($1.logME.isNaN ? -.infinity : $1.logME) }
    return (rows, failures)
  }

  /// Says in sentences which of the labels count for nothing.
  public func labelNotes() throws -> [String] {
    try LabelReport(of: file.data.target, in: file).warnings()
  }

  private func row(_ weights: URL, _ scenes: [SceneEntry], _ regions: [LabelledRegion]) throws -> Row {
    try StoredModel.check(weights, digest: FileDigest.sha256(of: weights.path).hexadecimal)
    let (model, notes) = try network.pretrainedModel(at: weights, file, classes: nil, progress: { _ in })
    let opening = SceneOpening(file, adjustingFor: model.card)
    let chips = ChipSet(
      try zip(regions, scenes).map { try opening.adjusted($0, of: $1) },
      normalization: Normalization(model.card), size: file.chips.size, stride: file.chips.size)
    let seen = PixelFeatures(
      of: model, on: chips, limit: Self.pixels, seed: file.seed,
      kernels: KernelSet.standard)
    let (features, predictions) = (seen.labelled, seen.predictions)
    return Row(
      weights: weights, logME: features.logME, hScore: features.hScore, leep: predictions?.leep,
      nce: predictions?.negativeConditionalEntropy, notes: notes)
  }
}
