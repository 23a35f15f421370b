import CPUKernels
import Checkpoints
import Chips
import Foundation
import Models
import Runs
import Settings
import Tasks
import Transfer

/// Finds the best of several adapted models by their scores, and says why.
package struct AdaptationContest {
  /// The scores of a model that may go on.
  package struct Entry {
    package let name: String
    package var entropy = Double.nan
    package var density = Double.nan
    /// The score of reverse validation; nil where the model has none.
    package var reverse: Double?
    /// Mean IoU on the few labels of the target, where these decide.
    package var fewLabels: Double?
    /// Mean IoU on the labels of the source, seen by the source's own statistics; nil where there are none.
    package var sourceIoU: Double?
    /// The variety of the model's map of the target: ``ClassProportions/effectiveClasses``.
    package var effectiveClasses = 0.0
    /// The reason why there is no model at all.
    package var failure: String?

    /// Creates an entry without scores.
    package init(name: String, failure: String? = nil) { (self.name, self.failure) = (name, failure) }

    /// Scores a model.
    init(
      name: String, _ model: Model, chips: DomainChips, labelled: [LabelledRegion], size: Int
    ) throws {
      self.name = name
      let classes = model.card.classes.count
      let source = try chips.source(seenBy: model)
      if let target = try chips.target(seenBy: model) {
        let predictions = UnlabelledPredictions(probabilities: target.probabilities, classes: classes)
        (entropy, density) = (predictions.entropy, predictions.softNeighbourhoodDensity())
        effectiveClasses = target.mapped.effectiveClasses
        reverse = source.flatMap { ReverseValidation.score(source: $0, target: target, classes: classes) }
      }
      sourceIoU = source.flatMap { $0.confusion.total > 0 ? $0.confusion.meanIoU : nil }
      guard !labelled.isEmpty else { return }
      let held = ChipSet(labelled, normalization: Normalization(model.card), size: size, stride: size)
      fewLabels = ChipScoring.headline(model, on: held, batch: 8, kernels: KernelSet.standard)
    }

    /// Returns the score by a rule, the higher the better; nil where there is none.
    func score(by rule: AdaptationChoice.Rule) -> Double? {
      let score: Double? =
        switch rule {
        case .fewLabels: fewLabels
        case .density: density
        case .entropy: -entropy
        case .reverse: reverse
        }
      return score.flatMap { $0.isFinite ? $0 : nil }
    }
  }

  private let rule: AdaptationChoice.Rule
  /// The variety of the source's labels as an effective number of classes; nil where there are none.
  private let labelledClasses: Double?
  private var entries: [Entry] = []

  init(_ rule: AdaptationChoice.Rule, labels: ClassProportions) {
    let varied = labels.effectiveClasses
    self.init(rule, labelledClasses: varied > 0 ? varied : nil)
  }

  /// Creates a contest that goes by a rule.
  ///
  /// - Parameter labelledClasses: the effective number of classes of the source's labels, nil where there are
  ///   none.
  package init(_ rule: AdaptationChoice.Rule, labelledClasses: Double?) {
    (self.rule, self.labelledClasses) = (rule, labelledClasses)
  }

  package mutating func add(_ entry: Entry) { entries.append(entry) }

  /// Says why an entry cannot win, whatever its score; nil where it can.
  ///
  /// Neither entropy nor density knows a model that calls everything by one class, or has its classes mixed
  /// up, from a good one; what the source's labels say of it does. The model as it is may be such a one,
  /// where the shift is large. Few labels of the target say more than all that.
  private func objection(to entry: Entry) -> String? {
    if let failure = entry.failure { return failure }
    guard entry.score(by: rule) != nil else { return "it has no score" }
    guard rule != .fewLabels else { return nil }
    if let own = entry.sourceIoU, let best = entries.compactMap(\.sourceIoU).max(), !(own >= best / 2) {
      return "it has forgotten the source (mIoU \(Self.text(own)), the best \(Self.text(best)))"
    }
    let unadapted = entries.first { $0.name == AdaptationChoice.unadapted }
    if let expected = labelledClasses ?? unadapted?.effectiveClasses, entry.effectiveClasses < expected / 2 {
      return
        "its map of the target has collapsed (as varied as \(Self.text(entry.effectiveClasses)) classes of one size, "
        + "\(labelledClasses == nil ? "that of the unadapted model" : "the source's labels") as \(Self.text(expected)))"
    }
    return nil
  }

  /// The entry that goes on, and why.
  package struct Result {
    /// The place of the winner among the entries.
    package let winner: Int
    package let name: String
    package let findings: [Finding]
    /// A sentence that says who was chosen, and why.
    package let sentence: String
  }

  /// The entry with the best score among those without an objection, the first of several; without any such,
  /// the first that has a model.
  package var result: Result {
    precondition(!entries.isEmpty, "a contest without entries")
    let objections = entries.map(objection)
    let eligible = entries.indices.filter { objections[$0] == nil }
    let winner = eligible.reduce(nil as Int?) { best, index in
      guard let best else { return index }
      return entries[index].score(by: rule)! > entries[best].score(by: rule)! ? index : best
    }
    let chosen = winner ?? entries.firstIndex { $0.failure == nil } ?? 0
    return Result(
      winner: chosen, name: entries[chosen].name, findings: findings(chosen, objections),
      sentence: sentence(winner, else: chosen, objections))
  }

  private func sentence(_ winner: Int?, else chosen: Int, _ objections: [String?]) -> String {
    let ruledOut = entries.indices.compactMap { index in
      objections[index].map { "'\(entries[index].name)' was ruled out: \($0)" }
    }
    guard let winner else {
      return (["went on with '\(entries[chosen].name)', for none can be chosen"] + ruledOut).joined(
        separator: "; ")
    }
    let others = entries.indices.filter { $0 != winner && objections[$0] == nil }
      .map { "\(shown(entries[$0])) of '\(entries[$0].name)'" }
    let against = others.isEmpty ? "" : " against " + others.joined(separator: ", ")
    return
      (["chose '\(entries[winner].name)' by \(rule.rawValue): \(shown(entries[winner]))\(against)"] + ruledOut)
      .joined(separator: "; ")
  }

  /// Returns the score as people know it: entropy is the better the lower.
  private func shown(_ entry: Entry) -> String {
    Self.text(rule == .entropy ? entry.entropy : entry.score(by: rule) ?? .nan)
  }

  private static func text(_ value: Double) -> String { String(format: "%.3f", value) }

  private func findings(_ winner: Int, _ objections: [String?]) -> [Finding] {
    let rows = zip(entries, objections).map { entry, objection -> [JSONValue?] in
      let scores = [
        entry.entropy, entry.density, entry.reverse, entry.sourceIoU, entry.effectiveClasses, entry.fewLabels,
      ]
      return [.string(entry.name)] + scores.map { $0.map(JSONValue.number) } + [
        objection.map(JSONValue.string)
      ]
    }
    let columns = [
      "candidate", "entropy", "soft-neighbourhood-density", "reverse-validation", "source-mean-iou",
      "effective-classes", "few-labels", "ruled-out",
    ].map { FindingTable.Column($0) }
    return [
      Finding(.chosenAdaptation, .text(entries[winner].name)), Finding(.chosenBy, .text(rule.rawValue)),
      Finding(.candidates, .table(FindingTable(columns, rows))),
    ]
  }
}
