import Layers
import Rasters
import Tensors

/// Cuts the labels of regions into square blocks and deals the blocks out to folds, so that a held-out pixel has no
/// training pixel beside it but across a block's edge.
///
/// - Source: Roberts et al. 2017, doi:10.1111/ecog.02881.
public struct SpatialBlocks: Sendable {
  private struct Block: Hashable {
    let region, column, row: Int
  }

  private let size: Int
  private let fold: [Block: Int]

  /// How many folds there are.
  public let folds: Int

  /// Deals the blocks that hold labels to `folds` folds.
  ///
  /// Blocks are dealt in order of their rarest class, shuffled by `seed` within it, so that each fold sees as much of every
  /// class as the blocks allow.
  public init(_ regions: [LabelledRegion], size: Int, folds: Int, classes: Int, seed: UInt64) {
    precondition(size > 0 && folds > 1, "\(folds) folds of blocks of \(size)")
    (self.size, self.folds) = (size, folds)
    var counts: [Block: [Int]] = [:]
    for (index, region) in regions.enumerated() {
      for (place, label) in region.labels.enumerated() where label != ignored {
        let block = Block(
          region: index, column: (region.window.column + place % region.window.width) / size,
          row: (region.window.row + place / region.window.width) / size)
        counts[block, default: Array(repeating: 0, count: classes)][Int(label)] += 1
      }
    }
    let totals = (0..<classes).map { index in counts.values.reduce(0) { $0 + $1[index] } }
    let rarity = (0..<classes).sorted { (totals[$0], $0) < (totals[$1], $1) }
    var random = RandomSource(seed: seed, stream: "spatial blocks")
    let shuffled = counts.keys.sorted { ($0.region, $0.row, $0.column) < ($1.region, $1.row, $1.column) }
      .shuffled(using: &random)
    let dealt = shuffled.enumerated().sorted { left, right in
      let (a, b) = (Self.rarest(counts[left.element]!, rarity), Self.rarest(counts[right.element]!, rarity))
      return (a, left.offset) < (b, right.offset)
    }
    fold = Dictionary(
      uniqueKeysWithValues: dealt.enumerated().map { ($0.element.element, $0.offset % folds) })
  }

  private static func rarest(_ counts: [Int], _ rarity: [Int]) -> Int {
    rarity.firstIndex { counts[$0] > 0 } ?? rarity.count
  }

  /// How many blocks hold labels.
  public var count: Int { fold.count }

  /// The regions with the labels of the wanted folds only.
  public func keep(_ isKept: (Int) -> Bool, of regions: [LabelledRegion]) -> [LabelledRegion] {
    regions.enumerated().map { index, region in
      var kept = region
      for place in region.labels.indices where region.labels[place] != ignored {
        let block = Block(
          region: index, column: (region.window.column + place % region.window.width) / size,
          row: (region.window.row + place / region.window.width) / size)
        if !isKept(fold[block]!) { kept.labels[place] = ignored }
      }
      return kept
    }
  }
}
