import Checkpoints
import Models

/// The results of a training.
public struct TrainedModel {
  /// The model that was trained; another one where several were put together.
  public let model: Model
  /// One entry a pass over the chips.
  public let history: [TrainingLoop.Epoch]
  /// The low-rank updates that were merged into the weights; nil where the strategy has none.
  public let adapter: PEFTAdapter?
  /// Warnings to the user.
  public let warnings: [String]
  /// The sentence, one of ``warnings``, that tells how the training blew up although every number is finite;
  /// nil where it did not.
  public let blowUp: String?
}
