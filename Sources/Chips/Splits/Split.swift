import Classes
import Numerics
import Rasters
import Scenes

/// Labels split into folds: in each, some are held out to score a model by, and the model is trained on
/// others.
///
/// No training label lies within a buffer around the held-out ones, whichever scene it belongs to, so that
/// neighbouring pixels, which are alike, and pixels of another date of the place do not tell the answer.
/// Distances are chessboard distances on the ground, in pixels of the first region of the coordinate system.
/// Scenes in different systems are taken to show different ground, even where they overlap.
///
/// - Source: Roberts et al. 2017, doi:10.1111/ecog.02881 (blocks, buffers, held-out groups); Valavi et al.
///   2019, doi:10.1111/2041-210X.13107.
public struct Split: Sendable {
  /// The rule that decides which labels are held out together.
  public enum Rule: Hashable, Sendable {
    /// Square blocks, `side` pixels wide, dealt so that each fold sees as much of every class as the blocks
    /// allow (``SpatialBlocks``).
    case blocks(side: Int, folds: Int)
    /// Patches of labels, dealt at random. Labelled pixels are of one patch where they are neighbours, also
    /// at a corner, or no farther apart than the buffer.
    case patches(folds: Int)
    /// Patches of labels, dealt so that each fold holds as many pixels of every class as the patches allow;
    /// the seed decides between patches of equal size only.
    case stratifiedPatches(folds: Int)
    /// Each patch of labels in turn.
    case leaveOnePatchOut
    /// Each labelled region in turn; regions whose labels' bounding boxes overlap, or are no farther apart
    /// than the buffer, are held out together.
    case leaveOneRegionOut
    /// Each day in turn but the first, trained on all earlier days.
    ///
    /// An earlier label of the held-out ground, or within the buffer around it, is not trained on: the score
    /// is that of later days at places never seen.
    case forwardInTime
  }

  /// One fold.
  public struct Fold: Sendable {
    /// The regions with the labels to train on; a region may have none.
    public let training: [LabelledRegion]
    /// The regions with the held-out labels; a region may have none.
    public let heldOut: [LabelledRegion]
    private let ground: HeldOutGround

    fileprivate init(training: [LabelledRegion], heldOut: [LabelledRegion], ground: HeldOutGround) {
      (self.heldOut, self.ground) = (heldOut, ground)
      self.training = training.map(ground.clear)
    }

    /// Regions that the split was not made for, such as those that an earlier stage learned from, without the
    /// labels on held-out ground and within the buffer around it.
    public func clearing(_ others: [LabelledRegion]) -> [LabelledRegion] {
      others.map(ground.clear)
    }
  }

  /// The number of folds.
  public let count: Int
  private let regions: [LabelledRegion]
  private let rule: Rule
  private let classes, buffer: Int
  private let days: [Day?]
  private let seed: UInt64
  private let numbers: FoldNumbers

  /// Splits the labels of `regions`.
  ///
  /// - Parameters:
  ///   - classes: how many classes the labels name.
  ///   - buffer: no training label is this near to a held-out one, or nearer; at 0 none is on the same
  ///     ground.
  ///   - days: the day of each region, which ``Rule/forwardInTime`` needs.
  ///   - seed: decides wherever a rule leaves the choice.
  /// - Throws: `SplitError`; `tooFew` where there are fewer blocks, patches or regions than folds, or fewer
  ///   than two to leave out in turn; `undated` where a labelled region has no day.
  public init(
    _ regions: [LabelledRegion], by rule: Rule, classes: Int, buffer: Int, days: [Day?] = [], seed: UInt64
  ) throws(SplitError) {
    precondition(buffer >= 0, "a buffer of \(buffer) pixels")
    precondition(days.isEmpty || days.count == regions.count, "\(days.count) days, \(regions.count) regions")
    (self.regions, self.rule, self.classes, self.buffer) = (regions, rule, classes, buffer)
    (self.days, self.seed) = (days, seed)
    numbers = try FoldNumbers.deal(
      regions, by: rule, classes: classes, buffer: buffer, days: days, seed: seed)
    count = rule.isForward ? numbers.count - 1 : numbers.count
  }

  /// Returns a fold, computed anew with each call: its labels are copies, its pixels are shared.
  ///
  /// - Throws: `SplitError` `nothingToTrainOn` where the buffer leaves no training label.
  public func fold(_ index: Int) throws(SplitError) -> Fold {
    precondition((0..<count).contains(index), "fold \(index) of \(count)")
    let number = Int32(rule.isForward ? index + 1 : index)
    let heldOut = numbers.keep(of: regions) { $0 == number }
    let training = numbers.keep(of: regions) { rule.isForward ? $0 < number : $0 != number }
    let ground = HeldOutGround(heldOut, on: GroundCells(regions), buffer: buffer)
    let fold = Fold(training: training, heldOut: heldOut, ground: ground)
    guard fold.training.contains(where: { $0.labels.contains { $0 != ClassIndex.none } }) else {
      throw SplitError(
        .nothingToTrainOn,
        "no label is left to train on in fold \(index + 1) of \(count): all lie on held-out ground or within "
          + "\(buffer) pixels of it")
    }
    return fold
  }

  /// Returns the training labels of a fold, split again by the same rule and buffer: what chooses between
  /// settings must not see what the fold is scored by.
  ///
  /// - Throws: `SplitError`, as ``init(_:by:classes:buffer:days:seed:)`` and ``fold(_:)`` do.
  public func nested(in index: Int) throws(SplitError) -> Split {
    var random = RandomSource(seed: seed, stream: "nested in fold \(index)")
    return try Split(
      fold(index).training, by: rule, classes: classes, buffer: buffer, days: days, seed: random.next())
  }
}

extension Split.Rule {
  /// Whether folds train on what comes before them only.
  var isForward: Bool { self == .forwardInTime }
}

/// The reason why labels cannot be split as wanted; the text counts what is there.
public struct SplitError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// The labels have fewer blocks, patches, regions or days than there are folds.
    case tooFew
    /// A labelled region has no day.
    case undated
    /// The buffer around a fold's held-out labels leaves no training label.
    case nothingToTrainOn
  }

  /// The kind of failure.
  public let code: Code
  /// One sentence without a full stop.
  public let description: String

  package init(_ code: Code, _ description: String) { (self.code, self.description) = (code, description) }
}

/// The ground within a chessboard distance of held-out labels, which training must not see.
private struct HeldOutGround: Sendable {
  private let cells: GroundCells
  private var masks: [CellMask] = []

  /// Creates the ground within `buffer` cells of the labels of `held`; at 0 the ground that the labels
  /// themselves cover.
  init(_ held: [LabelledRegion], on cells: GroundCells, buffer: Int) {
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
