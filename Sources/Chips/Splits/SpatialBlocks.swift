import Classes
import Numerics

/// Cuts the labels of regions into square blocks and deals the blocks out to folds, so that a held-out pixel
/// has no training pixel beside it but across a block's edge.
///
/// - Source: Roberts et al. 2017, doi:10.1111/ecog.02881.
///
/// Blocks lie on the ground: where two scenes in one coordinate system show the same place, its pixels are in
/// the same block in both.
public struct SpatialBlocks: Sendable {
  private struct Block: Hashable {
    package let ground, row, column: Int
  }

  private let cells: GroundCells
  private let size: Int
  private let fold: [Block: Int]

  /// Deals the blocks that hold labels of `regions` to `folds` folds.
  ///
  /// Blocks are dealt in order of their rarest class, shuffled by `seed` within it, so that each fold sees as
  /// much of every class as the blocks allow.
  ///
  /// - Parameter size: the side of a block in pixels of the first region of its coordinate system.
  public init(_ regions: [LabelledRegion], size: Int, folds: Int, classes: Int, seed: UInt64) {
    precondition(size > 0 && folds > 1, "\(folds) folds of blocks of \(size)")
    self.size = size
    let cells = GroundCells(regions)
    self.cells = cells
    var counts: [Block: [Int]] = [:]
    for region in regions {
      Self.visit(region, on: cells, size: size) { block, place in
        counts[block, default: Array(repeating: 0, count: classes)][Int(region.labels[place])] += 1
      }
    }
    let blocks = counts.keys.sorted { ($0.ground, $0.row, $0.column) < ($1.ground, $1.row, $1.column) }
    var random = RandomSource(seed: seed, stream: "spatial blocks")
    let dealt = FoldAssignment(blocks.map { counts[$0]! }, classes: classes, folds: folds)
      .inTurnByRarestClass(&random)
    fold = Dictionary(uniqueKeysWithValues: zip(blocks, dealt))
  }

  /// The number of blocks that hold labels.
  public var count: Int { fold.count }

  /// Returns the regions with the labels of the wanted folds; labels outside every block, of regions that the
  /// blocks were not dealt for, are kept.
  public func keep(_ isKept: (Int) -> Bool, of regions: [LabelledRegion]) -> [LabelledRegion] {
    regions.map { region in
      var kept = region
      Self.visit(region, on: cells, size: size) { block, place in
        if let fold = fold[block], !isKept(fold) { kept.labels[place] = ClassIndex.none }
      }
      return kept
    }
  }

  /// Returns the fold of each pixel of a region that the blocks were dealt for, -1 where unlabelled.
  func folds(of region: LabelledRegion) -> [Int32] {
    var result = [Int32](repeating: -1, count: region.labels.count)
    Self.visit(region, on: cells, size: size) { block, place in result[place] = Int32(fold[block]!) }
    return result
  }

  /// Calls `body` with the block and the place of each labelled pixel; not at all for a region on other
  /// ground.
  private static func visit(
    _ region: LabelledRegion, on cells: GroundCells, size: Int, _ body: (Block, Int) -> Void
  ) {
    guard let placement = cells.placement(of: region) else { return }
    func number(_ cell: Int) -> Int { cell >= 0 ? cell / size : (cell + 1) / size - 1 }
    // An image that is labelled as a whole is no half held out.
    let center = region.annotations is ShownClasses ? region.labels.count / 2 : nil
    for place in region.labels.indices where region.labels[place] != ClassIndex.none {
      let cell = placement.cell(of: center ?? place)
      body(Block(ground: placement.system, row: number(cell.row), column: number(cell.column)), place)
    }
  }
}
