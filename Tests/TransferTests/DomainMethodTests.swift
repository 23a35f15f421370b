import CPUKernels
import Checkpoints
import Chips
import Classes
import Layers
import Models
import NumericOracles
import Numerics
import Rasters
import Scenes
import Tensors
import Testing
import Transfer

/// Every method of domain adaptation that trains, on a target whose bands have another offset.
@Suite("Training on two domains", .serialized)
struct DomainMethodTests {
  /// Makes a method for a model, a recipe and the target's chips.
  typealias Making = @Sendable (Model, TrainingRecipe, ChipSet) -> any DomainMethod

  static let methods: [(name: String, make: Making)] = [
    ("coral", { Alignment(CorrelationAlignment(weight: 10), to: $2) }),
    ("mmd", { Alignment(MeanDiscrepancy(weight: 1, pixels: 40), to: $2) }),
    ("entropy", { Alignment(EntropyMinimization(weight: 1, prior: 0.5, labelCounts: [5, 5]), to: $2) }),
    ("dann", { DomainAdversary(adversary(isConditional: false), of: $0, to: $2) }),
    ("cdan", { DomainAdversary(adversary(isConditional: true), of: $0, to: $2) }),
    ("output adversary", { OutputAdversary(weight: 0.1, rate: 1e-3, classes: 2, seed: 4, to: $2) }),
    (
      "self-training",
      {
        SelfTraining(
          .init(weight: 1, rounds: 2, firstPortion: 0.3, lastPortion: 0.6), $1, labelCounts: [5, 5], on: $2)
      }
    ),
    ("mean teacher", { MeanTeacher(weight: 1, confidence: 0.6, decay: 0.9, of: $0, to: $2) }),
  ]

  private static func adversary(isConditional: Bool) -> DomainAdversary.Options {
    .init(weight: 0.5, rate: 1e-2, pixels: 100, isConditional: isConditional, seed: 4)
  }

