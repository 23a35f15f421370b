import Chips

/// What of a training means nothing for a task.
package struct TaskLimits: Sendable {
  /// Whether labels, and so probabilities, are of pixels: what mixes, pastes or believes labelled pixels
  /// needs that.
  package let hasPixels: Bool
  /// Whether each place has one class, whose probabilities add up to 1: what losses, ensembles and adaptation
  /// by classes need.
  package let hasOneClass: Bool

  /// Limits of a task.
  package init(hasPixels: Bool, hasOneClass: Bool) {
    (self.hasPixels, self.hasOneClass) = (hasPixels, hasOneClass)
  }
}
