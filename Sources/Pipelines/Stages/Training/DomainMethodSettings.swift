import Checkpoints
import Chips
import Models
import Settings
import Transfer

/// The settings of those methods of domain adaptation that train on both domains, and the method that they
/// make.
struct DomainMethodSettings {
  typealias Method = DomainAdaptationStage.Method

  /// The way in which normalisations get the target's statistics.
  private enum Normalizing: String, CaseIterable {
    case adaBN = "adabn"
    case perDomain = "per-domain"
  }

  /// Whether running statistics follow the target's batches alone while training, in the place of AdaBN
  /// afterwards.
  let isPerDomain: Bool
  private let weight: Double
  private let pixels: Int
  private let opponentRate: Double
  private let prior: Double
  private let rounds: Int
  private let firstPortion, lastPortion: Double
  private let confidence, teacherDecay: Double

  init(_ settings: SettingsReader, _ method: Method) {
    isPerDomain =
      settings.choice(
        "domain-norm", of: Normalizing.self, default: .adaBN,
        "adabn: batches of both domains move the running statistics, and AdaBN replaces them at the end; per-domain: the "
          + "target's batches alone move them") == .perDomain
    weight =
      settings.optionalDouble(
        "weight", in: 0...1e6,
        "how much the method counts beside the labels: \(Self.listedWeights) without it") ?? method.weight
    pixels = settings.int(
      "pixels", default: 512, in: 16...65_536, "the most pixels of a domain that are compared in a step")
    opponentRate = settings.double(
      "opponent-rate", default: 1e-3, in: 1e-9...1, "the learning rate of the adversary")
    prior = settings.double(
      "prior", default: 0.5, in: 0...1,
      "the share of its frequency in the source's labels that a class has to keep")
    rounds = settings.int(
      "rounds", default: 4, in: 1...1000, "how often the target is labelled anew; with each pass at most")
    firstPortion = settings.double(
      "portion", default: 0.2, in: 0.01...1,
      "the share of each class's pixels that is believed in the first round")
    lastPortion = settings.double("last-portion", default: 0.5, in: 0.01...1, "the same in the last round")
    confidence = settings.double(
      "confidence", default: 0.968, in: 0...1, "the probability above which the teacher is sure of a pixel")
    teacherDecay = settings.double(
      "teacher-decay", default: 0.99, in: 0...0.99999, "how slowly the teacher follows the network")
    checkNormalizing(settings, method)
  }

  private func checkNormalizing(_ settings: SettingsReader, _ method: Method) {
    guard isPerDomain else { return }
    if settings.has("blend") {
      settings.problem(
        "blend", with: "domain-norm", "'blend' is of AdaBN, which 'domain-norm: per-domain' does without")
    }
    if method == .meanTeacher {
      settings.problem(
        "domain-norm", with: "method",
        "mean-teacher's chips are of both domains: its statistics need 'domain-norm: adabn'")
    }
  }

  /// Reports settings of a recipe that do not go with the method.
  func checkRecipe(_ settings: SettingsReader, _ method: Method, _ recipe: TrainingRecipe) {
    if isPerDomain, case .uniform = recipe.averaging {
      settings.problem(
        "domain-norm", with: "averaging",
        "'averaging: swa' takes all statistics anew from the source; use 'domain-norm: adabn'")
    }
    if method == .selfTraining, settings.has("rounds"), rounds > TrainingLoop.passes(recipe) {
      settings.problem(
        "rounds", with: "epochs",
        "\(rounds) rounds in \(TrainingLoop.passes(recipe)) passes: a round is a pass at least")
    }
    if method == .selfTraining, lastPortion < firstPortion {
      settings.problem(
        "last-portion", with: "portion", "'last-portion' is below 'portion': believe more from round to round"
      )
    }
    guard method == .meanTeacher else { return }
    if recipe.strategy.isLowRank {
      settings.problem(
        "strategy", with: "method", "mean-teacher averages weights; \(recipe.strategy.rawValue) leaves them")
    }
    if recipe.augmentation.mixup > 0 {
      settings.problem(
        "augmentation", with: "method", "'mixup' leaves no pixel of one class for mean-teacher to paste")
    }
  }

  private static let listedWeights =
    Method.allCases.filter(\.isJoint).map { "\($0.weight) for \($0.rawValue)" }.joined(separator: ", ")

  /// Makes what a training does beside learning the source's labels, of which `counts` says how many each
  /// class has.
  func adaptation(
    _ method: Method, _ recipe: TrainingRecipe, _ model: Model, counts: [Int], seed: UInt64,
    to target: ChipSet
  ) -> TrainingLoop.Adaptation? {
    let made: (any DomainMethod)? =
      switch method {
      case .adaBN, .standardise, .histogramMatching, .sensorBands, .invariantFeatures, .fourier: nil
      case .coral: Alignment(CorrelationAlignment(weight: weight), to: target)
      case .mmd: Alignment(MeanDiscrepancy(weight: weight, pixels: pixels), to: target)
      case .entropy:
        Alignment(EntropyMinimization(weight: weight, prior: prior, labelCounts: counts), to: target)
      case .dann, .cdan:
        DomainAdversary(
          .init(
            weight: weight, rate: opponentRate, pixels: pixels, isConditional: method == .cdan, seed: seed),
          of: model, to: target)
      case .outputAdversary:
        OutputAdversary(
          weight: weight, rate: opponentRate, classes: model.card.classes.count, seed: seed, to: target)
      case .selfTraining:
        SelfTraining(
          .init(weight: weight, rounds: rounds, firstPortion: firstPortion, lastPortion: lastPortion), recipe,
          labelCounts: counts, on: target)
      case .meanTeacher:
        MeanTeacher(weight: weight, confidence: confidence, decay: teacherDecay, of: model, to: target)
      }
    return made.map { TrainingLoop.Adaptation($0, followsTargetAlone: isPerDomain) }
  }
}

extension DomainAdaptationStage.Method {
  /// The weight of the method beside the labels where the file does not say.
  fileprivate var weight: Double {
    switch self {
    case .adaBN, .standardise, .histogramMatching, .sensorBands, .invariantFeatures, .fourier: 0
    case .coral: 10
    case .mmd: 0.5
    case .dann, .cdan, .entropy: 0.1
    case .outputAdversary: 0.01
    case .selfTraining, .meanTeacher: 1
    }
  }
}
