/// The multitemporal filter: the mean of a window at one date, times the mean over all dates of how the pixel
/// compares with its window.
///
/// Each date keeps its own radiometry and gets detail from all of them; the more dates, the less speckle is
/// left.
///
/// - Source: Quegan & Yu 2001 (doi:10.1109/36.964973), for dates whose speckle does not correlate.
package struct MultitemporalFilter: PlaneSource {
  private let dates: [any PlaneSource]
  private let date, radius: Int
  package var width: Int { dates[date].width }
  package var height: Int { dates[date].height }

  /// - Parameters:
  ///   - dates: intensities of all dates, on one grid.
  ///   - date: the one that is filtered.
  ///   - radius: of the window; 3 is 7 x 7.
  package init(_ dates: [any PlaneSource], date: Int, radius: Int = 3) {
    precondition(dates.indices.contains(date), "date \(date) of \(dates.count)")
    (self.dates, self.date, self.radius) = (dates, date, radius)
  }

  package func read(rows: Range<Int>) throws -> Plane {
    var ratios = [Double](repeating: 0, count: rows.count * width)
    var counts = ratios
    var own = Plane(width: width, values: [])
    for (index, source) in dates.enumerated() {
      let means = try WindowMean(source, radius: radius).read(rows: rows)
      if index == date { own = means }
      for (place, value) in try source.read(rows: rows).values.enumerated()
      where value.isFinite && means.values[place] > 0 {
        ratios[place] += Double(value) / Double(means.values[place])
        counts[place] += 1
      }
    }
    for place in own.values.indices where counts[place] > 0 {
      own.values[place] = Float(Double(own.values[place]) * ratios[place] / counts[place])
    }
    return own
  }
}
