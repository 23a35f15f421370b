import Chips
import Foundation
import Runs
import Scenes
import Transfer

/// The trials of an evaluation: every seed, fold and share of the labels.
struct TrialPlan {
  let file: PipelineFile
  let context: JobContext
  let design: EvaluationDesign
  let stages: [any ModelStage]
  /// The recipe by which models are mapped with.
  let mapping: MappingRecipe

  /// Returns the labelled scenes that folds are made of, and that shares are taken of: those of the target
  /// where a stage learned from any of them, else those that the stages learned from.
  static func scenes(of file: PipelineFile, learnedBy stages: [any ModelStage]) -> [SceneEntry] {
    let learned = stages.learnedScenes(of: file)
    let target = file.data.target.filter { learned.contains($0) }
    return target.isEmpty ? file.data.source.filter { learned.contains($0) } : target
  }

  /// Returns the day that a scene shows; nil where neither the pipeline file nor its name nor its metadata
  /// says.
  private static func day(of scene: SceneEntry) -> Day? {
    if let date = scene.date.flatMap({ Day($0) }) { return date }
    return scene.scene.acquisition?.day
  }

  /// Returns the days of scenes as text, which a key must hold because names are no part of it.
  static func days(of scenes: [SceneEntry]) -> [String] {
    scenes.map { day(of: $0)?.description ?? "-" }
  }

  /// Calls `body` with each trial in turn; one is in memory at a time.
  func forEachTrial(_ body: (Trial) throws -> Void) throws {
    let scenes = Self.scenes(of: file, learnedBy: stages)
    if let rule = design.rule(chip: file.chips.size) {
      do { return try forEachFold(rule, scenes, body) } catch let error as SplitError {
        throw EvaluationFailure.split(error)
      }
    }
    let held = HeldOutScenes(scenes: file.data.test, maps: maps)
    let regions = design.fractions.isEmpty ? [] : try scenes.map(SceneOpening(file).region)
    for seed in 0..<design.seeds {
      for fraction in fractions {
        try body(
          trial(
            seed: seed, fold: nil, fraction: fraction,
            kept: Dictionary(zip(scenes, regions)) { first, _ in first },
            shared: scenes, firstTrained: heldOutStart(seed: seed, fraction: fraction), heldOut: held))
      }
    }
  }

  private func forEachFold(_ rule: Split.Rule, _ scenes: [SceneEntry], _ body: (Trial) throws -> Void)
    throws
  {
    let regions = try scenes.map(SceneOpening(file).region)
    let others = try othersLearnedFrom(besides: scenes)
    let days = scenes.map(Self.day)
    for seed in 0..<design.seeds {
      let split = try Split(
        regions, by: rule, classes: file.classes.count, buffer: design.buffer(chip: file.chips.size),
        days: days,
        seed: file.seed &+ UInt64(seed))
      for fold in 0..<split.count {
        let part = try split.fold(fold)
        for fraction in fractions {
          let inner =
            design.isNested && fraction == 1
            ? try innerTrials(split.nested(in: fold), seed: seed, fold: fold, scenes, others, outer: part)
            : []
          try body(
            foldTrial(
              seed: seed, fold: (fold, split.count), fraction: fraction, part, scenes, others, inner: inner))
        }
      }
    }
  }

  private var maps: ScoredMaps { ScoredMaps(file: file, mapping: mapping, context: context) }

  private var fractions: [Double] { design.fractions.sorted() + [1] }

  /// Returns the stage from which a held-out trial trains anew; the first seed scores the chain's own models.
  private func heldOutStart(seed: Int, fraction: Double) -> Int? {
    if seed > 0 { return 0 }
    if fraction < 1 { return firstStage(learningFrom: Set(Self.scenes(of: file, learnedBy: stages))) }
    return design.followsPasses ? stages.lastIndex { $0.learning?.supervised != nil } : nil
  }

  private func firstStage(learningFrom scenes: Set<SceneEntry>) -> Int? {
    stages.firstIndex {
      $0.learning?.scenes(of: file).contains(where: scenes.contains) ?? false
    }
  }

