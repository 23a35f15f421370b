import Classes

/// The probability of each class from which on a network's own label of a pixel is believed: that of the
/// surest share of the pixels that it gives to the class, so that a class of which it is never quite sure is
/// learned as well.
///
/// - Source: Zou et al. 2018, arXiv:1810.07911 (CBST), exp(-k) of the paper.
package struct ClassThresholds: Equatable {
  /// The least probability of each class, `[K]`; infinite for a class that no pixel is taken of.
  package let values: [Double]

  /// Thresholds that leave `portion` of the pixels of each class; `confidences` are the probabilities of the
  /// pixels given to it.
  package init(confidences: [[Float]], portion: Double) {
    values = confidences.map { confidences in
      let kept = Int(portion * Double(confidences.count))
      return kept > 0 ? Double(confidences.sorted(by: >)[kept - 1]) : .infinity
    }
  }

  /// Returns the class whose probability is the largest part of its threshold, where it reaches it, the
  /// lowest where several tie; ``ClassIndex/none`` where none does.
  package func label(_ probability: (_ index: Int) -> Float) -> UInt8 {
    var (best, ratio) = (ClassIndex.none, 1.0)
    for (index, threshold) in values.enumerated() {
      let found = Double(probability(index)) / threshold
      if found > ratio || (best == ClassIndex.none && found == ratio) {
        (best, ratio) = (UInt8(index), found)
      }
    }
    return best
  }
}
