import Classes
import Foundation

/// The predictions of a pretrained network for labelled target samples, in its own classes, from which
/// follows without any training how well it would transfer.
///
/// Scores are at most 0; the higher, the better. They compare networks on the same samples only.
public struct SourcePredictions: Sendable {
  private let probabilities: [Float]
  private let sourceClasses: Int
  private let labels: [UInt8]

  /// Predictions for samples of known target class.
  ///
  /// - Parameters:
  ///   - probabilities: `[N, Z]`, of each sample's source classes, in 0...1, their sum 1.
  ///   - sourceClasses: `Z`.
  ///   - labels: `[N]` target classes; samples labelled ``ClassIndex/none`` count nowhere.
  public init(probabilities: [Float], sourceClasses: Int, labels: [UInt8]) {
    precondition(
      sourceClasses > 0 && probabilities.count == labels.count * sourceClasses,
      "\(probabilities.count) probabilities of \(sourceClasses) classes for \(labels.count) labels")
    (self.probabilities, self.sourceClasses, self.labels) = (probabilities, sourceClasses, labels)
  }

  private var samples: [Int] { labels.indices.filter { labels[$0] != ClassIndex.none } }

  private func probabilities(of sample: Int) -> ArraySlice<Float> {
    probabilities[sample * sourceClasses..<(sample + 1) * sourceClasses]
  }

  /// Log expected empirical prediction: the mean log-likelihood of the labels under the classifier that draws
  /// a source class from the network's probabilities and a target class from those seen together with it.
  ///
  /// NaN where no sample has a label, or a probability is NaN.
  ///
  /// - Source: Nguyen et al. 2020, arXiv:2002.12462.
  public var leep: Double {
    let samples = samples
    // Of each target class, row by row, the mass of each source class; their quotients by column are P(y |
    // z).
    var joint: [UInt8: [Double]] = [:]
    var marginal = [Double](repeating: 0, count: sourceClasses)
    for sample in samples {
      var row = joint[labels[sample]] ?? Array(repeating: 0, count: sourceClasses)
      for (source, probability) in probabilities(of: sample).enumerated() {
        row[source] += Double(probability)
        marginal[source] += Double(probability)
      }
      joint[labels[sample]] = row
    }
    let conditional = joint.mapValues { zip($0, marginal).map { $1 == 0 ? 0 : $0 / $1 } }
    let sum = samples.reduce(0.0) { sum, sample in
      let likelihood = zip(conditional[labels[sample]]!, probabilities(of: sample))
        .reduce(0.0) { $0 + $1.0 * Double($1.1) }
      return sum + log(likelihood)
    }
    return sum / Double(samples.count)
  }

  /// Negative conditional entropy, -H(Y | Z), of the labels given each sample's most probable source class
  /// (the first of several).
  ///
  /// NaN where no sample has a label.
  ///
  /// - Source: Tran et al. 2019, arXiv:1908.08142.
  public var negativeConditionalEntropy: Double {
    var joint: [Int: [UInt8: Int]] = [:]
    let samples = samples
    for sample in samples {
      let row = probabilities(of: sample)
      let source = row.indices.dropFirst().reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 }
      joint[source - row.startIndex, default: [:]][labels[sample], default: 0] += 1
    }
    // In a fixed order, for the same sum in every run.
    let sum = joint.sorted { $0.key < $1.key }.reduce(0.0) { sum, source in
      let count = Double(source.value.values.reduce(0, +))
      return source.value.sorted { $0.key < $1.key }.reduce(sum) {
        $0 + Double($1.value) * log(Double($1.value) / count)
      }
    }
    return sum / Double(samples.count)
  }
}
