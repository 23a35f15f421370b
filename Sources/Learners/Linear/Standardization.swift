/// The mean and the deviation of each feature, by which learners that weigh features against each other see
/// them.
struct Standardization {
  /// The mean of each feature.
  let means: [Double]
  /// The deviation of each feature; 1 where it has one value.
  let deviations: [Double]

  /// Measures the features of a table, in two passes.
  init(_ table: FeatureTable) {
    let (width, count) = (table.width, Double(max(1, table.count)))
    var (means, squares) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
    for sample in 0..<table.count {
      for feature in 0..<width { means[feature] += Double(table.values[sample * width + feature]) / count }
    }
    for sample in 0..<table.count {
      for feature in 0..<width {
        let distance = Double(table.values[sample * width + feature]) - means[feature]
        squares[feature] += distance * distance / count
      }
    }
    self.means = means
    deviations = zip(squares, means).map { square, mean in
      // What rounding leaves of a constant is no variation.
      square.squareRoot() > 1e-7 * max(1e-30, abs(mean)) ? square.squareRoot() : 1
    }
  }

  /// Returns the table with features of mean 0 and deviation 1.
  func standardized(_ table: FeatureTable) -> FeatureTable {
    table.mapping { feature, value in Float((Double(value) - means[feature]) / deviations[feature]) }
  }

  /// Returns the classifier of features as they are that answers as this one does of standardised ones.
  func unfolded(_ classifier: LinearClassifier) -> LinearClassifier {
    let width = means.count
    var (weights, intercepts) = (classifier.weights, classifier.intercepts)
    for index in intercepts.indices {
      var shift = 0.0
      for feature in 0..<width {
        let weight = Double(weights[index * width + feature]) / deviations[feature]
        weights[index * width + feature] = Float(weight)
        shift += weight * means[feature]
      }
      if intercepts[index] != LinearClassifier.unseen {
        intercepts[index] = Float(Double(intercepts[index]) - shift)
      }
    }
    return LinearClassifier(weights: weights, intercepts: intercepts)
  }
}

/// A learner of linear classifiers that sees standardised features; what it learns reads them as they are.
package struct StandardizedLearner: Learner {
  private let learner: any Learner

  /// Wraps a learner whose classifiers are linear.
  package init(_ learner: any Learner) { self.learner = learner }

  package func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned {
    let scale = Standardization(table)
    var learned = try learner.learn(scale.standardized(table), seed: seed, isCancelled: isCancelled)
    guard let linear = learned.classifier as? LinearClassifier else {
      preconditionFailure("\(learned.classifier.form.kind) is not linear")
    }
    learned.classifier = scale.unfolded(linear)
    return learned
  }
}
