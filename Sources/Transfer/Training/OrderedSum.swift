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
  /// - Parameter own: that of this process; anything where it is not among them.
  mutating func add(_ own: [Float], active: Int) {
    precondition(own.count == length, "\(own.count) values where \(length) are summed")
    let padded = own + [Float](repeating: 0, count: slice * ranks.count - length)
    let slices = ranks.exchange(padded)
    for process in 0..<active {
      let values = slices[process * slice..<(process + 1) * slice]
      if var sum = total {
        total = nil
        for (index, value) in values.enumerated() { sum[index] += value }
        total = sum
      } else {
        total = Array(values)
      }
    }
  }

  /// The sum, on every process.
  var values: [Float] {
    guard let total else { return [Float](repeating: 0, count: length) }
    return Array(ranks.join(total).prefix(length))
  }
}
