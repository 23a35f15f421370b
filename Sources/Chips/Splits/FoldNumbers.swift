import Classes
import Numerics
import Scenes

/// The fold that each labelled pixel is held out in, as a rule of ``Split`` decides.
struct FoldNumbers: Sendable {
  /// The number of one region's pixels.
  private enum Numbers {
    case whole(Int32)
    /// -1 where unlabelled.
    case pixels([Int32])
  }

  /// The number of numbers; in time, that of days.
  package let count: Int
  private let numbers: [Numbers]

  private init(count: Int, _ numbers: [Numbers]) { (self.count, self.numbers) = (count, numbers) }

  /// Numbers the labels of `regions` by a rule; the parameters are those of ``Split``.
  static func deal(
    _ regions: [LabelledRegion], by rule: Split.Rule, classes: Int, buffer: Int, days: [Day?], seed: UInt64
  ) throws(SplitError) -> FoldNumbers {
    switch rule {
    case .blocks(let side, let folds):
      let blocks = SpatialBlocks(regions, size: side, folds: folds, classes: classes, seed: seed)
      try check(blocks.count, "block", "of \(side) pixels", folds: folds)
      return FoldNumbers(count: folds, regions.map { .pixels(blocks.folds(of: $0)) })
    case .patches(let folds):
      var random = RandomSource(seed: seed, stream: "patches")
      return try patches(of: regions, in: folds, classes: classes, buffer: buffer) { $0.atRandom(&random) }
    case .stratifiedPatches(let folds):
      var random = RandomSource(seed: seed, stream: "stratified patches")
      return try patches(of: regions, in: folds, classes: classes, buffer: buffer) { $0.levelling(&random) }
    case .leaveOnePatchOut:
      let patches = LabelPatches(regions, on: GroundCells(regions), reach: buffer)
      try check(patches.count, "patch", distance(buffer), folds: nil)
      return FoldNumbers(count: patches.count, patches.patches.map(Numbers.pixels))
    case .leaveOneRegionOut:
      return try groups(of: regions, buffer: buffer)
    case .forwardInTime:
      return try order(of: regions, days: days)
    }
  }

  /// Patches, dealt to folds.
  private static func patches(
    of regions: [LabelledRegion], in folds: Int, classes: Int, buffer: Int, _ deal: (FoldAssignment) -> [Int]
  ) throws(SplitError) -> FoldNumbers {
    precondition(folds > 1, "\(folds) folds of patches")
    let patches = LabelPatches(regions, on: GroundCells(regions), reach: buffer)
    try check(patches.count, "patch", distance(buffer), folds: folds)
    var counts = Array(repeating: Array(repeating: 0, count: classes), count: patches.count)
    for (region, numbers) in zip(regions, patches.patches) {
      for (place, patch) in numbers.enumerated() where patch >= 0 {
        counts[Int(patch)][Int(region.labels[place])] += 1
      }
    }
    let fold = deal(FoldAssignment(counts, classes: classes, folds: folds)).map(Int32.init)
    return FoldNumbers(
      count: folds, patches.patches.map { .pixels($0.map { $0 < 0 ? -1 : fold[Int($0)] }) })
  }

  /// Regions, numbered with those that they overlap.
  private static func groups(of regions: [LabelledRegion], buffer: Int) throws(SplitError) -> FoldNumbers {
    let groups = RegionGroups(regions, on: GroundCells(regions), within: buffer).groups
    try check(groups.count, "region", distance(buffer), folds: nil)
    var numbers = regions.map { _ in Numbers.whole(-1) }
    for (number, group) in groups.enumerated() {
      for index in group.members { numbers[index] = .whole(Int32(number)) }
    }
    return FoldNumbers(count: groups.count, numbers)
  }

  /// Days, in their order.
  private static func order(of regions: [LabelledRegion], days: [Day?]) throws(SplitError) -> FoldNumbers {
    let labelled = regions.indices.filter { index in
      regions[index].labels.contains { $0 != ClassIndex.none }
    }
    if let undated = labelled.first(where: { days.isEmpty || days[$0] == nil }) {
      throw SplitError(.undated, "the labels of scene \(undated + 1) of \(regions.count) have no day")
    }
    let order = Set(labelled.map { days[$0]! }).sorted()
    try check(order.count, "day", nil, folds: nil)
    var numbers = regions.map { _ in Numbers.whole(-1) }
    for index in labelled { numbers[index] = .whole(Int32(order.firstIndex(of: days[index]!)!)) }
    return FoldNumbers(count: order.count, numbers)
  }

  private static func distance(_ buffer: Int) -> String? {
    buffer > 1 ? "more than \(buffer) pixels apart" : nil
  }

  /// Refuses fewer units than folds, or, left out in turn, fewer than two.
  private static func check(
    _ units: Int, _ unit: String, _ which: String?, folds: Int?
  ) throws(SplitError) {
    guard units < folds ?? 2 else { return }
    let plural = unit == "patch" ? "patches" : unit + "s"
    let found = "\(units) \(units == 1 ? unit : plural)" + (which.map { " " + $0 } ?? "")
    throw SplitError(
      .tooFew,
      folds.map { "the labels lie in \(found), too few for \($0) folds" }
        ?? "the labels lie in \(found), too few to hold one out")
  }

  /// Returns the regions with the labels of the wanted numbers.
  func keep(of regions: [LabelledRegion], _ isKept: (Int32) -> Bool) -> [LabelledRegion] {
    zip(regions, numbers).map { region, numbers in
      var kept = region
      switch numbers {
      case .whole(let number):
        if !isKept(number) { kept.labels = Array(repeating: ClassIndex.none, count: region.labels.count) }
      case .pixels(let numbers):
        for (place, number) in numbers.enumerated()
        where region.labels[place] != ClassIndex.none && !isKept(number) {
          kept.labels[place] = ClassIndex.none
        }
      }
      return kept
    }
  }
}
