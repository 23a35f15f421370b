/// The rule by which a slant range becomes a range on the ground, for each of some times.
package struct GroundRange: Sendable {
  /// The polynomial of one time: ground range = sum of c[i] (slant range - origin)^i, less `first`.
  package struct Record: Hashable, Sendable {
    /// Seconds from the first line.
    package let time: Double
    /// The slant range that the polynomial counts from, in metres.
    package let origin: Double
    /// The ground range of the first sample, in metres.
    package let first: Double
    /// By power.
    package let coefficients: [Double]

    package init(time: Double, origin: Double, first: Double, coefficients: [Double]) {
      (self.time, self.origin, self.first, self.coefficients) = (time, origin, first, coefficients)
    }

    @inline(__always)
    fileprivate func ground(_ slantRange: Double) -> Double {
      let x = slantRange - origin
      var sum = 0.0
      for power in stride(from: coefficients.count - 1, through: 0, by: -1) {
        sum = sum * x + coefficients[power]
      }
      return sum - first
    }
  }

  private let records: [Record]

  /// - Parameter records: at least one, with different times.
  package init(_ records: [Record]) {
    precondition(!records.isEmpty, "no conversion to ground range")
    self.records = records.sorted { $0.time < $1.time }
  }

  /// Returns metres on the ground from the first sample, mixed linearly in time from the records before and
  /// after; before the first and behind the last one these hold.
  ///
  /// - Parameter hint: the place of the record before the time, kept from a neighbour.
  @inline(__always)
  package func ground(_ slantRange: Double, at time: Double, hint: inout Int) -> Double {
    while hint + 1 < records.count - 1, records[hint + 1].time < time { hint += 1 }
    while hint > 0, records[hint].time > time { hint -= 1 }
    let before = records[hint].ground(slantRange)
    guard hint + 1 < records.count else { return before }
    let span = records[hint + 1].time - records[hint].time
    let share = min(max((time - records[hint].time) / span, 0), 1)
    return share == 0 ? before : before + share * (records[hint + 1].ground(slantRange) - before)
  }
}
