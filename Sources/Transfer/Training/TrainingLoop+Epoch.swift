extension TrainingLoop {
  /// One pass over the chips.
  public struct Epoch: Codable, Hashable, Sendable {
    /// `head`, `full`, `lora`, ...
    public var phase: String
    /// Counted from 1 within the phase.
    public var epoch: Int
    /// Mean loss over the steps.
    public var loss: Double
    /// The rate of the last step.
    public var rate: Double
    /// The headline of the task on the validation chips, where there are any.
    public var validation: Double?
    /// The headline of the task on chips that decide nothing, where there are any.
    public var monitored: Double?
  }
}
