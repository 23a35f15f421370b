/// Compares the class maps of two dates on one grid, pixel by pixel.
///
/// A pixel that either date did not observe is "not observed", which is not "no change". The accuracy of the
/// comparison is about the product of the two maps' accuracies.
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
  /// The number of pixels that went from class to class: `counts[from * classCount + to]`.
  public private(set) var counts: [Int]

  /// Creates a comparison of maps with `classCount` classes, at most 15, so that each pair has a value in a
  /// byte.
  public init(classCount: Int) {
    precondition((1...Self.largestClassCount).contains(classCount), "\(classCount) classes")
    self.classCount = classCount
    counts = Array(repeating: 0, count: classCount * classCount)
  }

  /// The most classes whose pairs fit into a byte beside "not observed".
  public static let largestClassCount = 15

  /// Returns the value of a pair in from-to maps: 1 + from x classes + to; 0 is not observed.
  public func value(from: UInt8, to: UInt8) -> UInt8 { 1 + from * UInt8(classCount) + to }

  /// Returns whether the class differs; nil for what was not observed.
  public func isChange(_ value: UInt8) -> Bool? {
    value == 0 ? nil : (Int(value) - 1) / classCount != (Int(value) - 1) % classCount
  }

  /// Returns the pairs of classes of some pixels.
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

  /// Gives another pair to the pixels that the sieve of the mask has turned: change into none, or none into
  /// change. All others keep their pair, however small its region is.
  ///
  /// The other pair is that of the sieved pairs. Where that says otherwise than the mask, a pixel that is no
  /// change any more gets the earlier date's class for both dates, and one without change keeps its pair.
  ///
  /// - Parameters:
  ///   - pairs: from-to values.
  ///   - mask: their mask without small regions.
  ///   - sieved: from-to values without small regions of one pair.
  public func merged(_ pairs: [UInt8], mask: [UInt8], sieved: [UInt8]) -> [UInt8] {
    precondition(
      pairs.count == mask.count && pairs.count == sieved.count,
      "\(pairs.count), \(mask.count) and \(sieved.count) pixels")
    return pairs.indices.map { index in
      let (own, large) = (pairs[index], sieved[index])
      guard let wasChange = isChange(own), self.mask(of: own) != mask[index] else { return own }
      if isChange(large) == !wasChange { return large }
      guard wasChange else { return own }
      let earlier = (own - 1) / UInt8(classCount)
      return value(from: earlier, to: earlier)
    }
  }

  /// Returns the mask of a from-to value.
  public func mask(of pair: UInt8) -> UInt8 {
    (isChange(pair).map { $0 ? Mask.changed : .unchanged } ?? .notObserved).rawValue
  }

  /// Counts the pairs of some pixels.
  ///
  /// - Parameter pairs: from-to values.
  /// - Returns: the mask of each pixel.
  public mutating func mask(of pairs: [UInt8]) -> [UInt8] {
    for value in pairs where value != 0 { counts[Int(value) - 1] += 1 }
    return pairs.map { self.mask(of: $0) }
  }

  /// Pixels seen at both dates.
  public var observed: Int { counts.reduce(0, +) }

  /// Pixels whose class differs.
  public var changed: Int { observed - (0..<classCount).reduce(0) { $0 + counts[$1 * classCount + $1] } }
}
