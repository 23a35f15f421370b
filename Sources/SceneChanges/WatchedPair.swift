import ChangeDetection
import Runs

/// A pair that tells how many rows were read of it, and stops where the run was asked to end: a method reads
/// it as often as it needs, which nobody knows beforehand.
package struct WatchedPair: ImagePair {
  package let pair: any ImagePair
  package let context: JobContext

  package init(pair: any ImagePair, context: JobContext) {
    (self.pair, self.context) = (pair, context)
  }

  /// The unit of the progress.
  package static let unit = "rows read"

  package var bandCount: Int { pair.bandCount }
  package var width: Int { pair.width }
  package var height: Int { pair.height }

  package func read(rows: Range<Int>) throws -> PairBlock {
    try context.checkCancellation()
    defer { context.progress.advance(by: rows.count) }
    return try pair.read(rows: rows)
  }
}
