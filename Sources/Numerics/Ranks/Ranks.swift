/// Processes that take one training together, each on batches of its own: the ranks of a message-passing job.
///
/// All of them run the same code on the same inputs and call these functions in the same order.
public protocol Ranks: Sendable {
  /// The number of processes.
  var count: Int { get }
  /// The place of this one, from 0; the first one alone writes files.
  var own: Int { get }

  /// Returns what each process gives, in their order, on every process.
  ///
  /// - Parameter values: as many on each.
  func gather(_ values: [Double]) -> [[Double]]

  /// Sends a slice of `values` to each process, and receives the slices that are this one's.
  ///
  /// - Parameters:
  ///   - values: `count` slices of one length, in the order of the processes.
  ///   - slices: as many values; they become what each process sends to this one, in the processes' order.
  func exchange(_ values: [Float], into slices: inout [Float])

  /// Puts the slices of all processes behind each other, on every process.
  ///
  /// - Parameters:
  ///   - slice: of one length on each.
  ///   - all: `count` times as many values.
  func join(_ slice: [Float], into all: inout [Float])

  /// Takes leave of the others; called once, when all are done.
  func leave()

  /// Ends all processes at once, because this one cannot go on.
  func abort(code: Int32) -> Never
}

extension Ranks {
  /// Whether there is but one.
  public var isAlone: Bool { count == 1 }

  /// Returns whether any process says so.
  public func any(_ says: Bool) -> Bool {
    isAlone ? says : gather([says ? 1 : 0]).contains { $0[0] == 1 }
  }
}
