import Layers
import Rasters
import Tensors

/// Cuts the labels of regions into square blocks and deals the blocks out to folds, so that a held-out pixel has no
/// training pixel beside it but across a block's edge.
///
/// - Source: Roberts et al. 2017, doi:10.1111/ecog.02881.
///
/// Blocks lie on the ground: where two scenes show the same place, its pixels are in the same block in both.
public struct SpatialBlocks: Sendable {
  private struct Block: Hashable {
    let system: String
    let column, row: Int
  }

  private let lattice: Lattice
  private let fold: [Block: Int]

  /// Deals the blocks that hold labels to `folds` folds.
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
    let order = lattice.systems
    let shuffled = counts.keys.sorted {
      (order[$0.system]!, $0.row, $0.column) < (order[$1.system]!, $1.row, $1.column)
    }.shuffled(using: &random)
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
    regions.map { region in
      var kept = region
      lattice.visit(region) { block, place in
        if !isKept(fold[block]!) { kept.labels[place] = ignored }
      }
      return kept
    }
  }

  /// Squares over the pixels of the first region of each coordinate system.
  private struct Lattice: Sendable {
    let size: Int
    /// The number of each system, in the order of the regions.
    private(set) var systems: [String: Int] = [:]
    /// From coordinates to pixels of the first region.
    private var anchors: [String: GeoTransform] = [:]

    init(_ regions: [LabelledRegion], size: Int) {
      self.size = size
      for ground in regions.map(\.ground) where systems[ground.system] == nil {
        systems[ground.system] = systems.count
        anchors[ground.system] = ground.transform.inverse
      }
    }

    /// Calls `body` with the block and the place of each labelled pixel.
    func visit(_ region: LabelledRegion, _ body: (Block, Int) -> Void) {
      let ground = region.ground
      guard let anchor = anchors[ground.system] else {
        fatalError("a region on other ground than the blocks were laid over: \(ground.system)")
      }
      let (window, side) = (region.window, Double(size))
      for place in region.labels.indices where region.labels[place] != ignored {
        let map = ground.transform.apply(
          column: Double(window.column + place % window.width) + 0.5,
          row: Double(window.row + place / window.width) + 0.5)
        let pixel = anchor.apply(column: map.x, row: map.y)
        body(
          Block(
            system: ground.system, column: Int((pixel.x / side).rounded(.down)),
            row: Int((pixel.y / side).rounded(.down))), place)
      }
    }
  }
}
