import Numerics

/// Features of some pixels of one domain, for distances between domains.
public struct FeatureSample: Sendable {
  /// The number of pixels.
  public let count: Int
  /// The number of features of a pixel.
  public let width: Int
  /// `[count, width]`.
  let values: [Double]
  /// The chip that each pixel was taken from: neighbours are alike, and no two parts of a cross-validation
  /// may share them.
  let chips: [Int]

  /// Creates a sample.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`, in any unit.
  ///   - width: `d`.
  ///   - chips: `[n]`; each pixel is a chip of its own without it.
  public init(_ features: [Double], width: Int, chips: [Int]? = nil) {
    precondition(width > 0 && features.count % width == 0, "\(features.count) features, \(width) a pixel")
    (values, self.width, count) = (features, width, features.count / width)
    self.chips = chips ?? Array(0..<count)
    precondition(self.chips.count == count, "\(self.chips.count) chips for \(count) pixels")
  }

  /// Features of pixel `index`.
  func row(_ index: Int) -> ArraySlice<Double> { values[index * width..<(index + 1) * width] }

  /// Some of the pixels.
  func picking(_ pixels: [Int]) -> FeatureSample {
    FeatureSample(pixels.flatMap(row), width: width, chips: pixels.map { chips[$0] })
  }

  /// Returns at most `limit` of the pixels, evenly spread over them.
  func thinned(to limit: Int) -> FeatureSample {
    count <= limit ? self : picking((0..<limit).map { $0 * count / limit })
  }

  /// Returns the pixels of this and then those of another.
  func joined(with other: FeatureSample) -> FeatureSample {
    precondition(width == other.width, "\(width) and \(other.width) features")
    return FeatureSample(values + other.values, width: width, chips: chips + other.chips)
  }

  /// Mean of each feature, `[width]`; 0 where there is no pixel.
  var means: [Double] {
    var sums = [Double](repeating: 0, count: width)
    for index in values.indices { sums[index % width] += values[index] }
    return sums.map { $0 / Double(max(1, count)) }
  }

  /// Returns the features less the given means, `[count, width]`.
  func centred(on means: [Double]) -> DoubleMatrix {
    DoubleMatrix(values.indices.map { values[$0] - means[$0 % width] }, rows: count, columns: width)
  }

  /// Covariance with n - 1, `[width, width]`; 0 for a single pixel.
  var covariance: DoubleMatrix {
    let products = centred(on: means).gram().values
    return DoubleMatrix(products.map { $0 / Double(max(1, count - 1)) }, rows: width, columns: width)
  }

  /// Returns both samples with each feature divided by its deviation over both together, so that distances do
  /// not depend on the features' units. A feature that does not vary stays as it is.
  static func standardized(_ one: FeatureSample, _ other: FeatureSample) -> (FeatureSample, FeatureSample) {
    let both = one.joined(with: other)
    let means = both.means
    var squares = [Double](repeating: 0, count: both.width)
    for index in both.values.indices {
      let difference = both.values[index] - means[index % both.width]
      squares[index % both.width] += difference * difference
    }
    let factors = squares.map { $0 > 0 ? 1 / ($0 / Double(both.count)).squareRoot() : 1 }
    func scaled(_ sample: FeatureSample) -> FeatureSample {
      let width = sample.width
      return FeatureSample(
        sample.values.indices.map { (sample.values[$0] - means[$0 % width]) * factors[$0 % width] },
        width: width, chips: sample.chips)
    }
    return (scaled(one), scaled(other))
  }
}
