import Classes
import Rasters

/// The ground within a chessboard distance of held-out labels, which training must not see.
struct HeldOutGround: Sendable {
  private let cells: GroundCells
  private var masks: [CellMask] = []

  /// Creates the ground within `buffer` cells of the labels of `held`; at 0 the ground that the labels
  /// themselves cover.
  package init(_ held: [LabelledRegion], on cells: GroundCells, buffer: Int) {
    self.cells = cells
    for group in RegionGroups(held, on: cells, within: buffer).groups {
      var mask = CellMask(system: group.system, window: group.bounds.grown(by: buffer))
      for index in group.members { mask.mark(held[index].labels, at: cells.placement(of: held[index])!) }
      mask.spread(before: buffer, after: buffer)
      masks.append(mask)
    }
  }

  /// Returns the region without the labels of pixels that reach into this ground.
  func clear(_ region: LabelledRegion) -> LabelledRegion {
    guard let placement = cells.placement(of: region), let bounds = placement.bounds(of: region.labels) else {
      return region
    }
    let near = masks.filter { $0.system == placement.system && $0.window.intersection(bounds) != nil }
    guard !near.isEmpty else { return region }
    var cleared = region
    for place in region.labels.indices where region.labels[place] != ClassIndex.none {
      let footprint = placement.footprint(of: place)
      if near.contains(where: { $0.touches(footprint) }) { cleared.labels[place] = ClassIndex.none }
    }
    return cleared
  }
}
