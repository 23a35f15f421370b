/// Numbers that an annotation gives for some lines and samples of an image, mixed linearly between them.
package struct RangeTable: Sendable {
  /// The numbers of one line.
  package struct Row: Hashable, Sendable {
    package let line: Double
    /// The samples of the numbers, ascending, and the numbers.
    package let samples, values: [Double]

    /// - Returns: nil unless there is a number for each sample, and samples ascend.
    package init?(line: Double, samples: [Double], values: [Double]) {
      guard !samples.isEmpty, samples.count == values.count,
        zip(samples, samples.dropFirst()).allSatisfy(<)
      else { return nil }
      (self.line, self.samples, self.values) = (line, samples, values)
    }

    /// Returns the numbers for all samples of a line; outside the samples that are given the nearest one
    /// holds.
    fileprivate func spread(over count: Int) -> [Float] {
      var place = 0
      return (0..<count).map { sample in
        let sample = Double(sample)
        while place + 2 < samples.count, samples[place + 1] <= sample { place += 1 }
        guard samples.count > 1, sample > samples[place] else { return Float(values[place]) }
        guard sample < samples[place + 1] else { return Float(values[place + 1]) }
        let share = (sample - samples[place]) / (samples[place + 1] - samples[place])
        return Float(values[place] + share * (values[place + 1] - values[place]))
      }
    }
  }

  private let lines: [Double]
  private let rows: [[Float]]

  /// - Parameter samples: of a line of the image.
  /// - Returns: nil without a row, or where lines do not ascend.
  package init?(_ rows: [Row], samples: Int) {
    guard !rows.isEmpty, zip(rows, rows.dropFirst()).allSatisfy({ $0.line < $1.line }) else { return nil }
    lines = rows.map(\.line)
    self.rows = rows.map { $0.spread(over: samples) }
  }

  /// Writes the numbers of some samples of a line; before the first line that is given, and behind the last,
  /// that holds.
  func write(line: Int, samples: Range<Int>, to values: UnsafeMutableBufferPointer<Float>) {
    let position = Double(line)
    let after = lines.firstIndex { $0 > position } ?? lines.count
    let above = rows[max(after - 1, 0)]
    let below = rows[min(after, rows.count - 1)]
    let isBetween = after > 0 && after < lines.count
    let share = isBetween ? Float((position - lines[after - 1]) / (lines[after] - lines[after - 1])) : 0
    above.withUnsafeBufferPointer { above in
      below.withUnsafeBufferPointer { below in
        for index in 0..<samples.count {
          let first = above[samples.lowerBound + index]
          values[index] = first + share * (below[samples.lowerBound + index] - first)
        }
      }
    }
  }
}
