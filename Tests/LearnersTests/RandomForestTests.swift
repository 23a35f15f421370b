import Learners
import NumericOracles
import Numerics
import Testing

@Suite("Forests")
struct RandomForestTests {
  private let golden = GoldenLearners.shared

  private func accuracy(_ learned: Learned) -> Double {
    let answers = learned.classifier.classes(of: golden.large)
    return Double(zip(answers, golden.largeLabels).count { $0 == $1 }) / Double(answers.count)
  }

  private func meanAccuracy(_ forest: RandomForest) throws -> Double {
    try (0..<10).reduce(0) { sum, seed in
      sum + accuracy(try forest.learn(golden.table, seed: UInt64(seed), isCancelled: { false })) / 10
    }
  }

  @Test("Forests of fifty trees score as scikit-learn's do, in the mean of ten seeds")
  func scores() throws {
    #expect(abs(try meanAccuracy(RandomForest(trees: 50)) - golden.forestLarge) < 0.015)
    #expect(
      abs(try meanAccuracy(RandomForest(trees: 50, isExtremelyRandomized: true)) - golden.extraTreesLarge)
        < 0.015)
  }

  @Test("What is out of the bag foretells the score on other samples")
  func outOfBag() throws {
    let learned = try RandomForest(trees: 100).learn(golden.table, seed: 3, isCancelled: { false })
    let answers = try #require(learned.outOfBag)
    let seen = zip(answers, golden.labels).filter { $0.0 != nil }
    #expect(seen.count > 235)
    let share = Double(seen.count { $0.0 == $0.1 }) / Double(seen.count)
    #expect(abs(share - accuracy(learned)) < 0.08)
  }

  @Test("Trees that share a ground with a sample say nothing of it out of the bag")
  func bagsByGround() throws {
    // The class of a ground is noise that its samples share: whoever has seen one of them knows the others.
    var (table, random) = (FeatureTable(width: 2, classCount: 2), RandomSource(seed: 5, stream: "noise"))
    for ground in 0..<40 {
      let (label, place) = (UInt8(random.index(below: 2)), Float(random.normal()))
      for _ in 0..<20 {
        table.append([place + 1e-3 * Float(random.normal()), 0], class: label, ground: Int32(ground))
      }
    }
    let learned = try RandomForest(trees: 60).learn(table, seed: 1, isCancelled: { false })
    let seen = zip(try #require(learned.outOfBag), table.classes).filter { $0.0 != nil }
    let share = Double(seen.count { $0.0 == $0.1 }) / Double(seen.count)
    #expect(share > 0.2 && share < 0.8)
    // All trees together, of which most have seen a ground, know it.
    let known = zip(learned.classifier.classes(of: table.values), table.classes).count { $0 == $1 }
    #expect(known > 640)
  }

  @Test("A class of one ground is known to every tree")
  func rareGround() throws {
    // Twenty grounds of class 0, one of class 1, which one feature tells apart.
    var (table, random) = (FeatureTable(width: 1, classCount: 2), RandomSource(seed: 6, stream: "rare"))
    for ground in 0..<21 {
      for _ in 0..<10 {
        table.append(
          [Float(ground == 20 ? 5 : 0) + Float(random.uniform())], class: ground == 20 ? 1 : 0,
          ground: Int32(ground))
      }
    }
    let learned = try RandomForest(trees: 40).learn(table, seed: 1, isCancelled: { false })
    #expect(learned.classifier.probabilities(of: [5.5]) == [0, 1])
    let answers = try #require(learned.outOfBag)
    #expect(answers.suffix(10).allSatisfy { $0 == nil } && answers.prefix(200).contains { $0 != nil })
  }

  @Test("Importance goes to the feature that tells the classes apart")
  func importance() throws {
    var (table, random) = (FeatureTable(width: 3, classCount: 2), RandomSource(seed: 2, stream: "features"))
    for sample in 0..<200 {
      let label = UInt8(sample % 2)
      table.append(
        [Float(random.normal()), Float(label) * 3 + Float(random.normal()), Float(random.normal())],
        class: label, ground: Int32(sample))
    }
    let learned = try RandomForest(trees: 50, maxFeatures: 3).learn(table, seed: 1, isCancelled: { false })
    let shares = try #require(learned.importance)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-9)
    #expect(shares[1] > 0.6)
  }

  @Test("A tree of one feature splits half-way between the classes")
  func thresholds() {
    var table = FeatureTable(width: 1, classCount: 2)
    for (sample, value) in ([1, 2, 4, 7, 9] as [Float]).enumerated() {
      table.append([value], class: value < 5 ? 0 : 1, ground: Int32(sample))
    }
    var growth = TreeGrowth(
      SortedFeatures(table), classes: table.classes, classCount: 2, weights: [1, 1, 1, 1, 1],
      rules: .init(features: 1, minLeaf: 1, depth: nil, drawsThresholds: false),
      random: RandomSource(seed: 1, stream: ""))
    let tree = growth.grow()
    #expect(tree.nodes.count == 3)
    #expect(tree.nodes[0].threshold == 5.5)
    #expect(tree.leaves == [1, 0, 0, 1])
    // The root's impurity, 5 (1 - .6^2 - .4^2), is all gone.
    #expect(abs(growth.importance[0] - 2.4) < 1e-12)
  }

  @Test("Depth and the size of leaves are kept")
  func limits() throws {
    let shallow = try RandomForest(trees: 5, depth: 2).learn(golden.table, seed: 1, isCancelled: { false })
    #expect(try shallow.classifier.form.size("nodes") <= 5 * 7)
    let coarse = try RandomForest(trees: 5, minLeaf: 60).learn(golden.table, seed: 1, isCancelled: { false })
    #expect(try coarse.classifier.form.size("leaves") <= 5 * 4)
  }

  @Test("Balanced classes find the rare one more often")
  func balance() throws {
    let rare = golden.labels.indices.filter { golden.labels[$0] != 1 || $0 % 12 == 0 }
    let table = golden.table.samples(at: rare)
    func found(_ forest: RandomForest) throws -> Int {
      try forest.learn(table, seed: 1, isCancelled: { false }).classifier.classes(of: golden.large)
        .count { $0 == 1 }
    }
    let balanced = RandomForest(trees: 50, minLeaf: 8, balancesClasses: true)
    #expect(try found(balanced) > found(RandomForest(trees: 50, minLeaf: 8)))
  }

  @Test("Forests are the same bytes on one thread and on several", arguments: [false, true])
  func threads(drawsThresholds: Bool) throws {
    func tensors(_ threads: Int) throws -> [String: [Float]] {
      try computing(threads: threads) {
        try RandomForest(trees: 20, isExtremelyRandomized: drawsThresholds)
          .learn(golden.table, seed: 9, isCancelled: { false }).classifier.tensors
      }
    }
    #expect(try tensors(1) == tensors(3))
  }

  @Test("A table without samples, or with NaN, is refused")
  func refusals() {
    #expect(throws: LearningFault("there is no sample to learn from")) {
      try RandomForest().learn(FeatureTable(width: 2, classCount: 2), seed: 1, isCancelled: { false })
    }
    var table = FeatureTable(width: 1, classCount: 2)
    table.append([.nan], class: 0, ground: 0)
    #expect(throws: LearningFault("a feature is no number")) {
      try RandomForest().learn(table, seed: 1, isCancelled: { false })
    }
  }

  @Test("A forest that is cancelled ends")
  func cancelled() {
    #expect(throws: CancellationError.self) {
      try RandomForest().learn(golden.table, seed: 1, isCancelled: { true })
    }
  }
}
