import Learners
import Testing

@Suite("Ensembles of trees")
struct TreeEnsembleTests {
  private typealias Node = TreeEnsemble.Node

  /// A tree that sends feature 1 up to 0.5 to the first leaf, and the rest by feature 0.
  private static func tree(_ leaves: [Float]) -> DecisionTree {
    let leaf = Node.leafThreshold
    var tree = DecisionTree()
    tree.nodes = [
      .init(threshold: 0.5, feature: 1, left: 1, leaf: -1),
      .init(threshold: leaf, feature: 0, left: 1, leaf: 0),
      .init(threshold: -2, feature: 0, left: 3, leaf: -1),
      .init(threshold: leaf, feature: 0, left: 3, leaf: 1),
      .init(threshold: leaf, feature: 0, left: 4, leaf: 2),
    ]
    tree.leaves = leaves
    return tree
  }

  private static func forest() throws -> TreeEnsemble {
    try TreeEnsemble(
      [tree([1, 0, 0, 1, 0.5, 0.5]), tree([1, 0, 0.25, 0.75, 0, 1])], features: 2, classes: 2,
      combination: .mean)
  }

  @Test("A value at the threshold goes left; shares are averaged")
  func mean() throws {
    let answers = try Self.forest().probabilities(of: [9, 0.5, -2, 0.6, 0, 0.5001])
    #expect(answers == [1, 0, 0.125, 0.875, 0.25, 0.75])
  }

  @Test("Margins become probabilities by softmax, or by the logistic of the second class")
  func margins() throws {
    let softmax = try TreeEnsemble(
      [Self.tree([1, 0, 0, 1, 2, 0])], features: 2, classes: 2, combination: .softmax, base: [0.5, 0])
    #expect(abs(softmax.probabilities(of: [0, 0])[0] - 0.8175745) < 1e-6)
    let logistic = try TreeEnsemble(
      [Self.tree([-1, 0, 2])], features: 2, classes: 2, combination: .logistic, base: [0.25])
    #expect(abs(logistic.probabilities(of: [0, 1])[1] - 0.9046505) < 1e-6)
  }

  @Test("Rows have the same answer whatever stands beside them", arguments: [1, 7, 8, 9, 31])
  func rowsApart(count: Int) throws {
    let golden = GoldenLearners.shared
    let forest = try RandomForest(trees: 30).learn(golden.table, seed: 1, isCancelled: { false }).classifier
    let together = forest.probabilities(of: Array(golden.large.prefix(count * 6)))
    let apart = (0..<count).flatMap { forest.probabilities(of: Array(golden.large[$0 * 6..<($0 + 1) * 6])) }
    #expect(together == apart)
  }

  @Test("An ensemble comes back from its tensors")
  func roundTrip() throws {
    let forest = try Self.forest()
    let again = try TreeEnsemble(forest.form, forest.tensors)
    #expect(again.tensors == forest.tensors)
    #expect(again.probabilities(of: [3, 1]) == forest.probabilities(of: [3, 1]))
    for (name, shape) in try TreeEnsemble.shapes(of: forest.form) {
      #expect(forest.tensors[name]?.count == shape.reduce(1, *))
    }
  }

  @Test(
    "Damaged tensors are refused",
    arguments: [
      ("left", 0, Float(0)), ("left", 0, 9), ("left", 0, 1e9), ("left", 2, 1), ("features", 0, 2),
      ("features", 0, -1), ("features", 0, 0.5), ("leaf", 1, 99), ("leaf", 0, 0), ("leaves", 0, .nan),
      ("thresholds", 0, .nan), ("thresholds", 1, 0), ("roots", 1, 10),
    ])
  func damaged(tensor: String, place: Int, value: Float) throws {
    let forest = try Self.forest()
    var tensors = forest.tensors
    tensors[tensor]![place] = value
    #expect(throws: ClassifierFault.self) { try TreeEnsemble(forest.form, tensors) }
  }

  @Test("A form that cannot be is refused")
  func impossibleForms() {
    func form(_ sizes: [String: Int], classes: Int = 2) -> ClassifierForm {
      ClassifierForm(kind: "trees", features: 2, classes: classes, sizes: sizes)
    }
    for wrong in [
      form([:]), form(["trees": 1, "nodes": 1 << 30, "leaves": 1, "combination": 0]),
      form(["trees": 0, "nodes": 1, "leaves": 1, "combination": 0]),
      form(["trees": 1, "nodes": 1, "leaves": 2, "combination": 0]),
      form(["trees": 1, "nodes": 1, "leaves": 1, "combination": 9]),
      form(["trees": 1, "nodes": 1, "leaves": 1, "combination": 2], classes: 3),
    ] {
      #expect(throws: ClassifierFault.self) { try TreeEnsemble.shapes(of: wrong) }
    }
    #expect(throws: ClassifierFault.self) {
      try ClassifierCatalogue.kind(of: ClassifierForm(kind: "oracle", features: 1, classes: 2))
    }
  }
}
