/// A share of labels, as if fewer had been drawn: whole blocks, the blocks of a smaller share among those of
/// a larger one.
public struct LabelShare {
  private let blocks: SpatialBlocks
  private let parts: Int

  /// The most parts that labels are cut into: a share is a multiple of 5 %.
  private static let mostParts = 20

  /// Deals the labels of `regions` to parts, in blocks of `block` pixels that hold as much of every class as
  /// possible each.
  public init(_ regions: [LabelledRegion], block: Int, classes: Int, seed: UInt64) {
    let count = SpatialBlocks(regions, size: block, folds: 2, classes: classes, seed: seed).count
    parts = max(2, min(Self.mostParts, count))
    blocks = SpatialBlocks(regions, size: block, folds: parts, classes: classes, seed: seed)
  }

  /// Returns the regions with about `share` of the labels, one part at least.
  public func keep(_ share: Double, of regions: [LabelledRegion]) -> [LabelledRegion] {
    let kept = max(1, Int((share * Double(parts)).rounded()))
    return blocks.keep({ $0 < kept }, of: regions)
  }
}
