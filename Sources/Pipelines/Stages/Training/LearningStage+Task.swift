import Checkpoints
import Foundation
import Models
import Products
import Runs
import Tasks

extension LearningStage {
  /// Reads the model of the stage before.
  package func givenModel(_ context: JobContext, file: PipelineFile) throws -> Model {
    try ModelFiles.read(context)
  }

  /// Returns the trainings of the stage's job as parts that other processes can make; nil for a single one.
  func preparation(_ file: PipelineFile) -> JobPreparation? {
    guard trainings > 1 else { return nil }
    return JobPreparation(parts: trainings) { context, part in
      var material = TrainingMaterial(file: file, context: context, training: TrainingMaterial.onlyTraining)
      material.keepsLast = true
      try train(part, of: try ModelFiles.read(context), material)
    }
  }

  /// Carries out the stage's job: reads the model before it, learns, and writes the model with `step` in
  /// its card.
  ///
  /// - Returns: what the job has left so far.
  func carryOut(_ context: JobContext, file: PipelineFile, step: LineageStep) throws -> Artifact {
    // Read before anything is trained: labels that fall out cost hours otherwise.
    let labels = try LabelReport(of: scenes(of: file), in: file)
    let outcome = try learn(
      try givenModel(context, file: file),
      TrainingMaterial(file: file, context: context, training: TrainingMaterial.onlyTraining))
    let model = outcome.model
    model.card.history.append(outcome.step ?? step)
    let arithmetic = Arithmetic(precision)
    var artifact = Artifact(of: context)
    if !outcome.course.isEmpty {
      model.card.trainedWith = ModelFiles.trainedWith(arithmetic.kernels, context)
      artifact.layers += try TrainingHistory(outcome.course, metric: file.task.headline.title).write(
        to: context.directory)
    }
    if let adapter = outcome.adapter {
      try adapter.write(to: context.directory.path)
      artifact.layers += PEFTAdapter.files.map { Layer("adapter", file: $0, .document) }
    }
    artifact.layers = try ModelFiles.write(model, in: context) + artifact.layers
    artifact.findings = outcome.findings + labels.findings(usable: outcome.labelledPixels)
    let readings = file.readingNotes
    if !readings.isEmpty { artifact.findings.append(Finding(.scenesRead, .list(readings))) }
    artifact.notes =
      arithmetic.warnings + labels.warnings(usable: outcome.labelledPixels) + outcome.warnings
      + SensorAgreement(file).warnings(about: seenScenes(of: file))
    return artifact
  }
}
