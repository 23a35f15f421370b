import Numerics
import Rasters
import Scenes

/// Dates that are put together pixel by pixel, and the rules for it.
package struct CompositeArithmetic: Sendable {
  /// The rule.
  package let method: CompositeMethod
  /// Pixels with fewer valid dates get no value.
  package let minimum: Int
  /// The dates by rank: of dates between which the rule does not decide the one of the least rank is taken.
  /// That is the order of ``CompositeMethod/firstClear``, and of ``CompositeMethod/medoid`` the nearness to
  /// the period's middle where there are two.
  package let ranks: [Int]

  /// Creates the arithmetic of some dates, the earlier one before the later.
  ///
  /// - Parameters:
  ///   - minimum: at least 1.
  ///   - order: the places of all dates, the preferred one first; their own order where nil.
  package init(_ method: CompositeMethod, dates: Int, minimum: Int = 1, order: [Int]? = nil) {
    precondition(minimum > 0, "a composite of \(minimum) dates")
    precondition(order.map { $0.sorted() == Array(0..<dates) } ?? true, "\(order!) of \(dates) dates")
    (self.method, self.minimum) = (method, minimum)
    var ranks = Array(0..<dates)
    for (rank, date) in (order ?? []).enumerated() { ranks[date] = rank }
    self.ranks = ranks
  }

  /// Pixels that a thread takes at once.
  private static let run = 4096

  /// Puts the dates of a window together, on several threads.
  ///
  /// - Parameter dates: a block of one size for each date, in the order of the dates; nil where a date shows
  ///   nothing of the window.
  package func callAsFunction(_ dates: [PixelBlock?], window: Window, bandCount: Int) -> CompositeBlock {
    precondition(dates.count == ranks.count, "\(dates.count) blocks of \(ranks.count) dates")
    var block = CompositeBlock(window, bandCount: bandCount)
    let there = dates.indices.filter { dates[$0] != nil }
    withViews(there.map { dates[$0]! }) { views in
      let observed = zip(there, views).map { Observed(date: $0, view: $1) }
      block.withMutableViews { values, counts, chosen in
        // Each run of pixels writes places of its own.
        nonisolated(unsafe) let (values, counts, chosen) = (values, counts, chosen)
        let pixels = window.pixelCount
        parallelLoop((pixels + Self.run - 1) / Self.run) { index in
          let range = index * Self.run..<min((index + 1) * Self.run, pixels)
          compose(observed, range, pixels: pixels, bandCount, values, counts, chosen)
        }
      }
    }
    return block
  }

  /// The values and the validity of a date.
  private struct Observed {
    let date: Int
    let view: View
  }

  private struct View {
    let values: UnsafePointer<Float>
    let valid: UnsafePointer<Bool>
  }

  private func withViews(_ blocks: [PixelBlock], _ views: [View] = [], _ body: ([View]) -> Void) {
    guard views.count < blocks.count else { return body(views) }
    let block = blocks[views.count]
    block.values.withUnsafeBufferPointer { values in
      block.valid.withUnsafeBufferPointer { valid in
        withViews(blocks, views + [View(values: values.baseAddress!, valid: valid.baseAddress!)], body)
      }
    }
  }

  private func compose(
    _ dates: [Observed], _ range: Range<Int>, pixels: Int, _ bands: Int,
    _ values: UnsafeMutablePointer<Float>, _ counts: UnsafeMutablePointer<Float>,
    _ chosen: UnsafeMutablePointer<Int32>
  ) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: max(1, dates.count)) { valid in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, dates.count)) { sorted in
        for pixel in range {
          var count = 0
          for (place, date) in dates.enumerated() where date.view.valid[pixel] {
            valid[count] = place
            count += 1
          }
          counts[pixel] = Float(count)
          guard count >= minimum else { continue }
          if method == .median {
            for band in 0..<bands {
              let at = band * pixels + pixel
              for index in 0..<count { sorted[index] = dates[valid[index]].view.values[at] }
              values[at] = Self.median(sorted, count)
            }
          } else {
            let winner = dates[choice(of: dates, valid, count, pixel, pixels: pixels, bands)]
            chosen[pixel] = Int32(winner.date)
            for band in 0..<bands {
              values[band * pixels + pixel] = winner.view.values[band * pixels + pixel]
            }
          }
        }
      }
    }
  }

  /// Returns the median of numbers, which it sorts: few as they are, by insertion.
  private static func median(_ values: UnsafeMutableBufferPointer<Float>, _ count: Int) -> Float {
    for index in 1..<max(1, count) {
      let value = values[index]
      var place = index
      while place > 0, values[place - 1] > value {
        values[place] = values[place - 1]
        place -= 1
      }
      values[place] = value
    }
    let half = count / 2
    // Halves first: the sum of two large numbers may not be finite.
    return count % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2
  }

  /// Returns the place, among the dates, of the one that stands for a pixel.
  private func choice(
    of dates: [Observed], _ valid: UnsafeMutableBufferPointer<Int>, _ count: Int, _ pixel: Int, pixels: Int,
    _ bands: Int
  ) -> Int {
    func value(_ place: Int, _ band: Int) -> Double {
      Double(dates[place].view.values[band * pixels + pixel])
    }
    switch method {
    case .median: preconditionFailure("a median takes no date")
    case .firstClear: return valid[..<count].min { ranks[dates[$0].date] < ranks[dates[$1].date] }!
    case .maxNDVI(let red, let nearInfrared):
      func greenness(_ place: Int) -> Double {
        let (near, red) = (value(place, nearInfrared), value(place, red))
        let index = (near - red) / (near + red)
        return index.isFinite ? index : -.infinity
      }
      return best(valid, count) { greenness($0) }
    case .medoid:
      if count == 2 { return valid[..<count].min { ranks[dates[$0].date] < ranks[dates[$1].date] }! }
      return best(valid, count) { place in
        var sum = 0.0
        for index in 0..<count where valid[index] != place {
          var squares = 0.0
          for band in 0..<bands {
            let difference = value(place, band) - value(valid[index], band)
            squares += difference * difference
          }
          sum += squares.squareRoot()
        }
        return -sum
      }
    }
  }

  /// Returns the date of the greatest figure; of several the earliest.
  private func best(_ valid: UnsafeMutableBufferPointer<Int>, _ count: Int, _ figure: (Int) -> Double) -> Int
  {
    var (found, most) = (valid[0], figure(valid[0]))
    for index in 1..<max(1, count) {
      let own = figure(valid[index])
      if own > most { (found, most) = (valid[index], own) }
    }
    return found
  }
}

/// A window of a composite.
package struct CompositeBlock: Sendable {
  /// `[C, H, W]`; NaN where there were too few dates.
  package private(set) var values: [Float]
  /// `[H, W]`: the number of valid dates.
  package private(set) var counts: [Float]
  /// `[H, W]`: the place of the date that was chosen; -1 where none was.
  package private(set) var chosen: [Int32]

  fileprivate init(_ window: Window, bandCount: Int) {
    values = [Float](repeating: .nan, count: bandCount * window.pixelCount)
    counts = [Float](repeating: 0, count: window.pixelCount)
    chosen = [Int32](repeating: -1, count: window.pixelCount)
  }

  fileprivate mutating func withMutableViews(
    _ body: (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Int32>) -> Void
  ) {
    values.withUnsafeMutableBufferPointer { values in
      counts.withUnsafeMutableBufferPointer { counts in
        chosen.withUnsafeMutableBufferPointer { chosen in
          guard let first = values.baseAddress, let second = counts.baseAddress,
            let third = chosen.baseAddress
          else { return }
          body(first, second, third)
        }
      }
    }
  }
}
