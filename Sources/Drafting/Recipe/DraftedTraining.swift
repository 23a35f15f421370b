/// The size of chips, and the length of the training, for labels of a size.
struct DraftedTraining {
  /// The side of a chip, and the distance from one to the next.
  let chip, stride: Int
  /// Chips that hold labels.
  let chips: Int
  /// Chips of a step, and passes over all of them.
  let batch, epochs: Int
  /// Whether the network sees the surroundings of a pixel, or the pixel alone.
  let seesSurroundings: Bool
  /// Whether rare classes are to count for more than their pixels.
  let balances: Bool

  /// Chips that a training sees in all, where there are few: from then on scores hardly rise.
  private static let seenChips = 3_000
  /// Labelled pixels from which on a network learns surroundings rather than pixels from them.
  ///
  /// On the ten patches of sample-data's region B (5,760 pixels) the classifier of single pixels has OA .807,
  /// mIoU .625 against the truth of the whole region, a U-Net .765, .573 in ten times the time; on Gewata's
  /// twenty (19,149 pixels) it has OA .806, mIoU .433, and U-Nets have .839, .522 and more
  /// (docs/fine-tuning.md).
  private static let manyPixels = 10_000
  /// The passes that there are at least and at most.
  private static let passes = 4...60

  /// - Parameters:
  ///   - ground: the labels.
  ///   - shortSide: the shorter side of the scene in pixels.
  init(for ground: LabelledGround, shortSide: Int) {
    let labelled = ground.counts.reduce(0, +)
    let wanted = labelled > 500_000 ? 128 : 64
    chip = max(32, min(wanted, shortSide / 32 * 32))
    stride = chip * 3 / 4
    chips = max(1, ground.chips(size: chip, stride: stride))
    batch = chips < 24 ? 2 : chips < 96 ? 4 : 8
    epochs = max(Self.passes.lowerBound, min(Self.passes.upperBound, (Self.seenChips + chips - 1) / chips))
    seesSurroundings = labelled >= Self.manyPixels
    let present = ground.counts.filter { $0 > 0 }
    balances = (present.max() ?? 1) > 10 * (present.min() ?? 1)
  }
}
