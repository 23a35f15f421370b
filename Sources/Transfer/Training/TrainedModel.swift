import Checkpoints
import Models

/// What a training leaves.
public struct TrainedModel {
  /// The model that was trained; another one where several were put together.
  public let model: SegmentationModel
  /// One entry a pass over the chips.
  public let history: [TrainingLoop.Epoch]
  /// The low-rank updates that were merged into the weights; nil where the strategy has none.
  public let adapter: PEFTAdapter?
  /// What the user should know.
  public let warnings: [String]
  /// How the training blew up although every number is finite, one of ``warnings``; nil where it did not.
  public let blowUp: String?
}
