import Foundation
import Products
import Runs
import Scenes
import Settings
import Tasks
import Transfer

/// Scores every model of the chain on labels that it has not seen, and beside them models without transfer,
/// so that transfer that does harm is never silent.
struct EvaluateStage: Stage {
  static let name = EvaluationDesign.stage
  static let doc =
    "score every model so far, the source's alone and the same network from scratch, on labels they have not seen"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.report
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  // 3: the model's card has format 2.
  static let revision = 4

  private let design: EvaluationDesign

  init(_ settings: SettingsReader) { design = EvaluationDesign(settings) }

  init(_ settings: SettingsReader, behind chain: ChainBefore) {
    // A rate that spares what a published network knows teaches one that knows nothing too little.
    design = EvaluationDesign(
      settings, fineTuning: chain.fineTuning, scratchRate: chain.keepsPublishedClasses ? 1e-3 : nil)
  }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = design.candidates.flatMap { candidate in
      FineTuneStage.problems(of: candidate.recipe, in: file, after: earlier).map {
        "candidate '\(candidate.name)': \($0)"
      }
    }
    let models = earlier.compactMap(\.stage.model)
    let fineTunes = models.contains { $0.learning?.supervised != nil }
    if design.split == .heldOut {
      if !file.data.test.contains(where: \.isLabelled) {
        problems.append("a held-out split needs labelled scenes in data.test")
      }
    } else if TrialPlan.scenes(of: file, learnedBy: models).isEmpty {
      problems.append("a split of the labels needs a stage before it that learns from them")
    }
    if !fineTunes && (!design.candidates.isEmpty || !design.fractions.isEmpty) {
      problems.append("'candidates' and 'fractions' need a fine-tune stage before it")
    }
    if earlier.contains(where: { $0.stage.mayReplaceModel }) {
      problems.append("no evaluation can follow one that may go on with another model")
    }
    return problems
  }

  var trains: Bool { true }
  var mayReplaceModel: Bool { design.onNegativeTransfer != .warn }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    let models = planning.modelJobs
    let stages = models.map(\.stage)
    let learned = stages.learnedScenes(of: file)
    var inputs = planning.inputs("held out", design.split == .heldOut ? file.data.test : [])
    inputs.merge(planning.inputs("labelled", learned)) { own, _ in own }
    inputs.merge(planning.inputs("source", file.data.source)) { own, _ in own }
    let mapping = planning.mapping
    inputs["mapping"] = .text(mapping.canonical.canonical)
    if design.split == .forwardInTime {
      inputs["days"] = .text(TrialPlan.days(of: learned).joined(separator: " "))
    }
    var report = planning.job(
      "evaluate", subject: planning.stage.label, in: .reports, uses: .training, inputs: inputs,
      after: models.map(\.job)
    ) { context in
      try carryOut(
        EvaluatedChain(file: file, context: context, stages: stages, design: design, mapping: mapping))
    }
    report.preparation = JobPreparation(parts: design.largestTrialCount) { context, part in
      try prepare(
        part,
        of: EvaluatedChain(file: file, context: context, stages: stages, design: design, mapping: mapping))
    }
    guard mayReplaceModel else { return [report] }
    return [report, delivery(of: report, models: models, in: planning, inputs: inputs, mapping)]
  }

  /// Runs the trials of a part, whose scores are kept where the evaluation finds them: every n-th, n being
  /// the number of parts.
  private func prepare(_ part: Int, of chain: EvaluatedChain) throws {
    func each(_ task: some PredictionTask) throws { try runTrials(of: part, chain, by: task) }
    try each(chain.file.task)
  }

  private func runTrials<Task: PredictionTask>(of part: Int, _ chain: EvaluatedChain, by task: Task) throws {
    var results = EvaluationResults<Task.Score>()
    var number = 0
    try chain.trials.forEachTrial { trial in
      if number % design.largestTrialCount == part { try results.add(trial, of: chain, by: task) }
      number += 1
    }
  }

  private func carryOut(_ chain: EvaluatedChain) throws -> JobResult {
    func carryOut(_ task: some PredictionTask) throws -> JobResult { try self.carryOut(chain, by: task) }
    return try carryOut(chain.file.task)
  }

  private func carryOut<Task: PredictionTask>(_ chain: EvaluatedChain, by task: Task) throws -> JobResult {
    let labels = try LabelReport(of: design.split == .heldOut ? chain.file.data.test : [], in: chain.file)
    var results = EvaluationResults<Task.Score>()
    try chain.trials.forEachTrial { try results.add($0, of: chain, by: task) }
    let report = EvaluationReport(results: results, chain: chain)
    var artifact = Artifact(of: chain.context)
    artifact.layers = try report.write(to: chain.context.directory)
    artifact.findings = report.findings + labels.findings()
    artifact.notes = labels.warnings() + report.warnings + trainedOn(chain) + chain.warnings
    var result = try chain.context.leave(artifact)
    // No two runs take the same time, and the artifact is the same for the same input; the text lies beside
    // it.
    result.findings += [report.trainingTimes, Finding(.report, .text(report.text))]
    return result
  }

  /// Warns of held-out labels that the chain was trained on: the file may say so, but what they score is
  /// memory.
  private func trainedOn(_ chain: EvaluatedChain) -> [String] {
    guard design.split == .heldOut else { return [] }
    let learned = chain.stages.learnedScenes(of: chain.file)
    return chain.file.data.test.filter(learned.contains).map {
      "'\($0.scene.fileName)' is held out with labels that the chain was trained on: its scores are too good"
    }
  }

  /// Hands on the model that the report has found best, or none.
  private func delivery(
    of report: Job, models: [(job: Job, stage: any ModelStage)], in planning: Planning,
    inputs: [String: Planning.Input], _ mapping: MappingRecipe
  ) -> Job {
    let file = planning.file
    return planning.job(
      "deliver", subject: planning.stage.label + "-verdict", in: .models, uses: .training, inputs: inputs,
      after: models.map(\.job) + [report], producing: .model
    ) { context in
      let chain = EvaluatedChain(
        file: file, context: context, stages: models.map(\.stage), design: design, mapping: mapping)
      return try ModelHandover(chain: chain, report: context.inputs[models.count]).carryOut()
    }
  }
}
