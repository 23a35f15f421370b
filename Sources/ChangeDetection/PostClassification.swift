/// Compares the class maps of two dates on one grid, pixel by pixel.
///
/// A pixel that either date did not observe is "not observed", which is not "no change". The accuracy of the comparison is
/// about the product of the two maps' accuracies.
public struct PostClassification: Sendable {
  /// The states of a change mask.
  public enum Mask: UInt8, CaseIterable, Sendable {
    /// One of the dates did not see the pixel.
    case notObserved = 255
    /// The class is the same at both dates.
    case unchanged = 0
    /// The class differs.
    case changed = 1
  }

  /// Classes of the maps.
  public let classCount: Int
  /// Pixels that went from class to class: `counts[from * classCount + to]`.
  public private(set) var counts: [Int]

  /// A comparison of maps with `classCount` classes, at most 15, so that each pair has a value in a byte.
  public init(classCount: Int) {
    precondition((1...Self.largestClassCount).contains(classCount), "\(classCount) classes")
    self.classCount = classCount
    counts = Array(repeating: 0, count: classCount * classCount)
  }

  /// The most classes whose pairs fit into a byte beside "not observed".
  public static let largestClassCount = 15

  /// The value of a pair in from-to maps: 1 + from x classes + to; 0 is not observed.
  public func value(from: UInt8, to: UInt8) -> UInt8 { 1 + from * UInt8(classCount) + to }

  /// Whether the class differs; nil for what was not observed.
  public func isChange(_ value: UInt8) -> Bool? {
    value == 0 ? nil : (Int(value) - 1) / classCount != (Int(value) - 1) % classCount
  }

  /// The pairs of classes of some pixels.
  ///
  /// - Parameters:
  ///   - before: class indices of the earlier date, anything from `classCount` on is not observed.
  ///   - after: those of the later date, as many.
  /// - Returns: the from-to value of each pixel.
  public func pairs(before: [UInt8], after: [UInt8]) -> [UInt8] {
    precondition(before.count == after.count, "\(before.count) and \(after.count) pixels")
    return zip(before, after).map { from, to in
      from < classCount && to < classCount ? value(from: from, to: to) : 0
    }
  }

  /// Keeps what is no change of single pixels, and takes the rest from the pairs without small regions.
  ///
  /// - Parameters:
  ///   - pairs: from-to values.
  ///   - sieved: the same, each small region with the value of the largest one beside it.
  public func merged(_ pairs: [UInt8], sieved: [UInt8]) -> [UInt8] {
    precondition(pairs.count == sieved.count, "\(pairs.count) and \(sieved.count) pixels")
    // A pond of some pixels that did not change is no speck of change.
    return zip(pairs, sieved).map { own, large in
      isChange(own) == false && isChange(large) == false ? own : large
    }
  }

  /// Counts the pairs of some pixels.
  ///
  /// - Parameter pairs: from-to values.
  /// - Returns: the mask of each pixel.
  public mutating func mask(of pairs: [UInt8]) -> [UInt8] {
    pairs.map { value in
      guard let isChange = isChange(value) else { return Mask.notObserved.rawValue }
      counts[Int(value) - 1] += 1
      return (isChange ? Mask.changed : Mask.unchanged).rawValue
    }
  }

  /// Pixels seen at both dates.
  public var observed: Int { counts.reduce(0, +) }

  /// Pixels whose class differs.
  public var changed: Int { observed - (0..<classCount).reduce(0) { $0 + counts[$1 * classCount + $1] } }
}
