import CPUKernels
import Checkpoints
import Chips
import Foundation
import Models
import NumericOracles
import Tensors
import Testing
import Transfer

/// A training that is cut short at some step and taken up again, as a run does after a kill.
@Suite("Interrupted training", .serialized)
struct TrainingCheckpointTests {
  /// Recipes in which something different is on the way: moments, the best weights, averages, snapshots, the
  /// start, updates.
  static let recipes: [(name: String, recipe: TrainingRecipe)] = {
    var plain = TrainingRecipe()
    (plain.strategy, plain.epochs, plain.batch, plain.seed) = (.full, 3, 4, 5)
    (plain.learningRate, plain.stageRates) = (2e-3, .encoder(1))
    var all: [(String, TrainingRecipe)] = [("full", plain)]
    func add(_ name: String, _ change: (inout TrainingRecipe) -> Void) {
      var recipe = plain
      change(&recipe)
      all.append((name, recipe))
    }
    add("probe, then full, near the start") {
      ($0.strategy, $0.headEpochs, $0.epochs, $0.startPenalty, $0.trainedShare) = (
        .linearProbeThenFull, 1, 2, 0.1, 0.7
      )
    }
    add("moving average, noise, mixup") {
      ($0.averaging, $0.dropout, $0.stochasticDepth) = (.exponential(decay: 0.9), 0.2, 0.2)
      ($0.augmentation.mixup, $0.rareClassTemperature) = (0.4, 0.1)
    }
    add("plain average, sgd, two batches a step") {
      ($0.averaging, $0.optimizer, $0.accumulation, $0.batch) = (.uniform(from: 0.3), .sgd, 2, 2)
    }
    add("snapshots, lamb") { ($0.averaging, $0.optimizer) = (.snapshots(2), .lamb) }
    add("lora, lars") { ($0.strategy, $0.rank, $0.optimizer) = (.lora, 2, .lars) }
    add("gradual unfreezing") { ($0.strategy, $0.unfreezeEvery) = (.gradualUnfreezing, 1) }
    return all
  }()

  /// The file of an unfinished training, in a directory of its own.
  private final class Place {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("training-\(UUID().uuidString)")

    deinit { try? FileManager.default.removeItem(at: file) }

    var checkpoint: TrainingCheckpoint {
      let path = file.path
      return TrainingCheckpoint(interval: 0) {
        try? WeightsFile(contentsOf: path)
      } save: {
        try $0.write(to: path)
      }
    }
  }

  /// Trains until `steps` steps are taken, or to the end.
  private func train(
    _ recipe: TrainingRecipe, _ method: DomainMethodTests.Making? = nil, at place: Place?, steps: Int?
  ) throws -> TrainedModel? {
    let model = try TinyProblem.model()
    let target = TinyProblem("others", offset: 1).chips(side: 64, unlabelled: true)
    let material = TinyProblem("training").material(side: 96, validation: TinyProblem("held").chips(side: 32))
    var loop = TrainingLoop(
      recipe, model: model,
      material: .init(
        training: material.training, validation: material.validation, labelCounts: material.counts,
        adaptation: method.map { .init($0(model, recipe, target)) }), kernels: KernelSet.standard,
      exact: KernelSet.standard)
    var taken = 0
    do {
      return try loop.run(
        checkpoint: place?.checkpoint, progress: { if $0.resumedSteps == 0 { taken += 1 } },
        isCancelled: { steps.map { taken >= $0 } ?? false })
    } catch {
      guard error == .cancelled else { throw error }
      return nil
    }
  }

  @Test(
    "Cut short at three places it ends with the bytes of a training that was not", arguments: recipes.indices)
  func resumes(index: Int) throws {
    // Bytes are those of a number of threads, which belongs to the process.
    try computing(threads: 2) { try expectResumption(Self.recipes[index]) }
  }

  @Test("So does a training on two domains", arguments: DomainMethodTests.methods.indices)
  func resumesAdapting(index: Int) throws {
    let method = DomainMethodTests.methods[index]
    var recipe = Self.recipes[0].recipe
    (recipe.accumulation, recipe.batch) = (2, 2)
    try computing(threads: 2) { try expectResumption((method.name, recipe), method.make) }
  }

  private func expectResumption(
    _ named: (name: String, recipe: TrainingRecipe), _ method: DomainMethodTests.Making? = nil
  ) throws {
    let recipe = named.recipe
    let whole = try #require(try train(recipe, method, at: nil, steps: nil))
    let place = Place()
    let total = TrainingLoop.steps(recipe, chips: 9)
    #expect(total >= 6)
    // In the middle of a pass, at the end of one, and one step before the end.
    for steps in [2, 1, total - 4] {
      #expect(try train(recipe, method, at: place, steps: steps) == nil)
    }
    let resumed = try #require(try train(recipe, method, at: place, steps: nil))
    #expect(resumed.history == whole.history)
    #expect(changedPaths(resumed.model.bits, whole.model.bits) == [], "\(named.name)")
    #expect(resumed.warnings.isEmpty)
  }

  @Test("A damaged file, or one of another number of threads, is not gone on from")
  func refused() throws {
    let recipe = Self.recipes[0].recipe
    let place = Place()
    #expect(try computing(threads: 1) { try train(recipe, at: place, steps: 2) } == nil)
    let other = try #require(try computing(threads: 2) { try train(recipe, at: place, steps: nil) })
    #expect(other.warnings.count == 1 && other.history.count == 3)
    try Data("nonsense".utf8).write(to: place.file)
    #expect(try train(recipe, at: place, steps: nil)?.history.count == 3)
  }

  @Test("What cannot be kept does not end the training, and is told once")
  func cannotSave() throws {
    struct Full: Error {}
    let material = TinyProblem("training").material(side: 32)
    var loop = TrainingLoop(
      Self.recipes[0].recipe, model: try TinyProblem.model(),
      material: .init(training: material.training, labelCounts: material.counts), kernels: KernelSet.standard,
      exact: KernelSet.standard)
    let trained = try loop.run(
      checkpoint: TrainingCheckpoint(interval: 0, load: { nil }, save: { _ in throw Full() }),
      progress: { _ in },
      isCancelled: { false })
    #expect(trained.warnings.count == 1 && trained.warnings[0].contains("could not be kept"))
  }
}
