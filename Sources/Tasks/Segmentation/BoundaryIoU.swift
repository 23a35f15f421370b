import Chips
import Classes

/// Intersection over union of the pixels near the boundaries of classes: it tells a sharp outline from a
/// blurred one, which hardly changes the IoU of a large area.
///
/// Of each class only those pixels count, in the reference and in the map, that lie within a distance of
/// another class there. Distance is the chessboard's: as the authors do it, a pixel is near where as many
/// erosions by a 3 x 3 square remove it.
///
/// Unlabelled pixels count nowhere, and are no boundary: neither an edge of the labels nor the edge of a
/// region says where a class ends. (The authors' images are labelled throughout, and their edge is taken for
/// a boundary.)
///
/// - Source: Cheng et al. 2021, arXiv:2103.16562.
public struct BoundaryIoU: Codable, Hashable, Sendable {
  /// The number of classes.
  public let classes: Int
  private let distance: Int?
  private var intersections, references, maps: [Int]

  /// Creates a score in which no pixel is counted yet.
  ///
  /// - Parameter distance: pixels that a boundary reaches inwards; 2 % of each region's diagonal where nil,
  ///   as in the paper.
  public init(classes: Int, distance: Int? = nil) {
    precondition(distance ?? 1 > 0, "a boundary \(distance ?? 1) pixels wide")
    (self.classes, self.distance) = (classes, distance)
    intersections = Array(repeating: 0, count: classes)
    (references, maps) = (intersections, intersections)
  }

  /// Returns 2 % of the diagonal of an image, rounded, 1 at least.
  public static func distance(width: Int, height: Int) -> Int {
    max(1, Int((0.02 * Double(width * width + height * height).squareRoot()).rounded()))
  }

  /// Counts a region, whose classes are `[H, W]`; ``ClassIndex/none`` on either side counts nowhere.
  public mutating func add(reference: [UInt8], mapped: [UInt8], width: Int, height: Int) {
    precondition(
      reference.count == width * height && mapped.count == reference.count,
      "\(reference.count) and \(mapped.count) classes for \(height) x \(width)")
    let reach = distance ?? Self.distance(width: width, height: height)
    let known = zip(reference, mapped).map { $0 != ClassIndex.none && $1 != ClassIndex.none }
    func boundary(_ classes: [UInt8]) -> [Bool] {
      Self.boundary(
        zip(classes, known).map { $1 ? $0 : ClassIndex.none }, width: width, height: height, reach: reach)
    }
    let (first, second) = (boundary(reference), boundary(mapped))
    for place in known.indices where known[place] {
      let (truth, guess) = (Int(reference[place]), Int(mapped[place]))
      if first[place] { references[truth] += 1 }
      if second[place] { maps[guess] += 1 }
      if first[place] && second[place] && truth == guess { intersections[truth] += 1 }
    }
  }

  /// Returns whether another class lies within `reach` of each pixel: whether the lowest or the highest class
  /// around it is another. Takes all classes at once, however many there are.
  private static func boundary(_ classes: [UInt8], width: Int, height: Int, reach: Int) -> [Bool] {
    let lowest = runningMinimum(classes, width: width, height: height, before: reach, after: reach)
    // Turned round, the highest class is the lowest number, and what has no class stays the highest.
    let turned = classes.map { $0 == ClassIndex.none ? ClassIndex.none : ClassIndex.none - 1 - $0 }
    let highest = runningMinimum(turned, width: width, height: height, before: reach, after: reach)
    return classes.indices.map { lowest[$0] != classes[$0] || highest[$0] != turned[$0] }
  }

  /// Adds the counts of other regions.
  public mutating func add(_ other: BoundaryIoU) {
    precondition(
      other.classes == classes && other.distance == distance,
      "boundaries of \(classes) and \(other.classes) classes, \(distance ?? 0) and \(other.distance ?? 0) pixels wide"
    )
    for index in 0..<classes {
      intersections[index] += other.intersections[index]
      references[index] += other.references[index]
      maps[index] += other.maps[index]
    }
  }

  /// Returns the score of one class; NaN where it has no boundary on either side.
  public func score(of index: Int) -> Double {
    Double(intersections[index]) / Double(references[index] + maps[index] - intersections[index])
  }

  /// The mean over the classes that have a boundary in the reference or in the map; NaN where none has.
  public var mean: Double {
    let present = (0..<classes).filter { references[$0] + maps[$0] > 0 }
    return present.reduce(0) { $0 + score(of: $1) } / Double(present.count)
  }
}
