import Foundation

/// Returns the equivalent number of looks (ENL): how many independent looks would have an image's speckle.
///
/// In uniform ground it is the squared mean over the variance. Windows of 7 x 7 that hold nothing but speckle
/// agree on it, those with edges spread widely: the most frequent value is taken.
///
/// - Source: Lee, Wen, Ainsworth, Chen & Chen 2009 (doi:10.1109/TGRS.2009.2023109) and Foucher et al. 2000
///   for the mode.
package func equivalentLooks(of intensities: any PlaneSource, radius: Int = 3) throws -> Double? {
  let logarithms = LocalLooks(source: intensities, radius: radius)
  guard let histogram = try Histogram(of: logarithms, bins: 512) else { return nil }
  // Counts of neighbouring bins together: a mode of single bins would be chance.
  let reach = max(1, Int(0.15 / max(histogram.binWidth, 1e-12)))
  var (best, most) = (0, -1)
  for bin in histogram.counts.indices {
    let near = histogram.counts[max(0, bin - reach)...min(histogram.counts.count - 1, bin + reach)].reduce(
      0, +)
    if near > most { (best, most) = (bin, near) }
  }
  return exp(histogram.centre(of: best))
}

/// The logarithm of each window's squared mean over its variance; not observed where the window is not wholly
/// observed.
private struct LocalLooks: PlaneSource {
  let source: any PlaneSource
  let radius: Int
  var width: Int { source.width }
  var height: Int { source.height }

  func read(rows: Range<Int>) throws -> Plane {
    try source.filtered(rows, halo: radius) { plane in
      let window = SpeckleWindow(plane, radius: radius)
      let count = Double((2 * radius + 1) * (2 * radius + 1))
      let seen = WindowSums(plane.values, width: plane.width, radius: radius).counts
      return Plane(
        width: plane.width,
        values: plane.values.indices.map { index in
          // The variance of a sample is a little smaller than that of what it is drawn from.
          let variation = window.variation(index) * count / (count - 1)
          return seen[index] == count && variation > 0 ? Float(-log(variation)) : .nan
        })
    }
  }
}
