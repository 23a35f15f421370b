import Numerics

/// PCA-kmeans: describes the neighbourhood of each pixel in a difference image by few principal components,
/// and divides the pixels into two clusters.
///
/// Components and the choice between two centres are linear, so both together are one linear filter of the
/// difference: its value is where a pixel lies on the way from the centre of the unchanged (0) to that of the
/// changed (1), and the border is 1/2.
///
/// - Source: Celik 2009 (doi:10.1109/LGRS.2009.2025059).
package struct PrincipalComponentClusters: PlaneSource {
  private let source: any PlaneSource
  private let radius: Int
  /// The filter `[h, h]`, and what is added to the filtered value.
  private let kernel: [Double]
  private let offset: Double
  package var width: Int { source.width }
  package var height: Int { source.height }

  /// Between the clusters.
  package static let threshold = 0.5
  /// Neighbourhoods that clusters are found from, spread evenly over the plane.
  private static let mostSamples = 1 << 20

  /// Finds components and clusters of a difference image.
  ///
  /// - Parameters:
  ///   - source: a difference without a sign.
  ///   - radius: of the neighbourhoods: 2 is 5 x 5.
  ///   - components: how many of them, the ones of largest variance.
  /// - Returns: nil where no neighbourhood is fully observed, or all of them are the same.
  /// - Throws: what reading throws.
  package init?(_ source: any PlaneSource, radius: Int = 2, components: Int = 3) throws {
    (self.source, self.radius) = (source, radius)
    let side = 2 * radius + 1
    guard let basis = try Self.basis(source, side: side, components: components) else { return nil }
    let step = max(
      1, Int((Double(source.width * source.height) / Double(Self.mostSamples)).squareRoot().rounded(.up)))
    var (features, means): ([[Double]], [Double]) = ([], [])
    for rows in strips(height: source.height, width: source.width) {
      let first = max(0, rows.lowerBound - radius)
      let plane = try source.read(rows: first..<min(source.height, rows.upperBound + radius))
      for row in rows where row % step == 0 {
        for column in stride(from: 0, to: source.width, by: step)
        where !plane.values[(row - first) * plane.width + column].isNaN {
          let (values, mean) = plane.neighbourhood(row - first, column, radius: radius)
          features.append(
            basis.components.map { component in
              zip(zip(component, values), basis.mean).reduce(0) { $0 + $1.0.0 * ($1.0.1 - $1.1) }
            })
          means.append(mean)
        }
      }
    }
    guard let centres = Self.centres(features, means) else { return nil }
    let difference = zip(centres.changed, centres.unchanged).map { $0 - $1 }
    let square = difference.reduce(0) { $0 + $1 * $1 }
    guard square > 0 else { return nil }
    let kernel = (0..<side * side).map { place in
      zip(difference, basis.components).reduce(0) { $0 + $1.0 * $1.1[place] } / square
    }
    self.kernel = kernel
    offset =
      -zip(kernel, basis.mean).reduce(0) { $0 + $1.0 * $1.1 }
      - zip(difference, centres.unchanged).reduce(0) { $0 + $1.0 * $1.1 } / square
  }

  package func read(rows: Range<Int>) throws -> Plane {
    try source.filtered(rows, halo: radius) { plane in
      var result = plane
      result.values.withUnsafeMutableBufferPointer { result in
        nonisolated(unsafe) let result = result
        parallelLoop(plane.height) { row in
          for column in 0..<plane.width where !plane.values[row * plane.width + column].isNaN {
            let values = plane.neighbourhood(row, column, radius: radius).values
            result[row * plane.width + column] = Float(
              zip(kernel, values).reduce(offset) { $0 + $1.0 * $1.1 })
          }
        }
      }
      return result
    }
  }

  /// Returns the mean and the components of largest variance of blocks that do not overlap and were fully
  /// observed.
  private static func basis(_ source: any PlaneSource, side: Int, components: Int) throws -> (
    mean: [Double], components: [[Double]]
  )? {
    let size = side * side
    var (count, sums) = (0.0, [Double](repeating: 0, count: size))
    var products = [Double](repeating: 0, count: size * size)
    let blocks = max(1, strips(height: source.height, width: source.width)[0].count / side) * side
    for start in stride(from: 0, to: source.height - side + 1, by: blocks) {
      let plane = try source.read(rows: start..<min(source.height, start + blocks))
      var rows: [Double] = []
      for row in stride(from: 0, to: plane.height - side + 1, by: side) {
        for column in stride(from: 0, to: plane.width - side + 1, by: side) {
          let block = (0..<size).map { plane.values[(row + $0 / side) * plane.width + column + $0 % side] }
          if block.allSatisfy(\.isFinite) { rows += block.map(Double.init) }
        }
      }
      let matrix = DoubleMatrix(rows, rows: rows.count / size, columns: size)
      count += Double(matrix.rows)
      let ones = matrix.transposedTimes(Array(repeating: 1, count: matrix.rows))
      for index in 0..<size { sums[index] += ones[index] }
      for (index, product) in matrix.gram().values.enumerated() { products[index] += product }
    }
    guard count > 0 else { return nil }
    let mean = sums.map { $0 / count }
    let covariance = products.indices.map { products[$0] / count - mean[$0 / size] * mean[$0 % size] }
    guard
      let decomposition = SymmetricEigendecomposition(DoubleMatrix(covariance, rows: size, columns: size))
    else { return nil }
    return (
      mean,
      (0..<min(components, size)).map { index in
        let row = size - 1 - index
        return Array(decomposition.vectors.values[row * size..<(row + 1) * size])
      }
    )
  }

  /// Iterations at most; two clusters settle in some ten.
  private static let rounds = 200

  /// Returns the centres of two clusters, first split by the neighbourhoods' means; the one with the larger
  /// mean is change.
  private static func centres(_ features: [[Double]], _ means: [Double]) -> (
    unchanged: [Double], changed: [Double]
  )? {
    guard let low = means.min(), let high = means.max(), low < high else { return nil }
    var counts = [Int](repeating: 0, count: Histogram.standardBinCount)
    for mean in means {
      counts[min(counts.count - 1, Int((mean - low) / (high - low) * Double(counts.count)))] += 1
    }
    guard let border = Histogram(counts: counts, range: low...high).twoMeansThreshold else { return nil }
    var changed = means.map { $0 > border }
    let dimensions = features[0].count
    var centres: [[Double]] = []
    for _ in 0..<rounds {
      var (sums, sizes) = (
        [[Double]](repeating: Array(repeating: 0, count: dimensions), count: 2), [0.0, 0.0]
      )
      for (index, feature) in features.enumerated() {
        let cluster = changed[index] ? 1 : 0
        sizes[cluster] += 1
        for dimension in 0..<dimensions { sums[cluster][dimension] += feature[dimension] }
      }
      guard sizes.allSatisfy({ $0 > 0 }) else { return nil }
      let next = zip(sums, sizes).map { sum, size in sum.map { $0 / size } }
      if next == centres { break }
      centres = next
      for (index, feature) in features.enumerated() {
        var distance = 0.0
        for dimension in 0..<dimensions {
          let (below, above) = (
            feature[dimension] - centres[0][dimension], feature[dimension] - centres[1][dimension]
          )
          distance += above * above - below * below
        }
        changed[index] = distance < 0
      }
    }
    return (centres[0], centres[1])
  }
}

extension Plane {
  /// Returns the values of a neighbourhood, with their mean in the place of what was not observed or lies
  /// outside.
  fileprivate func neighbourhood(_ row: Int, _ column: Int, radius: Int) -> (values: [Double], mean: Double) {
    let side = 2 * radius + 1
    var found = [Double](repeating: .nan, count: side * side)
    var (sum, count) = (0.0, 0)
    for place in found.indices {
      let (other, across) = (row + place / side - radius, column + place % side - radius)
      guard (0..<height).contains(other), (0..<width).contains(across) else { continue }
      let value = Double(values[other * width + across])
      guard value.isFinite else { continue }
      found[place] = value
      sum += value
      count += 1
    }
    let mean = sum / Double(max(1, count))
    return (found.map { $0.isNaN ? mean : $0 }, mean)
  }
}
