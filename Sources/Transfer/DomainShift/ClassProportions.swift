import Classes
import Foundation

/// The share of each class in a map, or in labels.
public struct ClassProportions: Hashable, Sendable {
  /// The share of each class; 0 for all where there was no pixel.
  public let shares: [Double]

  /// Proportions of counted pixels.
  public init(counts: [Int]) {
    let total = Double(max(1, counts.reduce(0, +)))
    shares = counts.map { Double($0) / total }
  }

  /// Proportions of class indices; ``ClassIndex/none`` ones count nowhere.
  public init(_ classes: some Sequence<UInt8>, count: Int) {
    var counts = [Int](repeating: 0, count: count)
    for index in classes where index != ClassIndex.none { counts[Int(index)] += 1 }
    self.init(counts: counts)
  }

  /// The exponential of their entropy: how many classes of one size would be as varied. 1 for a single class,
  /// 0 for none.
  public var effectiveClasses: Double {
    guard shares.contains(where: { $0 > 0 }) else { return 0 }
    return exp(shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 })
  }

  /// Half the sum of the differences: the share of pixels that would have to change class for the two to be
  /// alike.
  public func difference(from other: ClassProportions) -> Double {
    zip(shares, other.shares).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
  }
}
