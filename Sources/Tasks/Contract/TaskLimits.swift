import Chips

/// Limits of a task: the parts of a training that mean nothing for it.
package struct TaskLimits: Sendable {
  /// Whether labels, and so probabilities, are of pixels: what mixes, pastes or believes labelled pixels
  /// needs that.
  package let hasPixels: Bool
  /// Whether each place has one class, whose probabilities add up to 1: what losses, ensembles and adaptation
  /// by classes need.
  package let hasOneClass: Bool

  /// Creates the limits of a task.
  package init(hasPixels: Bool, hasOneClass: Bool) {
    (self.hasPixels, self.hasOneClass) = (hasPixels, hasOneClass)
  }
}
