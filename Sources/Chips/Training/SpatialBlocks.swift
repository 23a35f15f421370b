import Layers
import Rasters
import Tensors

/// Cuts the labels of regions into square blocks and deals the blocks out to folds, so that a held-out pixel has no
/// training pixel beside it but across a block's edge.
///
/// - Source: Roberts et al. 2017, doi:10.1111/ecog.02881.
///
/// Blocks lie on the ground: where two scenes in one coordinate system show the same place, its pixels are in the same
/// block in both.
public struct SpatialBlocks: Sendable {
  private struct Block: Hashable {
    let ground, row, column: Int
  }

  private let lattice: Lattice
  private let fold: [Block: Int]

  /// Deals the blocks that hold labels of `regions` to `folds` folds.
  ///
  /// Blocks are dealt in order of their rarest class, shuffled by `seed` within it, so that each fold sees as much of every
  /// class as the blocks allow.
  ///
  /// - Parameter size: the side of a block in pixels of the first region of its coordinate system.
  public init(_ regions: [LabelledRegion], size: Int, folds: Int, classes: Int, seed: UInt64) {
    precondition(size > 0 && folds > 1, "\(folds) folds of blocks of \(size)")
    lattice = Lattice(regions, size: size)
    var counts: [Block: [Int]] = [:]
    for region in regions {
      lattice.visit(region) { block, place in
        counts[block, default: Array(repeating: 0, count: classes)][Int(region.labels[place])] += 1
      }
    }
    let totals = (0..<classes).map { index in counts.values.reduce(0) { $0 + $1[index] } }
    let rarity = (0..<classes).sorted { (totals[$0], $0) < (totals[$1], $1) }
    var random = RandomSource(seed: seed, stream: "spatial blocks")
    let shuffled = counts.keys.sorted { ($0.ground, $0.row, $0.column) < ($1.ground, $1.row, $1.column) }
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

  /// The regions with the labels of the wanted folds; labels outside every block, of regions that the blocks were not dealt
  /// for, are kept.
  public func keep(_ isKept: (Int) -> Bool, of regions: [LabelledRegion]) -> [LabelledRegion] {
    regions.map { region in
      var kept = region
      lattice.visit(region) { block, place in
        if let fold = fold[block], !isKept(fold) { kept.labels[place] = ignored }
      }
      return kept
    }
  }

  /// Whether any label of the region lies in a block.
  public func touch(_ region: LabelledRegion) -> Bool {
    var touches = false
    lattice.visit(region) { block, _ in touches = touches || fold[block] != nil }
    return touches
  }

  /// Squares over the pixels of the first region of each coordinate system.
  private struct Lattice: Sendable {
    let size: Int
    private var grounds: [Ground] = []

    init(_ regions: [LabelledRegion], size: Int) {
      self.size = size
      for region in regions where number(of: region.ground) == nil { grounds.append(region.ground) }
    }

    private func number(of ground: Ground) -> Int? {
      grounds.firstIndex { $0.sharesCoordinates(with: ground) }
    }

    /// Calls `body` with the block and the place of each labelled pixel; not at all for a region on other ground.
    func visit(_ region: LabelledRegion, _ body: (Block, Int) -> Void) {
      guard let number = number(of: region.ground), let anchor = grounds[number].transform.inverse else {
        return
      }
      let (window, side) = (region.window, Double(size))
      for place in region.labels.indices where region.labels[place] != ignored {
        let map = region.ground.transform.apply(
          column: Double(window.column + place % window.width) + 0.5,
          row: Double(window.row + place / window.width) + 0.5)
        let pixel = anchor.apply(column: map.x, row: map.y)
        body(
          Block(
            ground: number, row: Int((pixel.y / side).rounded(.down)),
            column: Int((pixel.x / side).rounded(.down))), place)
      }
    }
  }
}
