import Numerics
import Rasters

/// Regions that belong together because their labels' bounding boxes lie within a distance of each other, in
/// one coordinate system, directly or by way of others.
struct RegionGroups {
  /// The cells that hold the labels of a group.
  struct Group {
    /// The places of the regions in the list.
    var members: [Int]
    /// The coordinate system of all of them.
    let system: Int
    /// The smallest rectangle of cells that holds all their labels.
    var bounds: Window
  }

  /// The groups in the order of their first regions; regions without labels, or on other ground, are in none.
  let groups: [Group]

  /// Groups regions whose boxes lie within a chessboard distance of `reach` cells of each other.
  package init(_ regions: [LabelledRegion], on cells: GroundCells, within reach: Int) {
    let boxes = regions.map { region in
      cells.placement(of: region).flatMap { placement in
        placement.bounds(of: region.labels).map { (system: placement.system, bounds: $0) }
      }
    }
    var sets = DisjointSets(regions.count)
    for (index, box) in boxes.enumerated() {
      for (earlier, other) in boxes[..<index].enumerated() {
        guard let box, let other, box.system == other.system,
          box.bounds.grown(by: reach).intersection(other.bounds) != nil
        else { continue }
        sets.join(Int32(earlier), Int32(index))
      }
    }
    var groups: [Int32: Group] = [:]
    for (index, box) in boxes.enumerated() {
      guard let box else { continue }
      let first = sets.root(of: Int32(index))
      var group = groups[first] ?? Group(members: [], system: box.system, bounds: box.bounds)
      group.members.append(index)
      group.bounds = group.bounds.union(box.bounds)
      groups[first] = group
    }
    self.groups = groups.sorted { $0.key < $1.key }.map(\.value)
  }
}
