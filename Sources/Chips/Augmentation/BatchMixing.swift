import Numerics

/// The mixing of the chips of one batch.
struct BatchMixing {
  private let cutMix: CutMix?
  private let mixup: Mixup?

  /// Draws how a batch is mixed, from streams that branch off where the batch begins. Nothing is mixed in a
  /// batch of one.
  package init(_ settings: Augmentation, count: Int, size: Int, random: RandomSource) {
    let isMixed = count > 1
    cutMix =
      isMixed && settings.cutmix > 0
      ? CutMix(settings.cutmix, count: count, size: size, random: random.branch("cutmix")) : nil
    mixup =
      isMixed && settings.mixup > 0
      ? Mixup(alpha: settings.mixup, count: count, random: random.branch("mixup")) : nil
  }

  /// Mixes the batch in place.
  package func apply(to batch: BatchPixels) -> ChipBatch.Mixture? {
    cutMix?.apply(to: batch)
    return mixup?.apply(to: batch)
  }

  /// Draws another chip for each: a permutation of one cycle, all of them alike likely, so that no chip is
  /// its own partner.
  ///
  /// - Source: Sattolo 1986, doi:10.1016/0020-0190(86)90073-6.
  static func partners(_ count: Int, random: inout RandomSource) -> [Int] {
    var partners = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      partners.swapAt(last, random.index(below: last))
    }
    return partners
  }
}
