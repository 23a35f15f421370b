/// A way to learn a classifier from samples.
package protocol Learner: Sendable {
  /// Learns a classifier; the same table and seed give the same bits for any number of threads.
  ///
  /// - Parameters:
  ///   - seed: everything random.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``LearningFault``, ``ClassifierFault``, `CancellationError`.
  func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned
}

/// A classifier, and what its learning tells besides.
package struct Learned: Sendable {
  /// The classifier.
  package var classifier: any Classifier
  /// The share of each feature in what was learned; nil where the learner cannot say.
  package var importance: [Double]?
  /// The class of each sample by those parts of the classifier that have not seen its ground, nil where all
  /// have; nil where no part is blind to any ground.
  package var outOfBag: [UInt8?]?

  /// Creates what was learned.
  package init(classifier: any Classifier, importance: [Double]? = nil, outOfBag: [UInt8?]? = nil) {
    (self.classifier, self.importance, self.outOfBag) = (classifier, importance, outOfBag)
  }
}

/// A reason why nothing can be learned from samples, in one phrase.
package struct LearningFault: Error, Hashable, CustomStringConvertible {
  /// The phrase.
  package let description: String

  /// Creates a fault.
  package init(_ description: String) { self.description = description }
}