  private static var recipe: TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.batch, recipe.seed) = (.full, 2, 4, 3)
    (recipe.learningRate, recipe.stageRates) = (2e-3, .encoder(1))
    return recipe
  }

  private let target = TinyProblem("others", offset: 1).chips(side: 64, unlabelled: true)

  private func train(_ make: Making?, followsTargetAlone: Bool = false) throws -> Model {
    let model = try TinyProblem.model()
    let material = TinyProblem("training").material(side: 64)
    var loop = TrainingLoop(
      Self.recipe, model: model,
      material: .init(
        training: material.training, labelCounts: material.counts,
        adaptation: make.map { .init($0(model, Self.recipe, target), followsTargetAlone: followsTargetAlone) }
      ), kernels: KernelSet.standard, exact: KernelSet.standard)
    return try loop.run(progress: { _ in }, isCancelled: { false }).model
  }

  @Test("A method moves the weights, to the same bytes when it is repeated", arguments: methods.indices)
  func repeats(index: Int) throws {
    let make = Self.methods[index].make
    let (with, again, without) = try computing(threads: 2) {
      (try train(make).bits, try train(make).bits, try train(nil).bits)
    }
    #expect(changedPaths(with, again) == [], "\(Self.methods[index].name)")
    #expect(!changedPaths(with, without).filter { !$0.contains("running_") }.isEmpty)
  }

  @Test("Where statistics follow the target alone, the source's batches do not move them")
  func perDomain() throws {
    func stem(_ follows: Bool) throws -> Float {
      let model = try train(Self.methods[0].make, followsTargetAlone: follows)
      // The first convolution's outputs grow with the bands' offset, which only the target has.
      return model.network.parameters["encoder.bn1.running_mean"]!.tensor.values.reduce(0) { $0 + abs($1) }
    }
    let (both, target) = (try stem(false), try stem(true))
    #expect(both > 0 && target > 0 && abs(both - target) > 0.05 * target, "\(both), \(target)")
    // Nothing to follow: statistics stay as they were.
    let none = ChipSet([], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    let model = try train(
      { _, _, _ in Alignment(CorrelationAlignment(weight: 1), to: none) }, followsTargetAlone: true)
    #expect(model.network.parameters["encoder.bn1.running_mean"]!.tensor.values.allSatisfy { $0 == 0 })
  }

  @Test(
    "The features' gradient is that of the classifier's loss, reversed: by finite differences of a weight")
  func reversal() throws {
    let progress = 0.1
    let model = try TinyProblem.model()
    let shift = model.network.parameters["decoder.blocks.4.conv2.1.bias"]!
    let (labelled, unlabelled) = (
      TinyProblem("training").chips(side: 64).batch([0, 1]), target.batch([0, 1])
    )
    func loss() -> (value: Double, gradient: [Double]) {
      let pass = Pass(.training, kernels: KernelSet.standard)
      pass.movesStatistics = false
      let output = model.network(Value(labelled.input), in: pass)
      let adversary = DomainAdversary(
        .init(weight: 3, rate: 1e-3, pixels: 100_000, isConditional: false, seed: 4), of: model, to: target)
      let value = adversary.add(
        to: JointStep(
          network: model.network, pass: pass, kernels: KernelSet.standard, labelled: labelled,
          output: output,
          probabilities: Softmax.probabilities(pass.tape.kernels.plain(output.scores.tensor)),
          unlabelled: unlabelled, progress: progress, random: RandomSource(seed: 1, stream: "step")))
      let gradient = pass.backward().first { $0.parameter === shift }!.gradient
      return (value, pass.tape.kernels.plain(gradient).values.map(Double.init))
    }
    let found = loss().gradient
    let slopes = found.indices.map { index in
      func moved(_ distance: Float) -> Double {
        shift.tensor.mutate { $0[index] += distance }
        defer { shift.tensor.mutate { $0[index] -= distance } }
        return loss().value
      }
      return (moved(1e-2) - moved(-1e-2)) / 2e-2
    }
    let reversed = slopes.map { -GradientReversal.strength(at: progress) * $0 }
    #expect(scaledDifference(found, reversed) < 0.02, "\(found), not \(reversed)")
  }

  @Test("Pixels without data are never compared, and a sample has no pixel twice")
  func samples() {
    let hidden = (0..<32 * 32).map { $0 % 32 < 16 }
    let region = TinyProblem("holes").region(side: 32)
    let chips = ChipSet(
      [
        LabelledRegion(
          window: region.window,
          pixels: PixelBlock(
            width: 32, height: 32, bandCount: 2, values: region.pixels.whole.values, valid: hidden.map { !$0 }
          ),
          labels: region.labels, ground: region.ground)
      ], normalization: Normalization(TinyProblem.card), size: 32, stride: 32)
    // Features at half the resolution, which say where they are.
    let places = Tensor((0..<256).map(Float.init), shape: [1, 1, 16, 16])
    for count in [10, 127, 128, 500] {
      var random = RandomSource(seed: 2, stream: "sample")
      let sample = PixelSample(of: chips.batch([0]), features: places.shape, count: count, random: &random)
      let rows = sample.rows(of: places).values.map { Int($0) }
      #expect(rows.count == min(count, 128) && Set(rows).count == rows.count)
      #expect(rows.allSatisfy { $0 % 16 >= 8 })
      let back = sample.maps(of: sample.rows(of: places)).values
      #expect(back.indices.allSatisfy { back[$0] == (rows.contains($0) ? Float($0) : 0) })
    }
  }

  @Test("Self-training labels a portion that grows by round, and only when a round begins")
  func rounds() throws {
    let model = try TinyProblem.model()
    let options = SelfTraining.Options(weight: 1, rounds: 2, firstPortion: 0.2, lastPortion: 0.5)
    let training = SelfTraining(options, Self.recipe, labelCounts: [5, 5], on: target)
    var shares: [Double] = []
    for epoch in 0..<4 {
      let before = training.state.mapValues(\.values)
      training.begin(epoch: epoch, of: 4, model, kernels: KernelSet.standard)
      let labels = training.state.values.flatMap(\.values)
      shares.append(Double(labels.count { $0 != Float(ClassIndex.none) }) / Double(labels.count))
      #expect((training.state.mapValues(\.values) == before) == (epoch % 2 == 1))
    }
    #expect(abs(shares[0] - 0.2) < 0.05 && abs(shares[2] - 0.5) < 0.1, "\(shares)")
    #expect(shares[1] == shares[0] && shares[3] == shares[2])
  }
}
