import Classes
import Numerics
import Rasters

/// Patches of labels: labelled pixels that lie together on the ground.
///
/// Two labelled pixels are of one patch where their chessboard distance is at most `reach` cells, at least 1,
/// or where others between them link them so. Pixels of two patches are farther apart than `reach`, whichever
/// scenes they belong to, so that a patch can be held out without a loss of labels around it.
struct LabelPatches {
  /// The number of patches.
  package private(set) var count = 0
  /// The patch of each pixel of each region, -1 where unlabelled.
  private(set) var patches: [[Int32]]

  package init(_ regions: [LabelledRegion], on cells: GroundCells, reach: Int) {
    patches = regions.map { [Int32](repeating: -1, count: $0.labels.count) }
    let reach = max(1, reach)
    for group in RegionGroups(regions, on: cells, within: reach).groups {
      var mask = CellMask(system: group.system, window: group.bounds)
      for index in group.members {
        mask.mark(regions[index].labels, at: cells.placement(of: regions[index])!)
      }
      // Squares of `reach` cells, one from each labelled cell to the right and down, touch or overlap exactly
      // where their first cells are at most `reach` apart.
      mask.spread(before: 0, after: reach - 1)
      var components = Components(mask)
      var numbers: [Int32: Int32] = [:]
      for index in group.members {
        let placement = cells.placement(of: regions[index])!
        for (place, label) in regions[index].labels.enumerated() where label != ClassIndex.none {
          let cell = placement.cell(of: place)
          let root = components.component(at: mask.index(column: cell.column, row: cell.row))
          if numbers[root] == nil { numbers[root] = Int32(count + numbers.count) }
          patches[index][place] = numbers[root]!
        }
      }
      count += numbers.count
    }
  }

  /// Connected components of marked cells, 8 neighbours each.
  private struct Components {
    private var sets = DisjointSets()
    private var numbers: [Int32]

    package init(_ mask: CellMask) {
      let (width, height) = (mask.window.width, mask.window.height)
      numbers = [Int32](repeating: -1, count: mask.marks.count)
      for row in 0..<height {
        for column in 0..<width where mask.marks[row * width + column] == 0 {
          let place = row * width + column
          if column > 0 { link(place, place - 1) }
          if row > 0 {
            link(place, place - width)
            if column > 0 { link(place, place - width - 1) }
            if column + 1 < width { link(place, place - width + 1) }
          }
          if numbers[place] < 0 { numbers[place] = sets.add() }
        }
      }
    }

    private mutating func link(_ place: Int, _ neighbour: Int) {
      guard numbers[neighbour] >= 0 else { return }
      if numbers[place] < 0 {
        numbers[place] = numbers[neighbour]
      } else {
        sets.join(numbers[place], numbers[neighbour])
      }
    }

    mutating func component(at index: Int) -> Int32 { sets.root(of: numbers[index]) }
  }
}
