import Numerics

/// Trees on samples drawn anew for each, whose shares of classes are averaged; as extremely randomized trees
/// all see all samples, and thresholds are drawn.
///
/// Bags are drawn by ground, then among the samples of the grounds that were drawn: pixels of one patch are
/// too alike to be told apart by a bag of pixels, and what is out of the bag would be no test.
///
/// - Source: Breiman 2001; Geurts, Ernst, Wehenkel 2006.
package struct RandomForest: Learner {
  /// The number of trees.
  package var trees: Int
  /// The fewest samples of a leaf.
  package var minLeaf: Int
  /// The features that a node looks at; the root of their number without it.
  package var maxFeatures: Int?
  /// The most splits from the root to a leaf; nil without a limit.
  package var depth: Int?
  /// Whether thresholds are drawn, and every tree sees all samples.
  package var isExtremelyRandomized: Bool
  /// Whether each class counts as much as any other.
  package var balancesClasses: Bool

  /// Creates a learner of forests.
  package init(
    trees: Int = 100, minLeaf: Int = 1, maxFeatures: Int? = nil, depth: Int? = nil,
    isExtremelyRandomized: Bool = false, balancesClasses: Bool = false
  ) {
    (self.trees, self.minLeaf, self.maxFeatures, self.depth) = (trees, minLeaf, maxFeatures, depth)
    (self.isExtremelyRandomized, self.balancesClasses) = (isExtremelyRandomized, balancesClasses)
  }

  package func learn(_ table: FeatureTable, seed: UInt64, isCancelled: () -> Bool) throws -> Learned {
    guard table.count > 0 else { throw LearningFault("there is no sample to learn from") }
    guard table.values.allSatisfy({ !$0.isNaN }) else { throw LearningFault("a feature is no number") }
    let sorted = SortedFeatures(table)
    let root = RandomSource(seed: seed, stream: "forest")
    let rules = TreeGrowth.Rules(
      features: min(table.width, maxFeatures ?? max(1, Int(Double(table.width).squareRoot()))),
      minLeaf: minLeaf, depth: depth, drawsThresholds: isExtremelyRandomized)
    let classWeights = weights(of: table)
    let bags = GroundBags(table)
    var grown = [(tree: DecisionTree, importance: [Double], left: [Int])?](repeating: nil, count: trees)
    // In rounds, so that a cancellation is seen while a forest grows.
    let round = 16
    for start in stride(from: 0, to: trees, by: round) {
      if isCancelled() { throw CancellationError() }
      grown.withUnsafeMutableBufferPointer { grown in
        nonisolated(unsafe) let grown = grown
        parallelLoop(min(round, trees - start)) { index in
          var random = root.branch("tree \(start + index)")
          let bag =
            isExtremelyRandomized ? GroundBags.Bag(counts: nil, left: []) : bags.draw(&random)
          let weights = table.classes.indices.map { sample in
            classWeights[Int(table.classes[sample])] * Double(bag.counts?[sample] ?? 1)
          }
          var growth = TreeGrowth(
            sorted, classes: table.classes, classCount: table.classCount, weights: weights, rules: rules,
            random: random)
          let tree = growth.grow()
          grown[start + index] = (tree, growth.importance, bag.left)
        }
      }
    }
    let ensemble = try TreeEnsemble(
      grown.map { $0!.tree }, features: table.width, classes: table.classCount, combination: .mean)
    return Learned(
      classifier: ensemble, importance: importance(grown.map { $0!.importance }),
      outOfBag: isExtremelyRandomized ? nil : outOfBag(table, grown.map { ($0!.tree, $0!.left) }))
  }

  private func weights(of table: FeatureTable) -> [Double] {
    guard balancesClasses else { return Array(repeating: 1, count: table.classCount) }
    let (counts, present) = (table.counts, table.counts.count { $0 > 0 })
    return counts.map { $0 == 0 ? 0 : Double(table.count) / (Double(present) * Double($0)) }
  }

  /// Returns the mean over trees of each one's shares of what features lowered the impurity by.
  private func importance(_ trees: [[Double]]) -> [Double] {
    var mean = [Double](repeating: 0, count: trees[0].count)
    for tree in trees {
      let total = tree.reduce(0, +)
      guard total > 0 else { continue }
      for feature in mean.indices { mean[feature] += tree[feature] / total / Double(trees.count) }
    }
    return mean
  }

  /// Returns the predictions of samples by the trees that have not seen their ground.
  private func outOfBag(_ table: FeatureTable, _ trees: [(tree: DecisionTree, left: [Int])]) -> [UInt8?] {
    var sums = [Double](repeating: 0, count: table.count * table.classCount)
    for (tree, left) in trees {
      for sample in left {
        var place = 0
        while tree.nodes[place].leaf < 0 {
          let node = tree.nodes[place]
          let value = table.values[sample * table.width + Int(node.feature)]
          place = Int(node.left) + (value <= node.threshold ? 0 : 1)
        }
        let leaf = Int(tree.nodes[place].leaf) * table.classCount
        for index in 0..<table.classCount {
          sums[sample * table.classCount + index] += Double(tree.leaves[leaf + index])
        }
      }
    }
    return table.classes.indices.map { sample in
      let own = sums[sample * table.classCount..<(sample + 1) * table.classCount]
      guard let largest = own.max(), largest > 0 else { return nil }
      return UInt8(own.firstIndex(of: largest)! - own.startIndex)
    }
  }
}

/// The samples of a table by ground, from which bags are drawn.
///
/// A class that lies on k of many grounds is in none of a bag's with a probability near exp(-k): more than a
/// third of the trees would know nothing of one that lies on one ground. Grounds that hold a class of few
/// grounds are in every bag.
struct GroundBags {
  /// A draw with replacement.
  struct Bag {
    /// How often each sample was drawn; nil for once each.
    var counts: [UInt16]?
    /// The samples of grounds that were not drawn.
    var left: [Int]
  }

  /// The grounds of a class, below which each of them is in every bag: of four, 2 % of the bags have none.
  private static let few = 4

  private let members: [[Int]]
  /// The grounds that are in every bag.
  private let always: [Int]
  private let count: Int

  init(_ table: FeatureTable) {
    var members: [Int32: [Int]] = [:]
    for (sample, ground) in table.grounds.enumerated() { members[ground, default: []].append(sample) }
    count = table.count
    guard members.count > 1 else {
      // Where there is one ground alone every sample is one.
      (self.members, always) = ((0..<table.count).map { [$0] }, [])
      return
    }
    let grounds = members.sorted { $0.key < $1.key }.map(\.value)
    let classes = grounds.map { own in Set(own.map { table.classes[$0] }) }
    var counts = [Int](repeating: 0, count: table.classCount)
    for index in classes.joined() { counts[Int(index)] += 1 }
    self.members = grounds
    always = grounds.indices.filter { classes[$0].contains { counts[Int($0)] < Self.few } }
  }

  /// Draws as many grounds as there are, then from each draw of a ground as many samples as it has.
  func draw(_ random: inout RandomSource) -> Bag {
    var counts = [UInt16](repeating: 0, count: count)
    var drawn = [Bool](repeating: false, count: members.count)
    func take(_ ground: Int) {
      drawn[ground] = true
      let own = members[ground]
      for _ in own {
        let sample = own[random.index(below: own.count)]
        counts[sample] = counts[sample] &+ 1
      }
    }
    for _ in members { take(random.index(below: members.count)) }
    for ground in always where !drawn[ground] { take(ground) }
    return Bag(counts: counts, left: members.indices.filter { !drawn[$0] }.flatMap { members[$0] })
  }
}
