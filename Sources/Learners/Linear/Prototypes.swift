/// The mean of each class: a row belongs to the class whose mean is nearest, by the softmax of minus the
/// squared distances.
///
/// As |f - c|^2 = |f|^2 - 2 f c + |c|^2, and |f|^2 is the same for all classes, the rule is linear. Distances
/// are divided by the mean squared distance of the samples from their class's mean, so that probabilities do
/// not become certainties with the number of features; which class is nearest does not depend on it.
///
/// - Source: Snell, Swersky, Zemel 2017, arXiv:1703.05175.
package struct Prototypes: Learner {
  /// Creates a learner of prototypes.
  package init() {}

  package func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned {
    let moments = try ClassMoments(table)
    var spread = 0.0
    for sample in 0..<table.count {
      spread += moments.deviations(of: sample, in: table).reduce(0) { $0 + $1 * $1 }
    }
    spread /= Double(table.count)
    // One sample a class says nothing of how far they lie apart.
    let scale = spread > 0 ? 1 / spread : 1
    var (weights, intercepts) = ([Float](), [Float]())
    for (mean, count) in zip(moments.means, moments.counts) {
      weights += mean.map { count == 0 ? 0 : Float(2 * scale * $0) }
      intercepts.append(
        count == 0 ? LinearClassifier.unseen : Float(-scale * mean.reduce(0) { $0 + $1 * $1 }))
    }
    return Learned(classifier: LinearClassifier(weights: weights, intercepts: intercepts))
  }
}
