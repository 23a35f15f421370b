import Settings

/// A pass of a training over its chips, told when it has ended.
public struct TrainingPass: Sendable, Hashable, CustomStringConvertible {
  /// The name of the training among those of the job; nil where there is one.
  public let training: String?
  /// `head`, `full`, `lora`, ...
  public let phase: String
  /// The pass, counted from 1, and the passes of the phase.
  public let epoch, epochs: Int
  /// The mean loss of its steps.
  public let loss: Double
  /// The score of the weights after the pass on held-out labels; nil without any.
  public let validation: Double?
  /// The name of that score: `mIoU`.
  public let metric: String

  /// Creates a pass.
  public init(
    training: String? = nil, phase: String, epoch: Int, epochs: Int, loss: Double, validation: Double?,
    metric: String
  ) {
    (self.training, self.phase) = (training, phase)
    (self.epoch, self.epochs) = (epoch, epochs)
    (self.loss, self.validation, self.metric) = (loss, validation, metric)
  }

  /// `full 3/30, loss 0.412, mIoU 0.531`.
  public var description: String {
    func shown(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
    return (training.map { "\($0), " } ?? "") + "\(phase) \(epoch)/\(epochs), loss \(shown(loss))"
      + (validation.map { ", \(metric) \(shown($0))" } ?? "")
  }

  /// The pass as a log keeps it.
  package var members: [String: JSONValue] {
    [
      "training": training.map(JSONValue.string) ?? .null, "phase": .string(phase), "epoch": .int(epoch),
      "epochs": .int(epochs), "loss": .number(loss), metric: validation.map(JSONValue.number) ?? .null,
    ].filter { $0.value != .null }
  }
}