  /// Reads the other scenes that a stage learned from: another date of the place, the source.
  private func othersLearnedFrom(besides scenes: [SceneEntry]) throws -> [(SceneEntry, LabelledRegion)] {
    var others: [(SceneEntry, LabelledRegion)] = []
    let learned = stages.learnedScenes(of: file)
    // The model of the source alone may have to be trained, too.
    for scene in learned + file.data.source.filter(\.isLabelled)
    where !scenes.contains(scene) && !others.contains(where: { $0.0 == scene }) {
      others.append((scene, try SceneOpening(file).region(scene)))
    }
    return others
  }

  private func foldTrial(
    seed: Int, fold: (index: Int, count: Int), fraction: Double, _ part: Split.Fold,
    _ scenes: [SceneEntry],
    _ others: [(SceneEntry, LabelledRegion)], outer: Split.Fold? = nil, inner: [Trial]
  ) throws -> Trial {
    let whole = others.map(\.1)
    let cleared = part.clearing(outer?.clearing(whole) ?? whole)
    // Whatever has seen held-out ground is trained anew, whichever scene its labels belong to.
    let touched = zip(others, cleared).filter { $0.0.1.labels != $0.1.labels }.map(\.0.0)
    let kept = Dictionary(zip(scenes + others.map(\.0), part.training + cleared)) { first, _ in first }
    return trial(
      seed: seed, fold: fold, fraction: fraction, kept: kept, shared: scenes,
      firstTrained: seed > 0 ? 0 : firstStage(learningFrom: Set(scenes + touched)),
      heldOut: HeldOutRegions(held: part.heldOut, scenes: scenes, maps: maps), inner: inner)
  }

  private func innerTrials(
    _ split: Split, seed: Int, fold: Int, _ scenes: [SceneEntry],
    _ others: [(SceneEntry, LabelledRegion)], outer: Split.Fold
  ) throws -> [Trial] {
    try (0..<split.count).map { inner in
      let trial = try foldTrial(
        seed: seed, fold: (inner, split.count), fraction: 1, try split.fold(inner), scenes, others,
        outer: outer,
        inner: [])
      return trial.renamed(
        id: "s\(seed)-f\(fold)-inner\(inner)", title: "fold \(fold + 1), inner \(trial.title)")
    }
  }

  private func trial(
    seed: Int, fold: (index: Int, count: Int)?, fraction: Double, kept: [SceneEntry: LabelledRegion],
    shared: [SceneEntry], firstTrained: Int?, heldOut: any HeldOutLabels, inner: [Trial] = []
  ) -> Trial {
    var kept = kept
    if fraction < 1 {
      let regions = shared.map { kept[$0]! }
      let reduced = LabelShare(regions, block: file.chips.size, classes: file.classes.count, seed: file.seed)
        .keep(fraction, of: regions)
      for (scene, region) in zip(shared, reduced) { kept[scene] = region }
    }
    let percent = Int((fraction * 100).rounded())
    let parts =
      [
        design.seeds > 1 ? "seed \(seed + 1)/\(design.seeds)" : nil,
        fold.map { "fold \($0.index + 1)/\($0.count)" },
        fraction < 1 ? "\(percent) % of the labels" : nil,
      ].compactMap(\.self)
    return Trial(
      id: "s\(seed)-f\(fold?.index ?? 0)-l\(fractions.firstIndex(of: fraction)!)",
      title: parts.isEmpty ? "all labels" : parts.joined(separator: ", "),
      seedIndex: seed, fraction: fraction,
      seed: file.seed &+ UInt64(seed) &* 1009 &+ UInt64(fold?.index ?? 0),
      kept: kept, firstTrained: firstTrained, heldOut: heldOut, inner: inner)
  }
}

extension Trial {
  fileprivate func renamed(id: String, title: String) -> Trial {
    Trial(
      id: id, title: title, seedIndex: seedIndex, fraction: fraction, seed: seed, kept: kept,
      firstTrained: firstTrained, heldOut: heldOut, inner: inner)
  }
}
