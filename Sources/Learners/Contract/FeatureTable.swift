/// Samples, pixels or chips, whose features and class are known.
package struct FeatureTable: Sendable {
  /// The number of features of a sample.
  package let width: Int
  /// The number of classes, of which the table need not hold each.
  package let classCount: Int
  /// The features sample by sample, `[count, width]`.
  package private(set) var values: [Float] = []
  /// The class index of each sample.
  package private(set) var classes: [UInt8] = []
  /// The number of the ground that each sample lies on, a label patch or a block: samples of one ground are
  /// alike, so bags, folds and held-out shares are drawn by ground.
  package private(set) var grounds: [Int32] = []

  /// Creates an empty table.
  package init(width: Int, classCount: Int) {
    precondition(width > 0 && classCount > 0, "a table of \(width) features and \(classCount) classes")
    (self.width, self.classCount) = (width, classCount)
  }

  /// The number of samples.
  package var count: Int { classes.count }

  /// Adds a sample.
  package mutating func append(_ features: some Collection<Float>, class index: UInt8, ground: Int32) {
    precondition(
      features.count == width && index < classCount, "\(features.count) features of class \(index)")
    values.append(contentsOf: features)
    classes.append(index)
    grounds.append(ground)
  }

  /// Returns the samples at these places, which may come several times.
  package func samples(at places: [Int]) -> FeatureTable {
    var chosen = FeatureTable(width: width, classCount: classCount)
    chosen.values.reserveCapacity(places.count * width)
    for place in places {
      chosen.values.append(contentsOf: values[place * width..<(place + 1) * width])
      chosen.classes.append(classes[place])
      chosen.grounds.append(grounds[place])
    }
    return chosen
  }

  /// Returns the table with each value mapped, by its feature.
  func mapping(_ body: (Int, Float) -> Float) -> FeatureTable {
    var mapped = self
    for place in values.indices { mapped.values[place] = body(place % width, values[place]) }
    return mapped
  }

  /// The number of samples of each class.
  package var counts: [Int] {
    classes.reduce(into: Array(repeating: 0, count: classCount)) { $0[Int($1)] += 1 }
  }
}
