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

  /// Compares some pixels.
  ///
  /// - Parameters:
  ///   - before: class indices of the earlier date, anything from `classCount` on is not observed.
  ///   - after: those of the later date, as many.
  /// - Returns: the from-to value and the mask of each pixel.
  public mutating func compare(before: [UInt8], after: [UInt8]) -> (fromTo: [UInt8], mask: [UInt8]) {
    precondition(before.count == after.count, "\(before.count) and \(after.count) pixels")
    var fromTo = [UInt8](repeating: 0, count: before.count)
    var mask = [UInt8](repeating: Mask.notObserved.rawValue, count: before.count)
    for index in before.indices where before[index] < classCount && after[index] < classCount {
      let (from, to) = (before[index], after[index])
      fromTo[index] = value(from: from, to: to)
      mask[index] = (from == to ? Mask.unchanged : Mask.changed).rawValue
      counts[Int(from) * classCount + Int(to)] += 1
    }
    return (fromTo, mask)
  }

  /// Pixels seen at both dates.
  public var observed: Int { counts.reduce(0, +) }

  /// Pixels whose class differs.
  public var changed: Int { observed - (0..<classCount).reduce(0) { $0 + counts[$1 * classCount + $1] } }
}
