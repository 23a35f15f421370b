import Classes
import Tensors

/// A batch of chips as a network takes it.
public struct ChipBatch: Sendable {
  /// Normalised values, plain `[N, C, size, size]`; 0 where invalid.
  public let input: Tensor
  /// Class indices, `[N, size, size]`, ``ClassIndex/none`` where unlabelled.
  public let targets: [UInt8]
  /// The pixels that hold data, `[N, size, size]`.
  public let valid: [Bool]
  /// The mixture of the chips, where they are mixed (``Augmentation/mixup``).
  public var mixture: Mixture?
  /// The origin of each chip; of a mixed one, that of its own share.
  package let origins: [ChipOrigin]

  /// The other chips in a mixed batch.
  ///
  /// The loss of the batch is (1 - ``share``) times that of its own targets and ``share`` times that of
  /// these.
  public struct Mixture: Hashable, Sendable {
    /// Class indices of the other chips, `[N, size, size]`, ``ClassIndex/none`` where unlabelled.
    public let targets: [UInt8]
    /// The share of the partners in the values, from 0 to 1.
    public let share: Double
    /// The partner of each chip of the batch: the place in it of the chip that is mixed into it.
    package let partners: [Int]
  }
}

extension ChipBatch {
  /// Returns the class of each place of scores over the batch: of the pixels where there are as many,
  /// `[N, size, size]`, and of whole chips where there is one place a chip, `[N]`; ``ClassIndex/none`` where
  /// it is not known.
  ///
  /// - Parameter places: places of scores for each chip.
  package func targets(onPlaces places: Int) -> [UInt8] {
    places == 1 && targets.count > origins.count ? wholeChipTargets : targets
  }

  /// Returns the class of each place of scores over the chips that are mixed into these.
  package func mixedTargets(_ mixture: Mixture, onPlaces places: Int) -> [UInt8] {
    guard places == 1 && targets.count > origins.count else { return mixture.targets }
    let own = wholeChipTargets
    return mixture.partners.map { own[$0] }
  }

  /// The class of each chip as a whole: the first that its region is known to show, else the one that most of
  /// its labelled pixels have, where that is half of its pixels or more; ``ClassIndex/none`` without either.
  package var wholeChipTargets: [UInt8] {
    origins.indices.map { index in
      let labels = targets(ofChip: index)
      guard let shown = origins[index].annotations as? ShownClasses else { return Self.prevailing(labels) }
      return labels.contains { $0 != ClassIndex.none }
        ? shown.indices.first ?? ClassIndex.none : ClassIndex.none
    }
  }

  /// Returns the classes of the pixels of one chip, row by row.
  package func targets(ofChip index: Int) -> ArraySlice<UInt8> {
    let pixels = targets.count / origins.count
    return targets[index * pixels..<(index + 1) * pixels]
  }

  /// Returns the class that half of some pixels or more are labelled as; ``ClassIndex/none`` where none is.
  package static func prevailing(_ labels: some Collection<UInt8>) -> UInt8 {
    var counts = [Int](repeating: 0, count: 256)
    for label in labels { counts[Int(label)] += 1 }
    counts[Int(ClassIndex.none)] = 0
    let best = counts.indices.max { counts[$0] < counts[$1] || counts[$0] == counts[$1] && $0 > $1 }!
    return counts[best] > 0 && 2 * counts[best] >= labels.count ? UInt8(best) : ClassIndex.none
  }
}
