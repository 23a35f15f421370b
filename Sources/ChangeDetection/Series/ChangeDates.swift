/// The pixels that changed in a series of radar scenes, and the date at which each changed first.
///
/// Where the omnibus test finds a change, the dates are added one after the other until one differs from
/// those before it.
///
/// - Source: as ``OmnibusTest``.
package struct ChangeDates {
  /// Intensities, `[C][k]` planes.
  private let channels: [[any PlaneSource]]
  private let omnibus: OmnibusTest
  private let sequential: [SequentialTest]
  private let level: Double

  /// - Parameters:
  ///   - channels: the intensities of all dates of each channel.
  ///   - looks: equivalent number of looks.
  ///   - level: the share of unchanged pixels that may be called changed.
  package init(_ channels: [[any PlaneSource]], looks: Double, level: Double = 0.01) {
    let dates = channels.first?.count ?? 0
    precondition(dates >= 2 && channels.allSatisfy { $0.count == dates }, "\(channels.map(\.count)) dates")
    self.channels = channels
    omnibus = OmnibusTest(looks: looks, dates: dates, channels: channels.count)
    sequential = (2...dates).map { SequentialTest(looks: looks, date: $0, channels: channels.count) }
    self.level = level
  }

  /// The change that was found in some pixels.
  package struct Result: Sendable {
    /// The probability of intensities so different where nothing changed; NaN where a date was not observed.
    package let significance: Plane
    /// The index of the first date that differs from those before it, from 1 on; 0 where nothing changed, NaN
    /// where a date was not observed.
    package let date: Plane
  }

  /// Tests the pixels of some rows.
  ///
  /// - Throws: what reading throws.
  package func read(rows: Range<Int>) throws -> Result {
    let values = try channels.map { try $0.map { try $0.read(rows: rows) } }
    let dates = omnibus.dates
    var (significance, date) = (values[0][0], values[0][0])
    var intensities = [Double](repeating: 0, count: channels.count * dates)
    for pixel in significance.values.indices {
      for (channel, planes) in values.enumerated() {
        for (index, plane) in planes.enumerated() {
          intensities[channel * dates + index] = Double(plane.values[pixel])
        }
      }
      guard intensities.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        (significance.values[pixel], date.values[pixel]) = (.nan, .nan)
        continue
      }
      let probability = omnibus.significance(intensities)
      significance.values[pixel] = Float(probability)
      date.values[pixel] = probability < level ? Float(first(intensities)) : 0
    }
    return Result(significance: significance, date: date)
  }

  /// Returns the first date that differs; the one that differs most where none does by itself.
  private func first(_ intensities: [Double]) -> Int {
    let dates = omnibus.dates
    var sums = channels.indices.map { intensities[$0 * dates] }
    var (least, best) = (Double.infinity, 1)
    for date in 1..<dates {
      let values = channels.indices.map { intensities[$0 * dates + date] }
      let probability = sequential[date - 1].significance(sums: sums, values: values)
      if probability < level { return date }
      if probability < least { (least, best) = (probability, date) }
      for channel in sums.indices { sums[channel] += values[channel] }
    }
    return best
  }
}
