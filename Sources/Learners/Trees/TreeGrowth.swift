import Numerics

/// The growth of one tree by Gini impurity.
///
/// A node takes the split that lowers the impurity most, over features drawn anew without replacement; of
/// equal ones that of the lower feature, then the lower threshold. Features of one value in the node do not
/// count among the drawn.
///
/// - Source: Breiman, Friedman, Olshen, Stone 1984 (CART); Geurts, Ernst, Wehenkel 2006 for the drawn
///   thresholds.
package struct TreeGrowth {
  /// The rules that a tree grows by.
  package struct Rules: Sendable {
    /// The features that a node looks at.
    package var features: Int
    /// The fewest samples of a leaf.
    package var minLeaf: Int
    /// The most splits from the root to a leaf; nil without a limit.
    package var depth: Int?
    /// Whether a feature's threshold is drawn between its least and its largest value in the node.
    package var drawsThresholds: Bool

    /// Creates rules.
    package init(features: Int, minLeaf: Int, depth: Int?, drawsThresholds: Bool) {
      (self.features, self.minLeaf, self.depth) = (features, minLeaf, depth)
      self.drawsThresholds = drawsThresholds
    }
  }

  private let sorted: SortedFeatures
  private let classes: [UInt8]
  private let classCount: Int
  private let weights: [Double]
  private let rules: Rules
  private var random: RandomSource
  private var tree = DecisionTree()
  /// The sum over the nodes that split by a feature of how much they lowered the weighted impurity.
  package private(set) var importance: [Double]
  private var order: [Int]

  /// Prepares a tree of samples that count by their weights; those of weight 0 are left out.
  package init(
    _ sorted: SortedFeatures, classes: [UInt8], classCount: Int, weights: [Double], rules: Rules,
    random: RandomSource
  ) {
    (self.sorted, self.classes, self.classCount) = (sorted, classes, classCount)
    (self.weights, self.rules, self.random) = (weights, rules, random)
    importance = Array(repeating: 0, count: sorted.width)
    order = Array(0..<sorted.width)
  }

  /// A node that is to be split.
  private struct Open {
    let place: Int
    let samples: [Int32]
    let depth: Int
  }

  /// A way to part a node.
  private struct Split {
    let gain: Double
    let feature: Int
    /// The last rank that goes left.
    let rank: UInt32
    let threshold: Float

    /// Whether this one is taken rather than another.
    func isBetter(than other: Split?) -> Bool {
      guard let other else { return true }
      if gain != other.gain { return gain > other.gain }
      if feature != other.feature { return feature < other.feature }
      return threshold < other.threshold
    }
  }

  /// Grows the tree.
  package mutating func grow() -> DecisionTree {
    tree = DecisionTree()
    tree.nodes = [.init(threshold: TreeEnsemble.Node.leafThreshold, feature: 0, left: 0, leaf: -1)]
    var open = [Open(place: 0, samples: (0..<Int32(classes.count)).filter { weights[Int($0)] > 0 }, depth: 0)]
    while let node = open.popLast() {
      let sums = weighted(node.samples)
      guard let split = split(node, sums) else {
        close(node, sums)
        continue
      }
      importance[split.feature] += split.gain
      let ranks = split.feature * sorted.count
      let left = node.samples.filter { sorted.ranks[ranks + Int($0)] <= split.rank }
      let right = node.samples.filter { sorted.ranks[ranks + Int($0)] > split.rank }
      let place = tree.nodes.count
      tree.nodes[node.place] = .init(
        threshold: split.threshold, feature: Int32(split.feature), left: Int32(place), leaf: -1)
      for offset in 0..<2 {
        tree.nodes.append(
          .init(threshold: TreeEnsemble.Node.leafThreshold, feature: 0, left: Int32(place + offset), leaf: -1)
        )
      }
      open.append(Open(place: place + 1, samples: right, depth: node.depth + 1))
      open.append(Open(place: place, samples: left, depth: node.depth + 1))
    }
    return tree
  }

  private func weighted(_ samples: [Int32]) -> [Double] {
    samples.reduce(into: Array(repeating: 0, count: classCount)) {
      $0[Int(classes[Int($1)])] += weights[Int($1)]
    }
  }

  /// Makes a node the leaf of its classes' shares.
  private mutating func close(_ node: Open, _ sums: [Double]) {
    let total = sums.reduce(0, +)
    tree.nodes[node.place] = .init(
      threshold: TreeEnsemble.Node.leafThreshold, feature: 0, left: Int32(node.place),
      leaf: Int32(tree.leaves.count / classCount))
    tree.leaves += sums.map { Float($0 / total) }
  }

  /// Returns the best split of a node; nil where it is a leaf.
  private mutating func split(_ node: Open, _ sums: [Double]) -> Split? {
    guard node.samples.count >= 2 * rules.minLeaf, rules.depth.map({ node.depth < $0 }) ?? true,
      sums.count(where: { $0 > 0 }) > 1
    else { return nil }
    var (best, looked) = (Split?.none, 0)
    var remaining = sorted.width
    while remaining > 0, looked < rules.features || best == nil {
      let place = random.index(below: remaining)
      let feature = order[place]
      order.swapAt(place, remaining - 1)
      remaining -= 1
      guard let found = rules.drawsThresholds ? drawn(node, feature, sums) : search(node, feature, sums)
      else { continue }
      looked += 1
      if let split = found, split.isBetter(than: best) { best = split }
    }
    return best
  }

  /// Returns the best split by a feature, `.some(nil)` where none leaves both sides enough; nil where the
  /// feature has one value.
  private func search(_ node: Open, _ feature: Int, _ sums: [Double]) -> Split?? {
    let ranks = feature * sorted.count
    var keys = node.samples.map { UInt64(sorted.ranks[ranks + Int($0)]) << 32 | UInt64(UInt32($0)) }
    keys.sort()
    guard keys.first! >> 32 != keys.last! >> 32 else { return nil }
    var (left, right) = (Array(repeating: 0.0, count: classCount), sums)
    let total = sums.reduce(0, +)
    let impurity = total - sums.reduce(0) { $0 + $1 * $1 } / total
    var best: Split?
    // The sums of the squares of both sides, kept as samples go over, and their weights.
    var (leftSquares, rightSquares) = (0.0, sums.reduce(0) { $0 + $1 * $1 })
    var leftWeight = 0.0
    for (index, key) in keys.dropLast().enumerated() {
      let sample = Int(UInt32(truncatingIfNeeded: key))
      let (own, weight) = (Int(classes[sample]), weights[sample])
      leftSquares += weight * (2 * left[own] + weight)
      rightSquares -= weight * (2 * right[own] - weight)
      left[own] += weight
      right[own] -= weight
      leftWeight += weight
      let (rank, next) = (UInt32(key >> 32), UInt32(keys[index + 1] >> 32))
      guard rank != next, index + 1 >= rules.minLeaf, keys.count - index - 1 >= rules.minLeaf else {
        continue
      }
      let gain = impurity - (total - leftSquares / leftWeight - rightSquares / (total - leftWeight))
      if gain > best?.gain ?? -.infinity {
        best = Split(
          gain: gain, feature: feature, rank: rank,
          threshold: sorted.threshold(feature, between: rank, and: next))
      }
    }
    return .some(best)
  }

  /// Returns the split at a threshold drawn between a feature's least and largest value in the node, as
  /// ``search(_:_:_:)`` does.
  private mutating func drawn(_ node: Open, _ feature: Int, _ sums: [Double]) -> Split?? {
    let ranks = feature * sorted.count
    var (least, largest) = (UInt32.max, UInt32.min)
    for sample in node.samples {
      let rank = sorted.ranks[ranks + Int(sample)]
      (least, largest) = (min(least, rank), max(largest, rank))
    }
    guard least < largest else { return nil }
    let values = sorted.values[feature]
    let (low, high) = (Double(values[Int(least)]), Double(values[Int(largest)]))
    var threshold = Float(random.uniform(low, high))
    if threshold >= values[Int(largest)] { threshold = values[Int(least)] }
    // The last rank whose value is at most the threshold.
    var (lower, upper) = (Int(least), Int(largest))
    while upper - lower > 1 {
      let middle = (lower + upper) / 2
      if values[middle] <= threshold { lower = middle } else { upper = middle }
    }
    let rank = UInt32(lower)
    var (left, count) = (Array(repeating: 0.0, count: classCount), 0)
    for sample in node.samples where sorted.ranks[ranks + Int(sample)] <= rank {
      left[Int(classes[Int(sample)])] += weights[Int(sample)]
      count += 1
    }
    guard count >= rules.minLeaf, node.samples.count - count >= rules.minLeaf else { return .some(nil) }
    func impurity(_ sums: [Double]) -> Double {
      let total = sums.reduce(0, +)
      return total - sums.reduce(0) { $0 + $1 * $1 } / total
    }
    let gain = impurity(sums) - impurity(left) - impurity(zip(sums, left).map { $0 - $1 })
    return .some(Split(gain: gain, feature: feature, rank: rank, threshold: threshold))
  }
}
