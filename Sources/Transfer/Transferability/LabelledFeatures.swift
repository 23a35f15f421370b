import Classes

/// Features that a pretrained network gives labelled target samples, from which follows how well a linear
/// head on them would do: ``hScore`` and ``logME``.
///
/// The higher a score, the better. Scores compare networks on the same samples only.
public struct LabelledFeatures: Sendable {
  /// The number of samples that have a label.
  public let count: Int
  /// The number of features of a sample.
  public let width: Int
  /// The features of the labelled samples, `[count, width]`.
  let values: [Double]
  /// The labelled samples of each class that occurs, in the order of the classes.
  let members: [[Int]]

  /// Features of samples of known class.
  ///
  /// - Parameters:
  ///   - features: `[N, d]`, in any unit.
  ///   - width: `d`.
  ///   - labels: `[N]` classes; samples labelled ``ClassIndex/none`` count nowhere.
  public init(_ features: [Float], width: Int, labels: [UInt8]) {
    precondition(
      width > 0 && features.count == labels.count * width,
      "\(features.count) features, \(width) a sample, for \(labels.count) labels")
    let samples = labels.indices.filter { labels[$0] != ClassIndex.none }
    (count, self.width) = (samples.count, width)
    values = samples.flatMap { features[$0 * width..<($0 + 1) * width].map(Double.init) }
    var members: [UInt8: [Int]] = [:]
    for (index, sample) in samples.enumerated() { members[labels[sample], default: []].append(index) }
    self.members = members.sorted { $0.key < $1.key }.map(\.value)
  }

  /// Returns the mean of the samples with the given numbers, `[width]`.
  func mean(of samples: some Collection<Int>) -> [Double] {
    var sum = [Double](repeating: 0, count: width)
    for sample in samples {
      for feature in 0..<width { sum[feature] += values[sample * width + feature] }
    }
    return sum.map { $0 / Double(samples.count) }
  }
}
