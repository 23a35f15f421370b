import Chips
import Host
import Numerics

/// Cuts the batches of one pass over the chips on a thread of its own, two ahead of the network.
///
/// Random numbers are drawn batch after batch, as if each were cut when it is wanted.
final class BatchFeed {
  /// The chips of one forward pass.
  struct Batch: Sendable {
    let labelled: ChipBatch
    /// Chips of the other domain, where the training adapts to one.
    let unlabelled: ChipBatch?
    /// The batch's number in the pass.
    let number: Int
    /// The numbers of the labelled chips.
    let chips: [Int]
  }

  private let queue = BoundedQueue<Batch>(capacity: 2)
  private let outcome = BoundedQueue<RandomSource>(capacity: 1)

  /// Starts cutting.
  ///
  /// - Parameters:
  ///   - numbers: those of the chips of each batch.
  ///   - skipping: how many batches were taken before an interruption: they are cut again, for their random
  ///     numbers, and dropped.
  /// - Throws: `SystemError` where there can be no other thread.
  init(
    _ numbers: [[Int]], skipping: Int = 0, of training: ChipSet, beside other: ChipSet?,
    augmentation: Augmentation,
    random: RandomSource
  ) throws(SystemError) {
    let (queue, outcome) = (queue, outcome)
    try BackgroundThread.start("chips") {
      var random = random
      for (index, numbers) in numbers.enumerated() {
        let labelled = training.batch(numbers, augmentation: augmentation, random: &random)
        var unlabelled: ChipBatch?
        if let other, !other.chips.isEmpty {
          let others = numbers.map { _ in random.index(below: other.chips.count) }
          unlabelled = other.batch(others, augmentation: augmentation, random: &random)
        }
        guard
          index < skipping
            || queue.put(Batch(labelled: labelled, unlabelled: unlabelled, number: index, chips: numbers))
        else { break }
      }
      _ = outcome.put(random)
      outcome.finish(.success(()))
    }
  }

  deinit { queue.abandon() }

  /// Returns the next batch; asked for no more often than there are batches.
  func next() -> Batch {
    guard let batch = try? queue.take() else { preconditionFailure("more batches than were announced") }
    return batch
  }

  /// Returns the stream of random numbers as it stands after the last batch, which has been taken.
  func randomSource() -> RandomSource {
    guard let random = try? outcome.take() else { preconditionFailure("asked for the random numbers twice") }
    return random
  }
}
