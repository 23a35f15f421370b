import Foundation

/// Binary trees whose leaves hold numbers of the classes, and a rule that makes probabilities of the sums of
/// the leaves that a row comes to.
///
/// A row goes left where its feature is at most the threshold. Trees are walked one after the other for a
/// block of rows, so that a tree stays in the cache, and eight rows at once, so that the waits for their
/// nodes overlap. Sums are taken in Double in the order of the trees.
package struct TreeEnsemble: Classifier {
  package static let kind = "trees"

  /// The rule by which sums over trees become probabilities.
  package enum Combination: Int, Sendable {
    /// Leaves hold shares of the classes, whose mean over the trees is the answer: forests.
    case mean
    /// Leaves hold parts of margins, whose softmax is the answer: gradient boosting.
    case softmax
    /// Leaves hold parts of the margin of the second of two classes, whose logistic is its probability.
    case logistic
  }

  /// A node; a leaf leads to itself.
  package struct Node: Hashable, Sendable {
    /// The largest value of the feature that goes left; the largest of all in a leaf.
    package var threshold: Float
    /// The feature that decides; the first one in a leaf.
    package var feature: Int32
    /// The node on the left, behind which stands that on the right; the node itself in a leaf.
    package var left: Int32
    /// The row of ``TreeEnsemble/leaves``; -1 in an inner node.
    package var leaf: Int32

    /// The threshold of a leaf: no finite value is larger, and files of weights hold finite numbers.
    package static let leafThreshold = Float.greatestFiniteMagnitude

    /// Creates a node.
    package init(threshold: Float, feature: Int32, left: Int32, leaf: Int32) {
      (self.threshold, self.feature, self.left, self.leaf) = (threshold, feature, left, leaf)
    }
  }

  package let form: ClassifierForm
  package let combination: Combination
  /// The first node of each tree.
  let roots: [Int32]
  let nodes: [Node]
  /// The numbers of leaves, `[leaves, outputs]`.
  let leaves: [Float]
  /// What is added to the sums of each output.
  let base: [Float]
  private let outputs: Int

  /// The most nodes: places are stored as Float.
  static let largestCount = 1 << 24

  /// Joins trees into an ensemble.
  ///
  /// - Parameters:
  ///   - features: features of a row.
  ///   - base: what is added to the sums; zeros without it.
  /// - Throws: ``ClassifierFault`` where there are too many nodes.
  package init(
    _ trees: [DecisionTree], features: Int, classes: Int, combination: Combination, base: [Float]? = nil
  ) throws(ClassifierFault) {
    let outputs = combination == .logistic ? 1 : classes
    var (roots, nodes, leaves) = ([Int32](), [Node](), [Float]())
    for tree in trees {
      let (start, firstLeaf) = (Int32(nodes.count), Int32(leaves.count / max(1, outputs)))
      roots.append(start)
      nodes += tree.nodes.map { node in
        var moved = node
        moved.left += start
        if node.leaf >= 0 { moved.leaf += firstLeaf }
        return moved
      }
      leaves += tree.leaves
      guard nodes.count <= Self.largestCount else {
        throw ClassifierFault("more than \(Self.largestCount) nodes")
      }
    }
    (self.roots, self.nodes, self.leaves, self.combination) = (roots, nodes, leaves, combination)
    self.base = base ?? Array(repeating: 0, count: outputs)
    self.outputs = outputs
    form = ClassifierForm(
      kind: Self.kind, features: features, classes: classes,
      sizes: [
        "trees": trees.count, "nodes": nodes.count, "leaves": leaves.count / outputs,
        "combination": combination.rawValue,
      ])
    try check()
  }

  // MARK: - Stored form

  package static func shapes(of form: ClassifierForm) throws(ClassifierFault) -> [(
    name: String, shape: [Int]
  )] {
    let (trees, nodes, leaves) = (try form.size("trees"), try form.size("nodes"), try form.size("leaves"))
    guard nodes <= largestCount, leaves <= nodes, trees <= nodes, trees > 0 else {
      throw ClassifierFault("\(trees) trees of \(nodes) nodes with \(leaves) leaves")
    }
    let outputs = try combination(of: form) == .logistic ? 1 : form.classes
    return [
      ("roots", [trees]), ("features", [nodes]), ("thresholds", [nodes]), ("left", [nodes]),
      ("leaf", [nodes]), ("leaves", [leaves, outputs]), ("base", [outputs]),
    ]
  }

  private static func combination(of form: ClassifierForm) throws(ClassifierFault) -> Combination {
    let number = try form.size("combination")
    guard let combination = Combination(rawValue: number) else {
      throw ClassifierFault("trees are combined by no rule \(number)")
    }
    guard combination != .logistic || form.classes == 2 else {
      throw ClassifierFault("one margin for \(form.classes) classes")
    }
    return combination
  }

  package init(_ form: ClassifierForm, _ tensors: [String: [Float]]) throws(ClassifierFault) {
    for (name, shape) in try Self.shapes(of: form)
    where tensors[name]?.count != shape.reduce(1, *) {
      throw ClassifierFault("tensor '\(name)' is not \(shape)")
    }
    func places(_ name: String, _ range: ClosedRange<Int>) throws(ClassifierFault) -> [Int32] {
      var places: [Int32] = []
      for value in tensors[name]! {
        guard let place = Int(exactly: value), range.contains(place) else {
          throw ClassifierFault("tensor '\(name)' holds \(value), which is none of \(range)")
        }
        places.append(Int32(place))
      }
      return places
    }
    let (count, leafCount) = (try form.size("nodes"), try form.size("leaves"))
    combination = try Self.combination(of: form)
    outputs = combination == .logistic ? 1 : form.classes
    roots = try places("roots", 0...max(0, count - 1))
    let features = try places("features", 0...max(0, form.features - 1))
    let left = try places("left", 0...max(0, count - 1))
    let leaf = try places("leaf", -1...max(0, leafCount - 1))
    let thresholds = tensors["thresholds"]!
    nodes = (0..<count).map {
      Node(threshold: thresholds[$0], feature: features[$0], left: left[$0], leaf: leaf[$0])
    }
    (leaves, base, self.form) = (tensors["leaves"]!, tensors["base"]!, form)
    try check()
  }

  /// Refuses nodes that lead nowhere, or backwards.
  private func check() throws(ClassifierFault) {
    guard form.features > 0, form.classes > 0 else {
      throw ClassifierFault("trees over \(form.features) features for \(form.classes) classes")
    }
    guard leaves.allSatisfy(\.isFinite), base.allSatisfy(\.isFinite) else {
      throw ClassifierFault("a leaf holds no finite number")
    }
    for (index, node) in nodes.enumerated() {
      guard (0..<Int32(form.features)).contains(node.feature) else {
        throw ClassifierFault("node \(index) asks for feature \(node.feature) of \(form.features)")
      }
      if node.leaf >= 0 {
        guard Int(node.left) == index, node.threshold == Node.leafThreshold,
          Int(node.leaf) < leaves.count / outputs
        else { throw ClassifierFault("leaf \(index) leads on") }
      } else {
        guard Int(node.left) > index, Int(node.left) + 1 < nodes.count, node.threshold.isFinite else {
          throw ClassifierFault("node \(index) leads to \(node.left) of \(nodes.count)")
        }
      }
    }
  }

  package var tensors: [String: [Float]] {
    [
      "roots": roots.map(Float.init), "features": nodes.map { Float($0.feature) },
      "thresholds": nodes.map(\.threshold), "left": nodes.map { Float($0.left) },
      "leaf": nodes.map { Float($0.leaf) }, "leaves": leaves, "base": base,
    ]
  }

  // MARK: - Answers

  /// Rows hold finite numbers.
  package func classify(
    _ rows: UnsafePointer<Float>, count: Int, into probabilities: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, count * outputs)) { sums in
      add(rows, count: count, to: sums.baseAddress!)
      finish(sums.baseAddress!, count: count, into: probabilities)
    }
  }

  /// Writes the sums over trees, `[count, outputs]`: shares times the number of trees, or margins.
  package func sums(_ rows: UnsafePointer<Float>, count: Int) -> [Double] {
    Array(unsafeUninitializedCapacity: count * outputs) { sums, filled in
      add(rows, count: count, to: sums.baseAddress!)
      filled = count * outputs
    }
  }

  private func add(_ rows: UnsafePointer<Float>, count: Int, to sums: UnsafeMutablePointer<Double>) {
    for row in 0..<count {
      for output in 0..<outputs { sums[row * outputs + output] = Double(base[output]) }
    }
    let width = form.features
    nodes.withUnsafeBufferPointer { nodes in
      leaves.withUnsafeBufferPointer { leaves in
        let (nodes, leaves) = (nodes.baseAddress!, leaves.baseAddress!)
        for root in roots {
          var row = 0
          while row + 8 <= count {
            var places = SIMD8<Int32>(repeating: root)
            let first = rows + row * width
            while true {
              var next = places
              for lane in 0..<8 {
                let node = nodes[Int(places[lane])]
                let goesRight: Int32 = first[lane * width + Int(node.feature)] <= node.threshold ? 0 : 1
                next[lane] = node.left &+ goesRight
              }
              if next == places { break }
              places = next
            }
            for lane in 0..<8 { add(leaves, nodes[Int(places[lane])].leaf, to: sums, row + lane) }
            row += 8
          }
          while row < count {
            var place = Int(root)
            while nodes[place].leaf < 0 {
              let node = nodes[place]
              place = Int(node.left) + (rows[row * width + Int(node.feature)] <= node.threshold ? 0 : 1)
            }
            add(leaves, nodes[place].leaf, to: sums, row)
            row += 1
          }
        }
      }
    }
  }

  @inline(__always)
  private func add(
    _ leaves: UnsafePointer<Float>, _ leaf: Int32, to sums: UnsafeMutablePointer<Double>, _ row: Int
  ) {
    let (values, sums) = (leaves + Int(leaf) * outputs, sums + row * outputs)
    for output in 0..<outputs { sums[output] += Double(values[output]) }
  }

  private func finish(
    _ sums: UnsafeMutablePointer<Double>, count: Int, into probabilities: UnsafeMutablePointer<Float>
  ) {
    let classes = form.classes
    for row in 0..<count {
      let answer = probabilities + row * classes
      switch combination {
      case .mean:
        var total = 0.0
        for index in 0..<classes { total += sums[row * classes + index] }
        for index in 0..<classes {
          answer[index] = total > 0 ? Float(sums[row * classes + index] / total) : 1 / Float(classes)
        }
      case .softmax:
        let own = sums + row * classes
        let largest = (0..<classes).reduce(-Double.infinity) { max($0, own[$1]) }
        var total = 0.0
        for index in 0..<classes {
          own[index] = exp(own[index] - largest)
          total += own[index]
        }
        for index in 0..<classes { answer[index] = Float(own[index] / total) }
      case .logistic:
        let second = 1 / (1 + exp(-sums[row]))
        (answer[0], answer[1]) = (Float(1 - second), Float(second))
      }
    }
  }
}

/// A tree by itself.
package struct DecisionTree: Hashable, Sendable {
  /// The nodes, parents before children, the two children of a node side by side.
  package var nodes: [TreeEnsemble.Node] = []
  /// The numbers of the leaves, `[leaves, outputs]`.
  package var leaves: [Float] = []

  /// Creates a tree without nodes.
  package init() {}
}
