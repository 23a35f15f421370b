import Numerics

/// The mean of the observed pixels in a square window around each observed pixel (a boxcar).
package struct WindowMean: PlaneSource {
  private let source: any PlaneSource
  private let radius: Int
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// - Parameter radius: pixels on either side; 1 is a window of 3 x 3.
  package init(_ source: any PlaneSource, radius: Int) { (self.source, self.radius) = (source, radius) }

  package func read(rows: Range<Int>) throws -> Plane {
    try source.filtered(rows, halo: radius) { $0.windowMean(radius: radius) }
  }
}

extension Plane {
  /// Returns the mean of the observed pixels in a window of 2 r + 1 pixels a side around each observed pixel.
  func windowMean(radius: Int) -> Plane {
    let sums = WindowSums(values, width: width, radius: radius)
    var means = self
    for index in values.indices where !values[index].isNaN {
      means.values[index] = Float(sums.sums[index] / sums.counts[index])
    }
    return means
  }
}

/// Sums over the observed pixels of square windows.
///
/// A window is summed afresh for each pixel, first down, then across: running sums would round by where they
/// began, and the result would depend on the strips.
struct WindowSums {
  /// `[H, W]`, sums and numbers of observed pixels.
  let sums, counts: [Double]

  /// - Parameter values: `[H, W]`, NaN where nothing was observed.
  init(_ values: [Float], width: Int, radius: Int) {
    let seen = values.map { !$0.isNaN }
    sums = windowSums(
      zip(values, seen).map { $1 ? Double($0) : 0 }, width: width, height: values.count / width,
      radius: radius)
    counts = windowSums(
      seen.map { $0 ? 1 : 0 }, width: width, height: values.count / width, radius: radius)
  }
}

/// Returns the sum of the window around each pixel, which ends where the plane ends.
func windowSums(_ values: [Double], width: Int, height: Int, radius: Int) -> [Double] {
  guard radius > 0 else { return values }
  var result = [Double](repeating: 0, count: values.count)
  values.withUnsafeBufferPointer { values in
    result.withUnsafeMutableBufferPointer { result in
      // Each row is written by one index.
      nonisolated(unsafe) let (values, result) = (values, result)
      parallelLoop(height) { row in
        // Zeros on either side: the sum across needs no ends.
        withUnsafeTemporaryAllocation(of: Double.self, capacity: width + 2 * radius) { line in
          line.initialize(repeating: 0)
          for other in max(0, row - radius)...min(height - 1, row + radius) {
            for column in 0..<width { line[radius + column] += values[other * width + column] }
          }
          for column in 0..<width { result[row * width + column] = line[column] }
          for shift in 1...2 * radius {
            for column in 0..<width { result[row * width + column] += line[column + shift] }
          }
        }
      }
    }
  }
  return result
}
