/// The distribution of a band's values: what radiometric adjustment knows of a scene, or of several together.
public struct BandDistribution: Sendable {
  private let sorted: [Float]

  /// Creates the distribution of values in any order, none of them NaN.
  public init(_ values: [Float]) { sorted = values.sorted() }

  /// Whether there is no value.
  public var isEmpty: Bool { sorted.isEmpty }

  /// Returns the value below which a share of the values lies, linear between two of them.
  ///
  /// - Parameter probability: from 0 to 1.
  /// - Returns: 0 where there is no value.
  public func quantile(_ probability: Double) -> Double {
    guard let last = sorted.last else { return 0 }
    let place = probability * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return Double(last) }
    let (low, high) = (Double(sorted[index]), Double(sorted[index + 1]))
    return low + (high - low) * (place - Double(index))
  }

  /// The median.
  public var centre: Double { quantile(0.5) }

  /// The interquartile range over 1.349: the standard deviation where values are normally distributed,
  /// whatever a few outliers do.
  public var spread: Double { (quantile(0.75) - quantile(0.25)) / 1.349 }

  /// The probabilities at which histograms are matched: every 1/64, and closer at the ends, where clouds and
  /// water are.
  ///
  /// The outermost are left out: a single hot pixel would decide them.
  public static let probabilities: [Double] =
    [0.001, 0.005] + (1..<64).map { Double($0) / 64 } + [0.995, 0.999]
}
