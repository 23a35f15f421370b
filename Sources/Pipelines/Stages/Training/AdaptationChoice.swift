import Checkpoints
import Foundation
import Layers
import Models
import Runs
import Settings
import Tasks
import Tensors
import Transfer

/// Several adaptations of one model, of which the best goes on; doing nothing is always among them.
package struct AdaptationChoice {
  /// The score by which the best adaptation is found.
  package enum Rule: String, CaseIterable {
    /// Mean IoU on the labels of data.target.
    case fewLabels = "few-labels"
    /// The soft neighbourhood density: how many neighbours a pixel's prediction has among the others.
    case density = "soft-neighbourhood-density"
    /// The entropy of predictions: how sure they are.
    case entropy
    /// The score of reverse validation: whether the labels given to the target lead back to those of the
    /// source.
    case reverse = "reverse-validation"
  }

  /// An adaptation that may be chosen.
  struct Candidate {
    let name: String
    let stage: DomainAdaptationStage
  }

  /// The name of the model that nothing is done to.
  package static let unadapted = "unadapted"

  private let candidates: [Candidate]
  private let wantedRule: Rule?

  /// Reads the candidates; nil where the settings name none.
  init?(_ settings: SettingsReader) {
    let single = settings.settings.map(\.key)
    candidates = settings.mappings(
      "candidates",
      "several adaptations of which the best goes on, the model as it is being one of them: a name, and what "
        + "domain-adaptation takes"
    ) { settings in
      let stage = DomainAdaptationStage(candidate: settings)
      return Candidate(
        name: settings.string("name", matching: "\\S(.*\\S)?", like: "coral", "what the choice calls it"),
        stage: stage)
    }
    wantedRule = settings.optionalWord(
      "select-by", of: Rule.allCases.map(\.rawValue),
      "by what the best candidate is chosen; few-labels where data.target has labels, else soft-neighbourhood-density"
    ).flatMap(Rule.init)
    guard !candidates.isEmpty else {
      if settings.has("select-by") {
        settings.problem("select-by", "'select-by' chooses among 'candidates'; there are none")
      }
      return nil
    }
    for key in single where settings.has(key) {
      settings.problem(key, with: "candidates", "'\(key)' is for each of the 'candidates' to say")
    }
    for (name, same) in Dictionary(grouping: candidates, by: \.name).sorted(by: { $0.key < $1.key }) {
      if name == Self.unadapted {
        settings.problem("candidates", "'\(name)' is what the model is called that nothing is done to")
      } else if same.count > 1 {
        settings.problem("candidates", "\(same.count) candidates are called '\(name)'")
      }
    }
    if Set(candidates.map(\.stage.precision)).count > 1 {
      settings.problem("candidates", "candidates are trained in one precision; these have two")
    }
  }

  /// The precision in which all candidates train.
  var precision: Precision { candidates[0].stage.precision }
  /// The largest number of networks that a candidate leaves of each that it gets.
  var networksOfEach: Int { candidates.map(\.stage.networksOfEach).max()! }

  private func rule(for file: PipelineFile) -> Rule {
    wantedRule ?? (Self.labelledTarget(file).isEmpty ? .density : .fewLabels)
  }

  private static func labelledTarget(_ file: PipelineFile) -> [SceneEntry] {
    file.data.target.filter(\.isLabelled)
  }

  /// Says what of a file makes a candidate or the choice impossible.
  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = candidates.flatMap { candidate in
      candidate.stage.problems(in: file, after: earlier).map { "candidate '\(candidate.name)': \($0)" }
    }
    if !file.taskType.limits.hasOneClass {
      problems.append("adaptations are judged by the one class of each place; \(file.taskName) has several")
    }
    if wantedRule == .fewLabels && Self.labelledTarget(file).isEmpty {
      problems.append("'select-by: few-labels' scores on the labels of data.target; there are none")
    }
    if wantedRule == .reverse && DomainChips.scenes(of: file).isEmpty {
      problems.append("'select-by: reverse-validation' scores on the labels of data.source; there are none")
    }
    return problems
  }

  /// Returns the labelled scenes that a candidate learns from, and those that decide.
  func scenes(of file: PipelineFile) -> [SceneEntry] {
    let learned = candidates.flatMap { $0.stage.scenes(of: file) }
    let all = learned + (rule(for: file) == .fewLabels ? Self.labelledTarget(file) : [])
    return all.enumerated().filter { all.firstIndex(of: $0.element) == $0.offset }.map(\.element)
  }

  /// Returns the scenes that candidates adjust others to.
  func references(of file: PipelineFile) -> [SceneEntry] {
    candidates.lazy.map { $0.stage.references(of: file) }.first { !$0.isEmpty } ?? []
  }

  /// The number of ways among which is chosen.
  var count: Int { candidates.count }

  /// Takes the training of a candidate to its end.
  func train(_ index: Int, of model: Model, _ material: any LearningMaterial) throws {
    do { _ = try candidates[index].stage.learn(model, Self.part(index, of: material)) } catch let failure
      as TrainingFailure
    {
      // It diverges again where the choice is made, which is where it is ruled out.
      guard case .diverged = failure else { throw failure }
    }
  }

  private static func part(_ index: Int, of material: any LearningMaterial) -> any LearningMaterial {
    material.part("candidate\(index)")
  }

  /// Adapts copies of the model in each way, and hands on the best.
  func learn(_ model: Model, _ material: any LearningMaterial) throws -> LearningOutcome {
    let rule = rule(for: material.file)
    let chips = DomainChips(material.file) { try material.regions(of: $0, for: $1) }
    let deciding = rule == .fewLabels ? Self.labelledTarget(material.file) : []
    var contest = AdaptationContest(rule, labels: try chips.labelProportions(for: model))
    var outcomes: [LearningOutcome?] = []
    var failures: [any Error] = []
    func enter(_ name: String, _ outcome: LearningOutcome) throws {
      material.note("judging \(name)")
      let labelled = try material.regions(of: deciding, for: outcome.model)
      contest.add(
        try .init(name: name, outcome.model, chips: chips, labelled: labelled, size: material.file.chips.size)
      )
      outcomes.append(outcome)
    }
    // A head that has learned nothing has nothing to say about the target.
    if model.card.hasTrainedHead {
      try enter(Self.unadapted, LearningOutcome(model: model.copy(), course: []))
    }
    for (index, candidate) in candidates.enumerated() {
      // One of several ways that leads nowhere costs the others nothing.
      func ruleOut(_ failure: any Error, _ reason: String) {
        contest.add(.init(name: candidate.name, failure: reason))
        outcomes.append(nil)
        failures.append(failure)
      }
      do {
        let outcome = try candidate.stage.learn(model.copy(), Self.part(index, of: material))
        if let blowUp = outcome.blowUp {
          ruleOut(DomainAdaptationFailure.candidateFailed(candidate.name, reason: blowUp), blowUp)
        } else {
          try enter(candidate.name, outcome)
        }
      } catch let failure as TrainingFailure {
        guard case .diverged = failure else { throw failure }
        ruleOut(failure, failure.description)
      }
    }
    let result = contest.result
    guard var outcome = outcomes[result.winner] else { throw failures[0] }
    outcome.findings += result.findings
    outcome.warnings.append(result.sentence)
    outcome.step = LineageStep(DomainAdaptationStage.name, "\(result.name), chosen by \(rule.rawValue)")
    return outcome
  }
}
