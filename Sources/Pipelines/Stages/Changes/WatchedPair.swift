import ChangeDetection

/// A pair that tells how many rows were read of it, and stops where the run was asked to end: a method reads
/// it as often as it needs, which nobody knows beforehand.
struct WatchedPair: ImagePair {
  let pair: any ImagePair
  let context: TaskContext

  /// What is counted.
  static let unit = "rows read"

  var bandCount: Int { pair.bandCount }
  var width: Int { pair.width }
  var height: Int { pair.height }

  func read(rows: Range<Int>) throws -> PairBlock {
    try context.checkCancellation()
    defer { context.progress.advance(by: rows.count) }
    return try pair.read(rows: rows)
  }
}
