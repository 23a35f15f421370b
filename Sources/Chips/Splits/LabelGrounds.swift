import Classes

/// The numbers of the grounds that labels lie on: a patch of labels that lie together is one, and one that is
/// larger is cut into blocks.
package struct LabelGrounds {
  /// The ground of each pixel of each region, -1 where unlabelled; a place that two scenes show is of one
  /// ground.
  package private(set) var numbers: [[Int32]]
  /// The number of grounds.
  package private(set) var count = 0

  private struct Block: Hashable {
    let patch: Int32
    let row, column: Int
  }

  /// Numbers the labels of regions.
  ///
  /// - Parameter size: the side in pixels of the blocks that a patch is cut into which is longer than two of
  ///   them.
  package init(_ regions: [LabelledRegion], size: Int) {
    let cells = GroundCells(regions)
    let patches = LabelPatches(regions, on: cells, reach: 1)
    var bounds = [(low: (Int, Int), high: (Int, Int))?](repeating: nil, count: patches.count)
    Self.visit(regions, cells, patches) { _, _, patch, column, row in
      let own = bounds[Int(patch)] ?? ((column, row), (column, row))
      bounds[Int(patch)] = (
        (min(own.low.0, column), min(own.low.1, row)), (max(own.high.0, column), max(own.high.1, row))
      )
    }
    var numbers = regions.map { [Int32](repeating: -1, count: $0.labels.count) }
    var blocks: [Block: Int32] = [:]
    Self.visit(regions, cells, patches) { region, place, patch, column, row in
      let own = bounds[Int(patch)]!
      let isLarge = max(own.high.0 - own.low.0, own.high.1 - own.low.1) >= 2 * size
      let block = Block(
        patch: patch, row: isLarge ? (row - own.low.1) / size : 0,
        column: isLarge ? (column - own.low.0) / size : 0)
      if blocks[block] == nil { blocks[block] = Int32(blocks.count) }
      numbers[region][place] = blocks[block]!
    }
    self.numbers = numbers
    count = blocks.count
  }

  private static func visit(
    _ regions: [LabelledRegion], _ cells: GroundCells, _ patches: LabelPatches,
    _ body: (_ region: Int, _ place: Int, _ patch: Int32, _ column: Int, _ row: Int) -> Void
  ) {
    for (index, region) in regions.enumerated() {
      guard let placement = cells.placement(of: region) else { continue }
      for (place, label) in region.labels.enumerated() where label != ClassIndex.none {
        let cell = placement.cell(of: place)
        body(index, place, patches.patches[index][place], cell.column, cell.row)
      }
    }
  }
}
