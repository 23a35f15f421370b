import Tensors

/// A batch of chips as a network takes it.
public struct ChipBatch: Sendable {
  /// Normalised values, plain `[N, C, size, size]`; 0 where invalid.
  public let input: Tensor
  /// Class indices, `[N, size, size]`, ``ignored`` where unlabelled.
  public let targets: [UInt8]
  /// Which pixels hold data, `[N, size, size]`.
  public let valid: [Bool]
  /// What is mixed into the chips, where they are mixed (``Augmentation/mixup``).
  public var mixture: Mixture?

  /// The other chips in a mixed batch.
  ///
  /// The loss of the batch is (1 - ``share``) times that of its own targets and ``share`` times that of
  /// these.
  public struct Mixture: Hashable, Sendable {
    /// Class indices of the other chips, `[N, size, size]`, ``ignored`` where unlabelled.
    public let targets: [UInt8]
    /// How much of the values is theirs, from 0 to 1.
    public let share: Double
  }
}
