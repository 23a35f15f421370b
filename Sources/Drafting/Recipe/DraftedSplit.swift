import Chips

/// The way in which the drafted file holds labels out to score the model by: the first of some that leaves
/// labels of all classes to train on in every fold.
struct DraftedSplit {
  /// The settings of `evaluate`, as they are written.
  let settings: String
  /// The number of trainings that it takes.
  let folds: Int
  /// What to know of the scores, in sentences.
  let remarks: [String]

  private struct Way {
    let rule: Split.Rule
    let buffer: Int
    let settings: String
  }

  /// Finds a split of labels; nil where none leaves any to train on.
  ///
  /// - Parameters:
  ///   - chip: the side of a chip.
  ///   - seed: the file's.
  init?(of ground: LabelledGround, chip: Int, seed: UInt64) {
    let labelled = Set(ground.counts.indices.filter { ground.counts[$0] > 0 }.map(UInt8.init))
    var best: (way: Way, missing: Set<UInt8>)?
    for way in Self.ways(chip: chip) {
      guard let folds = ground.folds(of: way.rule, buffer: way.buffer, seed: seed) else { continue }
      let missing = folds.reduce(into: Set<UInt8>()) { $0.formUnion(labelled.subtracting($1.training)) }
      let empty = folds.contains { $0.heldOut.isEmpty }
      guard !empty, missing.count < best?.missing.count ?? .max else { continue }
      best = (way, missing)
      if missing.isEmpty { break }
    }
    guard let (way, missing) = best, missing.count < labelled.count else { return nil }
    settings = way.settings
    folds = Self.folds(of: way.rule)
    var remarks: [String] = []
    if way.buffer < chip / 2 {
      remarks.append("labels near each other are held out apart: the score is a little too good")
    }
    if !missing.isEmpty {
      remarks.append(
        "\(missing.count) of the classes \(missing.count == 1 ? "lies" : "lie") in one place, which is held out whole "
          + "in a fold: \(missing.count == 1 ? "its" : "their") score there is 0")
    }
    self.remarks = remarks
  }

  private static func folds(of rule: Split.Rule) -> Int {
    switch rule {
    case .blocks(_, let folds), .patches(let folds), .stratifiedPatches(let folds): folds
    case .leaveOnePatchOut, .leaveOneRegionOut, .forwardInTime: 1
    }
  }

  /// The ways in the order of preference: whole patches with their surroundings, then nearer ones, then parts
  /// of patches.
  private static func ways(chip: Int) -> [Way] {
    let half = chip / 2
    let patches = [(3, half), (3, half / 2), (3, half / 4), (3, 2), (2, half / 4), (2, 2)].map {
      folds, buffer in
      Way(
        rule: .stratifiedPatches(folds: folds), buffer: buffer,
        settings: "split: stratified, folds: \(folds)" + (buffer == half ? "" : ", buffer: \(buffer)"))
    }
    let blocks = [(chip, half), (chip, half / 4), (half, 4), (half / 2, 2), (8, 1)].flatMap { side, buffer in
      [3, 2].map { folds in
        Way(
          rule: .blocks(side: max(8, side), folds: folds), buffer: buffer,
          settings: "split: spatial-blocks, folds: \(folds)"
            + (side == chip ? "" : ", block: \(max(8, side))") + (buffer == half ? "" : ", buffer: \(buffer)")
        )
      }
    }
    return patches + blocks
  }
}
