import Classes

/// The calibration of a map's probabilities, by which they tell how often it is right: expected calibration
/// error and a reliability table.
///
/// Pixels are sorted by confidence, the probability of the class that they are mapped as, into bins of equal
/// width, `(l / bins, (l + 1) / bins]`, 0 in the first.
///
/// - Source: Guo et al. 2017, arXiv:1706.04599, section 2; Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602.
public struct Calibration: Codable, Hashable, Sendable {
  /// One line of the reliability table.
  public struct Bin: Hashable, Sendable {
    /// The confidences that the bin is for.
    public let lower, upper: Double
    /// Pixels in the bin.
    public let count: Int
    /// The mean confidence of the bin's pixels; NaN where there are none.
    public let confidence: Double
    /// The share of the bin's pixels that is mapped right; NaN where there are none.
    public let accuracy: Double
  }

  private var counts, hits: [Int]
  private var confidences: [Double]

  /// Creates a calibration in which no pixel is counted yet.
  public init(bins: Int = 15) {
    precondition(bins > 0, "\(bins) bins")
    counts = Array(repeating: 0, count: bins)
    hits = counts
    confidences = Array(repeating: 0, count: bins)
  }

  /// Counts pixels by their confidence, in 0...1, and whether they are mapped right.
  public mutating func add(confidence: some Sequence<Float>, isRight: some Sequence<Bool>) {
    for (confidence, isRight) in zip(confidence, isRight) { add(confidence, isRight) }
  }

  /// Counts pixels whose reference and mapped class are both known; ``ClassIndex/none`` on either side counts
  /// nowhere.
  public mutating func add(
    confidence: some Sequence<Float>, reference: some Sequence<UInt8>, mapped: some Sequence<UInt8>
  ) {
    for (confidence, (truth, guess)) in zip(confidence, zip(reference, mapped))
    where truth != ClassIndex.none && guess != ClassIndex.none {
      add(confidence, truth == guess)
    }
  }

  private mutating func add(_ confidence: Float, _ isRight: Bool) {
    precondition(confidence.isFinite, "a confidence of \(confidence)")
    let scaled = (Double(confidence) * Double(counts.count)).rounded(.up)
    let bin = Int(max(1, min(Double(counts.count), scaled))) - 1
    counts[bin] += 1
    hits[bin] += isRight ? 1 : 0
    confidences[bin] += Double(confidence)
  }

  /// Adds the counts of another table with as many bins.
  public mutating func add(_ other: Calibration) {
    precondition(other.counts.count == counts.count, "\(counts.count) and \(other.counts.count) bins")
    for index in counts.indices {
      counts[index] += other.counts[index]
      hits[index] += other.hits[index]
      confidences[index] += other.confidences[index]
    }
  }

  /// The number of pixels counted.
  public var total: Int { counts.reduce(0, +) }

  /// The mean over all pixels of the difference between accuracy and mean confidence of their bin; NaN where
  /// nothing was counted.
  public var expectedError: Double {
    let difference = counts.indices.reduce(0) { $0 + abs(Double(hits[$1]) - confidences[$1]) }
    return difference / Double(total)
  }

  /// The reliability table, from the lowest confidence to the highest.
  public var bins: [Bin] {
    counts.indices.map { index in
      let count = Double(counts[index])
      return Bin(
        lower: Double(index) / Double(counts.count), upper: Double(index + 1) / Double(counts.count),
        count: counts[index], confidence: confidences[index] / count, accuracy: Double(hits[index]) / count)
    }
  }
}
