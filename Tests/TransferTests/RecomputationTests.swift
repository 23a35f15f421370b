import CPUKernels
import Checkpoints
import Chips
import Layers
import Models
import NumericOracles
import Tasks
import Tensors
import Testing
import Transfer

@Suite("What is computed again on the way back")
struct RecomputationTests {
  private func train(
    encoder: String, memory: Int?, strategy: TrainingStrategy = .full
  ) throws -> TrainedModel {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.batch, recipe.seed) = (strategy, 2, 2, 3)
    (recipe.dropout, recipe.stochasticDepth, recipe.augmentation) = (0.2, 0.5, .none)
    recipe.loss.names = [.crossEntropy]
    recipe.memory = memory
    var card = TinyProblem.card
    card.encoder = encoder
    let model = try Model(card: card, seed: 1)
    let region = TinyProblem("recomputed").region(side: 128)
    let chips = ChipSet([region], normalization: Normalization(card), size: 64, stride: 64)
    var loop = TrainingLoop(
      recipe, model: model, material: .init(training: chips, labelCounts: region.counts(classes: 2)),
      kernels: KernelSet.standard, exact: KernelSet.standard)
    return try loop.run(progress: { _ in }, isCancelled: { false })
  }

  @Test(
    "A transformer learns the same to the last bit, by chance too, and says what it took",
    arguments: [TrainingStrategy.full, .lora, .linearProbe])
  func sameBytes(strategy: TrainingStrategy) throws {
    let encoder = "prithvi_eo_v2_tiny_tl"
    let kept = try train(encoder: encoder, memory: nil, strategy: strategy)
    let again = try train(encoder: encoder, memory: 1 << 20, strategy: strategy)
    #expect(kept.model.bits == again.model.bits)
    #expect(kept.history.map(\.loss) == again.history.map(\.loss))
    #expect(!kept.warnings.contains { $0.contains("'memory'") })
    let notes = again.warnings.filter { $0.contains("'memory'") }
    // Of a frozen encoder nothing is kept.
    #expect(notes.count == (strategy == .linearProbe ? 0 : 1))
    #expect(notes.allSatisfy { $0.contains("blocks of the encoder are computed again") })
  }

  @Test("Where everything fits nothing is computed again, and where nothing can be the run says so")
  func notes() throws {
    let fits = try train(encoder: "prithvi_eo_v2_tiny_tl", memory: 1 << 34)
    #expect(!fits.warnings.contains { $0.contains("'memory'") })
    let convolutions = try train(encoder: "resnet18", memory: 1 << 20)
    #expect(convolutions.warnings.filter { $0.contains("lower 'batch'") }.count == 1)
  }

  @Test("Updates of low rank that two batches go through in one pass learn the same to the last bit")
  func updatesOfTwoBatches() {
    func step(recomputes: Bool) -> [[Float]] {
      let list = ParameterList()
      let map = Linear(inputs: 6, outputs: 6, in: ParameterScope(list, seed: 5).child("map"))
      list.freeze([""])
      let updates = LowRankUpdates(.init(rank: 2), on: list, seed: 1) { _ in true }
      for parameter in updates.parameters.all {
        parameter.set(HashedValues.parameter(parameter.path, parameter.tensor.shape))
      }
      let pass = Pass(.training, kernels: KernelSet.standard)
      pass.recomputes = recomputes
      for batch in ["labelled", "unlabelled"] {
        let input = Value(HashedValues(batch).tensor([7, 6]))
        let result = pass.recomputed(input) { $1.tape.activation(map($0, in: $1), .gelu) }
        result.accumulate(HashedValues(batch + " outer").tensor([7, 6]), with: KernelSet.standard)
      }
      let gradients = pass.backward()
      #expect(Set(gradients.map(\.parameter.path)) == Set(updates.parameters.all.map(\.path)))
      return gradients.map { KernelSet.standard.plain($0.gradient).values }
    }
    #expect(step(recomputes: false) == step(recomputes: true))
  }

  @Test("Running statistics move once, and gradients of input and parameters are the same")
  func statistics() throws {
    func step(recomputes: Bool) -> (bits: [[Float]], statistics: [Float]) {
      let list = ParameterList()
      let scope = ParameterScope(list, seed: 5)
      let first = Convolution(
        .init(inputs: 3, outputs: 4, kernel: SlidingKernel(size: 3, padding: 1), hasBias: false),
        in: scope.child("first"), initializer: .kaimingNormalFanOut)
      let norm = BatchNormalization(channels: 4, activation: .relu, in: scope.child("norm"))
      let pass = Pass(.training, kernels: KernelSet.standard)
      pass.recomputes = recomputes
      let input = Value(HashedValues("input").tensor([2, 3, 6, 5]), needsGradient: true)
      let result = pass.recomputed(input) { norm(first($0, in: $1), in: $1) }
      result.accumulate(HashedValues("outer").tensor([2, 4, 6, 5]), with: KernelSet.standard)
      let gradients = pass.backward().map { KernelSet.standard.plain($0.gradient).values }
      let statistics = list.all.filter { !$0.isTrainable }.flatMap(\.tensor.values)
      return (gradients + [KernelSet.standard.plain(input.gradient!).values], statistics)
    }
    let (kept, again) = (step(recomputes: false), step(recomputes: true))
    #expect(kept.bits == again.bits)
    #expect(kept.statistics == again.statistics)
  }
}
