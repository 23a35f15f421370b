import Layers
import Tasks

/// Reverse validation, which measures whether a model's predictions for the target lead back to the source: a
/// classifier is learned on the model's own labels of target pixels, and scored on labelled pixels of the
/// source.
///
/// A model that has mixed up the target teaches a classifier that fails where the truth is known. The
/// classifier is linear, one class against the rest by ``LogisticRegression`` on the features that the head
/// reads: a whole network trained backwards, as the authors have it, would cost as much as the adaptation.
///
/// - Source: Ganin et al. 2016, arXiv:1505.07818, section 5.1.5; Zhong et al. 2010,
///   doi:10.1007/978-3-642-15939-8_35.
public enum ReverseValidation {
  /// Returns the mean IoU on the source's labels; a class that the source has and the model does not see in
  /// the target scores 0.
  ///
  /// Nil where no pixel of the source has a label, the model gives the target's pixels a single class, or a
  /// feature is not finite.
  ///
  /// - Parameters:
  ///   - source: pixels with labels, as the model sees them.
  ///   - target: the target's, as it sees them.
  /// - Complexity: a fit of ``LogisticRegression`` a class.
  public static func score(source: PixelPredictions, target: PixelPredictions, classes: Int) -> Double? {
    score(
      source: source.features, labels: source.labels, target: target.features,
      pseudoLabels: target.probabilities.rows(of: classes).map(\.highest), classes: classes)
  }

  /// Computes that score from features, `[n, d]` and `[m, d]`, labels, and the model's own labels of the
  /// target.
  public static func score(
    source: FeatureSample, labels: [UInt8], target: FeatureSample, pseudoLabels: [UInt8], classes: Int
  ) -> Double? {
    let (source, target) = FeatureSample.standardized(source, target)
    let known = Set(pseudoLabels).sorted()
    guard known.count > 1, (source.values + target.values).allSatisfy(\.isFinite) else { return nil }
    let shares = [Double](repeating: 1, count: target.count)
    let classifiers = known.map { index in
      LogisticRegression(target, isPositive: pseudoLabels.map { $0 == index }, shares: shares)
    }
    var confusion = ConfusionMatrix(classes: classes)
    confusion.add(
      reference: labels,
      mapped: (0..<source.count).map { pixel in
        known[classifiers.map { $0.score(source.row(pixel)) }.indexOfHighest]
      })
    let score = confusion.meanIoU
    return score.isNaN ? nil : score
  }
}

extension [Float] {
  fileprivate func rows(of width: Int) -> [ArraySlice<Float>] {
    stride(from: 0, to: count, by: width).map { self[$0..<$0 + width] }
  }
}

extension ArraySlice<Float> {
  /// The class of the highest probability, the first of several.
  fileprivate var highest: UInt8 {
    UInt8(indices.dropFirst().reduce(startIndex) { self[$1] > self[$0] ? $1 : $0 } - startIndex)
  }
}

extension [Double] {
  fileprivate var indexOfHighest: Int { indices.dropFirst().reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}
