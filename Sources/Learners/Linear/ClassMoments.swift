/// Means of classes and what is common to their spread.
struct ClassMoments {
  /// The number of samples of each class.
  let counts: [Int]
  /// The mean of each class, `[classes, width]`; zeros where it has no sample.
  let means: [[Double]]

  init(_ table: FeatureTable) throws(LearningFault) {
    guard table.count > 0 else { throw LearningFault("there is no sample to learn from") }
    counts = table.counts
    var sums = Array(repeating: Array(repeating: 0.0, count: table.width), count: table.classCount)
    for (sample, index) in table.classes.enumerated() {
      for feature in 0..<table.width {
        sums[Int(index)][feature] += Double(table.values[sample * table.width + feature])
      }
    }
    for index in sums.indices where counts[index] > 0 {
      for feature in sums[index].indices { sums[index][feature] /= Double(counts[index]) }
    }
    means = sums
  }

  /// Returns a sample's distances from the mean of its class.
  func deviations(of sample: Int, in table: FeatureTable) -> [Double] {
    let mean = means[Int(table.classes[sample])]
    return (0..<table.width).map { Double(table.values[sample * table.width + $0]) - mean[$0] }
  }
}
