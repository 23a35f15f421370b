import CPUKernels
import Checkpoints
import Chips
import Foundation
import Layers
import Models
import NumericOracles
import Scenes
import Tasks
import Tensors
import Testing
import Transfer

@Suite("What a frozen encoder makes of chips is kept", .serialized)
struct EncodedChipsTests {
  private static func recipe(_ strategy: TrainingStrategy) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.headEpochs, recipe.batch) = (strategy, 3, 2, 4)
    (recipe.learningRate, recipe.stageRates, recipe.seed) = (2e-3, .encoder(1), 3)
    (recipe.augmentation, recipe.augmentation.shift, recipe.dropout) = (.none, false, 0.2)
    return recipe
  }

  private static func model(_ encoder: String) throws -> Model {
    var card = TinyProblem.card
    card.encoder = encoder
    return try Model(card: card, seed: 1)
  }

  private func train(
    _ recipe: TrainingRecipe, _ model: Model, keeping: Bool, kernels: any Kernels = KernelSet.standard,
    chips: ChipSet? = nil
  ) throws -> TrainedModel {
    let problem = TinyProblem("kept")
    var material = TrainingLoop.Material(
      training: chips ?? problem.chips(side: 128), labelCounts: problem.region(side: 128).counts(classes: 2))
    material.keepsEncoded = keeping
    var loop = TrainingLoop(
      recipe, model: model, material: material, kernels: kernels, exact: KernelSet.standard)
    return try loop.run(progress: { _ in }, isCancelled: { false })
  }

  @Test(
    "The model has the bytes that it has where everything is computed anew",
    arguments: ["resnet18", "mobilenet_v2"],
    [TrainingStrategy.fixedFeatures, .linearProbe, .linearProbeThenFull])
  func sameBytes(encoder: String, strategy: TrainingStrategy) throws {
    let recipe = Self.recipe(strategy)
    let kept = try train(recipe, Self.model(encoder), keeping: true)
    let anew = try train(recipe, Self.model(encoder), keeping: false)
    #expect(kept.history == anew.history)
    #expect(kept.model.bits == anew.model.bits)
    #expect(kept.warnings == anew.warnings)
  }

  @Test("Chips are kept to the end of two passes or more, and not for a single one", arguments: [1, 2, 3])
  func passes(count: Int) throws {
    var recipe = Self.recipe(.fixedFeatures)
    recipe.epochs = count
    let problem = TinyProblem("kept")
    let chips = problem.chips(side: 128)
    let material = TrainingLoop.Material(
      training: chips, labelCounts: problem.region(side: 128).counts(classes: 2))
    var loop = TrainingLoop(
      recipe, model: try Self.model("resnet18"), material: material, kernels: KernelSet.standard,
      exact: KernelSet.standard)
    _ = try loop.run(progress: { _ in }, isCancelled: { false })
    #expect(loop.keptChips == (count > 1 ? chips.chips.count : 0))
  }

  /// Rows of a product of matrices are computed in groups: a token's last bits depend on its place in the
  /// batch.
  @Test("Behind a transformer the model is the same but for rounding, and repeats, interrupted or not")
  func transformer() throws {
    let recipe = Self.recipe(.fixedFeatures)
    let encoder = "prithvi_eo_v2_tiny_tl"
    let kept = try train(recipe, Self.model(encoder), keeping: true)
    let anew = try train(recipe, Self.model(encoder), keeping: false)
    #expect(abs(kept.history[0].loss - anew.history[0].loss) < 1e-3 * anew.history[0].loss)
    #expect(
      kept.model.bits.filter { $0.key.hasPrefix("encoder.") }
        == anew.model.bits.filter { $0.key.hasPrefix("encoder.") })
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("kept-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    let checkpoint = TrainingCheckpoint(interval: 0) {
      try? WeightsFile(contentsOf: file)
    } save: {
      try $0.write(to: file)
    }
    let problem = TinyProblem("kept")
    let model = try Self.model(encoder)
    let material = TrainingLoop.Material(
      training: problem.chips(side: 128), labelCounts: problem.region(side: 128).counts(classes: 2))
    var (steps, left) = (0, 6)
    var loop = TrainingLoop(
      recipe, model: model, material: material, kernels: KernelSet.standard, exact: KernelSet.standard)
    #expect(throws: TrainingFailure.cancelled) {
      try loop.run(checkpoint: checkpoint, progress: { _ in steps += 1 }, isCancelled: { steps == left })
    }
    left = .max
    let again = try Self.model(encoder)
    var other = TrainingLoop(
      recipe, model: again, material: material, kernels: KernelSet.standard, exact: KernelSet.standard)
    let resumed = try other.run(checkpoint: checkpoint, progress: { _ in }, isCancelled: { false })
    #expect(resumed.history == kept.history && resumed.model.bits == kept.model.bits)
  }

  @Test("Images that a pass varies are encoded anew, and one line says why")
  func varied() throws {
    var recipe = Self.recipe(.fixedFeatures)
    (recipe.augmentation.flips, recipe.augmentation.shift) = (true, true)
    let trained = try train(recipe, Self.model("resnet18"), keeping: true)
    let notes = trained.warnings.filter { $0.contains("the encoder is frozen") }
    #expect(notes.count == 1 && notes.first?.contains("(shift, flips)") == true, "\(trained.warnings)")
    recipe.strategy = .full
    #expect(
      try !train(recipe, Self.model("resnet18"), keeping: true).warnings.contains {
        $0.contains("the encoder is frozen")
      })
    // A chip as large as its region is never moved.
    let chips = TinyProblem("kept").chips(side: 32)
    #expect(chips.variations(by: recipe.augmentation) == ["flips"])
  }

  private func values(_ chips: [Int]) -> [Value] {
    let first = Tensor(
      chips.flatMap { chip in (0..<6).map { Float(10 * chip + $0) } }, shape: [chips.count, 6])
    let second = Tensor(chips.map { Float(-$0) }, shape: [chips.count, 1, 1, 1])
    return [Value(first), Value(second)]
  }

  private func numbers(_ values: [Value]) -> [[Float]] { values.map(\.tensor.values) }

  @Test("Each chip is computed once, in memory or, where that is full, in a file", arguments: [1 << 20, 64])
  func once(memory: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("encoded-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = PixelStore(memory: memory, spillingTo: folder)
    let plain = TinyProblem("kept").region(side: 128)
    let region = LabelledRegion(
      window: plain.window, pixels: try RegionPixels(plain.pixels.whole, in: store), labels: plain.labels,
      ground: plain.ground)
    let set = ChipSet(
      [region], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    let encoded = EncodedChips(of: set, batch: 4)
    var computed: [[Int]] = []
    func ask(_ chips: [Int]) throws -> [[Float]] {
      numbers(
        try #require(
          encoded.values(of: chips) {
            computed.append($0)
            return values($0)
          }))
    }
    for chips in [[3, 1, 2, 9], [9, 2, 1, 3], [0, 8, 8, 11], [15, 0, 1, 2], [14, 9, 12, 13]] {
      #expect(try ask(chips) == numbers(values(chips)))
    }
    // Whole batches of the set's own order, each once.
    #expect(computed == [[0, 1, 2, 3], [8, 9, 10, 11], [12, 13, 14, 15]] && encoded.isKeeping)
  }

  @Test("What learns on the way is not kept")
  func learned() {
    let encoded = EncodedChips(of: TinyProblem("kept").chips(side: 64), batch: 2)
    let values = encoded.values(of: [0, 1]) { _ in
      [Value(Tensor([1, 2], shape: [2, 1]), needsGradient: true)]
    }
    #expect(values == nil && !encoded.isKeeping)
    #expect(encoded.values(of: [0, 1]) { _ in [Value(Tensor([1, 2], shape: [2, 1]))] } == nil)
  }
}
