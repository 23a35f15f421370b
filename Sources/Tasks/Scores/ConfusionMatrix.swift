import Classes

/// Counts of reference class against mapped class, and the scores that follow from them.
public struct ConfusionMatrix: Codable, Hashable, Sendable {
  /// Counts, row by row: `counts[reference * classes + mapped]`.
  public private(set) var counts: [Int]
  /// The number of classes.
  public let classes: Int

  /// Creates a matrix in which no pixel is counted yet.
  public init(classes: Int) {
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
  }

  /// Counts pixels whose reference and mapped class are both known; ``ClassIndex/none`` on either side counts
  /// nowhere.
  public mutating func add(reference: some Sequence<UInt8>, mapped: some Sequence<UInt8>) {
    for (truth, guess) in zip(reference, mapped) where truth != ClassIndex.none && guess != ClassIndex.none {
      counts[Int(truth) * classes + Int(guess)] += 1
    }
  }

  /// Adds the counts of another matrix of the same classes.
  public mutating func add(_ other: ConfusionMatrix) {
    precondition(other.classes == classes, "\(classes) and \(other.classes) classes")
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// The number of pixels counted.
  public var total: Int { counts.reduce(0, +) }

  private func row(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + counts[index * classes + $1] } }
  private func column(_ index: Int) -> Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + index] } }
  private func diagonal(_ index: Int) -> Int { counts[index * classes + index] }

  /// The share of pixels mapped right; NaN where nothing was counted.
  public var overallAccuracy: Double {
    Double((0..<classes).reduce(0) { $0 + diagonal($1) }) / Double(total)
  }

  /// Agreement beyond chance (Cohen 1960): (OA - e) / (1 - e).
  public var kappa: Double {
    let chance =
      (0..<classes).reduce(0.0) { $0 + Double(row($1)) * Double(column($1)) }
      / (Double(total) * Double(total))
    return (overallAccuracy - chance) / (1 - chance)
  }

  /// Agreement beyond chance of ordered classes, whose confusions count the square of how far apart they are
  /// (Cohen 1968).
  public var weightedKappa: Double {
    var (seen, chance) = (0.0, 0.0)
    let columns = (0..<classes).map { Double(column($0)) }
    for reference in 0..<classes {
      let row = Double(row(reference))
      for mapped in 0..<classes {
        let distance = Double((reference - mapped) * (reference - mapped))
        seen += distance * Double(counts[reference * classes + mapped])
        chance += distance * row * columns[mapped] / Double(total)
      }
    }
    return 1 - seen / chance
  }

  /// Scores of one class; NaN where its denominator is 0.
  public struct ClassScores: Hashable, Sendable {
    /// The share that is right of what is mapped as the class (user's accuracy).
    public let precision: Double
    /// The share that was found of the class's reference pixels (producer's accuracy).
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// Intersection over union of the class.
    public let iou: Double
    /// The number of reference pixels of the class.
    public let support: Int
  }

  /// Returns the scores of class `index`.
  public func scores(of index: Int) -> ClassScores {
    let (hit, mapped, support) = (Double(diagonal(index)), Double(column(index)), row(index))
    return ClassScores(
      precision: hit / mapped, recall: hit / Double(support), f1: 2 * hit / (mapped + Double(support)),
      iou: hit / (mapped + Double(support) - hit), support: support)
  }

  /// The classes that the reference or the map holds: those that means are over. A class that is mapped and
  /// never true is one of them, with scores of 0; one that is neither is none.
  public var present: [Int] { (0..<classes).filter { row($0) + column($0) > 0 } }

  /// The classes that the map holds and the reference does not.
  public var onlyMapped: [Int] { (0..<classes).filter { row($0) == 0 && column($0) > 0 } }

  /// Mean IoU over ``present`` classes; NaN where nothing was counted.
  public var meanIoU: Double { mean(\.iou) }

  /// Mean F1 over ``present`` classes; NaN where nothing was counted.
  public var meanF1: Double { mean(\.f1) }

  private func mean(_ score: (ClassScores) -> Double) -> Double {
    let present = present
    return present.reduce(0) { $0 + score(scores(of: $1)) } / Double(present.count)
  }
}
