import Numerics

/// The sum of a vector of each of many batches, in the order of the batches, whichever processes have them.
///
/// Floating-point sums depend on their order. Each process adds up a slice of all vectors, and all slices are
/// joined at the end: the sum has the bytes of one process that adds one batch after the other.
struct OrderedSum {
  private let ranks: any Ranks
  private let length: Int
  private let slice: Int
  private var total: [Float]?

  /// Creates the sum of no vector.
  ///
  /// - Parameter length: that of each vector.
  init(of length: Int, on ranks: any Ranks) {
    (self.ranks, self.length) = (ranks, length)
    slice = (length + ranks.count - 1) / ranks.count
  }

  /// Adds the vectors of the first `active` processes, in their order.
  ///
  /// - Parameter own: that of this process, filled up to ``padded`` values; anything where it is not among them.
  mutating func add(_ own: [Float], active: Int) {
    precondition(own.count == padded, "\(own.count) values where \(padded) are summed")
    let slices = ranks.exchange(own)
    var sum = total ?? []
    total = nil
    var first = 0
    if sum.isEmpty {
      sum = Array(slices[..<slice])
      first = 1
    }
    slices.withUnsafeBufferPointer { slices in
      sum.withUnsafeMutableBufferPointer { sum in
        for process in first..<max(first, active) {
          let values = slices.baseAddress! + process * slice
          for index in 0..<slice { sum[index] += values[index] }
        }
      }
    }
    total = sum
  }

  /// The length of vectors that are cut into slices of one length.
  var padded: Int { slice * ranks.count }

  /// The sum, on every process.
  var values: [Float] {
    guard let total else { return [Float](repeating: 0, count: length) }
    return Array(ranks.join(total).prefix(length))
  }
}
