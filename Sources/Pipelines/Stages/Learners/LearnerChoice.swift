import Learners
import Settings

/// The learner of a `classify` stage with its settings.
struct LearnerChoice: Sendable {
  /// The learners there are, as the setting names them.
  enum Name: String, CaseIterable {
    case randomForest = "random-forest"
    case extraTrees = "extra-trees"
    case softmax
    case lda
    case prototypes

    /// The name of the mapping that holds the learner's own settings; nil where it has none.
    var settings: String? {
      switch self {
      case .randomForest, .extraTrees: "forest"
      case .softmax: "softmax"
      case .lda, .prototypes: nil
      }
    }
  }

  /// The learner's name.
  let name: Name
  /// The learner.
  let learner: any Learner

  /// Reads the learner and its settings; those of another learner are a mistake of the file.
  init(_ settings: SettingsReader) {
    let name = settings.choice(
      "learner", of: Name.self, default: .randomForest,
      "what learns: decision trees, a linear map (softmax regression, discriminant analysis), or the mean of each class"
    )
    let balances = settings.bool(
      "balance", default: false,
      "whether each class counts as much as any other (forests and softmax)")
    let forest = settings.mapping("forest", "the trees of random-forest and extra-trees") { settings in
      RandomForest(
        trees: settings.int("trees", default: 100, in: 1...10_000, "the number of trees"),
        minLeaf: settings.int("min-leaf", default: 1, in: 1...100_000, "the fewest samples of a leaf"),
        maxFeatures: settings.optionalInt(
          "max-features", in: 1...65_536, "features that a node looks at; the root of their number without it"
        ),
        depth: settings.optionalInt(
          "depth", in: 1...1000, "the most splits from root to leaf; no limit without it"),
        isExtremelyRandomized: name == .extraTrees, balancesClasses: balances)
    }
    let softmax = settings.mapping("softmax", "the softmax regression") { settings in
      SoftmaxRegression(
        cost: settings.double(
          "cost", default: 1, in: 1e-9...1e9, "how much the samples count against small weights"),
        balancesClasses: balances)
    }
    for key in Set(Name.allCases.compactMap(\.settings)).sorted()
    where settings.has(key) && key != name.settings {
      settings.problem(key, with: "learner", "'\(key)' does not count for 'learner: \(name.rawValue)'")
    }
    if balances && name.settings == nil {
      settings.problem("balance", with: "learner", "\(name.rawValue) knows no balance of classes")
    }
    self.name = name
    learner =
      switch name {
      case .randomForest, .extraTrees: forest
      case .softmax: StandardizedLearner(softmax)
      case .lda: StandardizedLearner(LinearDiscriminant())
      case .prototypes: StandardizedLearner(Prototypes())
      }
  }
}
