import CPUKernels
import Checkpoints
import Chips
import Foundation
import Layers
import Models
import NumericOracles
import Tasks
import Tensors
import Testing
import Transfer

/// What each strategy changes, and what the model is made of in the end.
@Suite("Strategies", .serialized)
struct TrainingStrategyTests {
  private static func recipe(_ strategy: TrainingStrategy, epochs: Int = 1) -> TrainingRecipe {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs, recipe.headEpochs, recipe.batch) = (strategy, epochs, 1, 4)
    (recipe.learningRate, recipe.stageRates, recipe.seed) = (2e-3, .encoder(1), 3)
    return recipe
  }

  /// The paths that a recipe has changed, and what it left.
  private func run(
    _ recipe: TrainingRecipe, side: Int = 64, from model: Model? = nil
  ) throws -> (changed: Set<String>, before: [String: [UInt32]], trained: TrainedModel) {
    let model = try model ?? TinyProblem.model()
    let before = model.bits
    let material = TinyProblem("training").material(side: side)
    var loop = TrainingLoop(
      recipe, model: model, material: .init(training: material.training, labelCounts: material.counts),
      kernels: KernelSet.standard, exact: KernelSet.standard)
    let trained = try loop.run(progress: { _ in }, isCancelled: { false })
    return (Set(changedPaths(before, model.bits)), before, trained)
  }

  /// Whether every parameter of the open stages has changed and none of the others.
  private func expectChanged(
    _ open: [String], _ result: (changed: Set<String>, before: [String: [UInt32]], trained: TrainedModel)
  ) {
    let stages = result.trained.model.network.description.parts.filter { open.contains($0.name) }
    for path in result.before.keys {
      #expect(result.changed.contains(path) == stages.contains { $0.contains(path) }, "\(path)")
    }
  }

  @Test("Fixed features: decoder and head learn, the encoder keeps every byte, running statistics too")
  func fixedFeatures() throws { expectChanged(["decoder", "head"], try run(Self.recipe(.fixedFeatures))) }

  @Test("Frozen up to a stage: that one and those before it keep every byte")
  func frozenUpTo() throws {
    var recipe = Self.recipe(.full)
    recipe.frozenUpTo = "layer2"
    expectChanged(["layer3", "layer4", "decoder", "head"], try run(recipe))
  }

  @Test("Gradual unfreezing opens a stage every so many passes, from the head back")
  func gradualUnfreezing() throws {
    var recipe = Self.recipe(.gradualUnfreezing, epochs: 3)
    recipe.unfreezeEvery = 1
    expectChanged(["layer4", "decoder", "head"], try run(recipe))
    recipe.unfreezeEvery = 2
    expectChanged(["decoder", "head"], try run(recipe))
    recipe.unfreezeEvery = nil
    (recipe.epochs, recipe.batch) = (14, 8)
    expectChanged(["stem", "layer1", "layer2", "layer3", "layer4", "decoder", "head"], try run(recipe))
  }

  @Test("Frozen normalisations keep statistics, scale and shift; the filters learn")
  func frozenNormalization() throws {
    var recipe = Self.recipe(.full)
    recipe.freezesNormalization = true
    let result = try run(recipe)
    let norms = ["running_mean", "running_var", "bn1.", "bn2.", "downsample.1.", "conv1.1.", "conv2.1."]
    for path in result.before.keys {
      #expect(result.changed.contains(path) == !norms.contains { path.contains($0) }, "\(path)")
    }
  }

  @Test(
    "Low-rank updates: decoder and head learn in place, the encoder through A and B, and the folder of the adapter is whole",
    arguments: [TrainingStrategy.lora, .adapters])
  func lowRank(strategy: TrainingStrategy) throws {
    var recipe = Self.recipe(strategy, epochs: 2)
    (recipe.rank, recipe.alpha) = (2, 4)
    let result = try run(recipe)
    #expect(
      result.changed.contains("segmentation_head.0.weight") && result.changed.contains("encoder.conv1.weight")
    )
    let untouched = result.before.keys.filter { $0.hasPrefix("encoder.") && $0.contains(/running_|bn/) }
    #expect(!untouched.isEmpty && untouched.allSatisfy { !result.changed.contains($0) })
    let decoder = result.before.keys.filter { $0.hasPrefix("decoder.") }
    #expect(!decoder.isEmpty && decoder.allSatisfy(result.changed.contains))
    let adapter = try #require(result.trained.adapter)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adapter-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try adapter.write(to: folder.path)
    let file = try Safetensors(contentsOf: folder.appendingPathComponent("adapter_model.safetensors").path)
    let head = file.tensors["base_model.model.segmentation_head.0.weight"]
    #expect(
      head?.values == result.trained.model.network.parameters["segmentation_head.0.weight"]?.tensor.values)
    for path in decoder {
      let saved = file.tensors["base_model.model." + path]
      #expect(saved?.values == result.trained.model.network.parameters[path]?.tensor.values, "\(path)")
    }
    // The trained weight is the one at the start and the update.
    let (a, b) = (
      file.tensors["base_model.model.encoder.conv1.lora_A.weight"]!.values,
      file.tensors["base_model.model.encoder.conv1.lora_B.weight"]!.values
    )
    let start = try TinyProblem.model().network.parameters["encoder.conv1.weight"]!.tensor
    let columns = start.shape.count / start.shape[0]
    let expected = start.values.enumerated().map { index, value in
      let (row, column) = (index / columns, index % columns)
      return value + 2 * (b[row * 2] * a[column] + b[row * 2 + 1] * a[columns + column])
    }
    let found = result.trained.model.network.parameters["encoder.conv1.weight"]!.tensor.values
    #expect(scaledDifference(found, expected) < 1e-6 && found != start.values)
  }

  @Test("Low-rank updates of an ensemble are in its weights, and an adapter file of them is not made")
  func lowRankOfEnsemble() throws {
    let model = try Model(ensembleOf: [TinyProblem.model(), TinyProblem.model(seed: 2)])
    let result = try run(Self.recipe(.lora), side: 32, from: model)
    #expect(result.changed.contains("members.1.encoder.conv1.weight"))
    #expect(result.trained.adapter == nil && result.trained.warnings.count == 1)
  }

  @Test("Rates by stage: a stage at rate 0 stays, one at a share moves by that share")
  func stageRates() throws {
    var recipe = Self.recipe(.full)
    recipe.optimizer = .sgd
    (recipe.weightDecay, recipe.warmUp, recipe.schedule) = (0, 0, .constant)
    (recipe.learningRate, recipe.augmentation) = (1e-3, .none)
    func step(_ rates: StageRates) throws -> [String: [Float]] {
      recipe.stageRates = rates
      let start = try TinyProblem.model().network.parameters.snapshot()
      // One chip, one step.
      let model = try run(recipe, side: 32).trained.model
      return Dictionary(
        uniqueKeysWithValues: model.network.parameters.all.map { parameter in
          (parameter.path, zip(parameter.tensor.values, start[parameter.path]!.values).map { $0 - $1 })
        })
    }
    // Gradients are those of a number of threads, to the last bit.
    let (whole, listed, falling) = try computing(threads: 1) {
      (try step(.encoder(1)), try step(.listed([0, 0.5, 1, 1, 1, 1, 1])), try step(.falling(0.5)))
    }
    #expect(listed["encoder.conv1.weight"]!.allSatisfy { $0 == 0 })
    let path = "encoder.layer1.0.conv1.weight"
    #expect(scaledDifference(listed[path]!, whole[path]!.map { $0 / 2 }) < 1e-3)
    // layer1 is five stages from the head.
    #expect(scaledDifference(falling[path]!, whole[path]!.map { $0 / 32 }) < 1e-2)
    #expect(falling["segmentation_head.0.bias"]! == whole["segmentation_head.0.bias"]!)
  }

  /// Against timm; see `Golden/write_layer_decay.py`.
  @Test("Falling rates of a transformer fall from block to block, as timm's do")
  func layerRates() throws {
    let file = Bundle.module.resourceURL!.appendingPathComponent("Golden/layer-decay.json")
    let golden = try JSONDecoder().decode([String: Double].self, from: Data(contentsOf: file))
    let architecture = try #require(Architecture.named("vit_small_patch16_224", scheme: .timm))
    let network = architecture.network(.init(bands: 3, classes: 5, scheme: .timm), seed: nil)
    #expect(Set(network.parameters.all.map(\.path)) == Set(golden.keys))
    for (path, expected) in golden {
      let found = StageRates.falling(0.7).share(of: path, in: network.description)
      #expect(abs(found - expected) < 1e-12, "\(path): \(found)")
    }
  }

  @Test(
    "Falling rates behind a transformer: neck, decoder and head have the whole rate, patches the least",
    arguments: ["prithvi_eo_v2_tiny_tl", "terramind_v1_tiny_s2l2a", "olmoearth_v1_tiny"])
  func layerRatesOfPixels(encoder: String) throws {
    let architecture = try #require(Architecture.named("unet", encoder: encoder))
    let options = NetworkOptions(bands: 12, classes: 2, scheme: architecture.schemes[0])
    let network = architecture.network(options, seed: nil)
    func share(_ path: String) -> Double {
      StageRates.falling(0.5).share(of: path, in: network.description)
    }
    let layers = try #require(network.description.layers)
    #expect(layers.count == 13)
    for parameter in network.parameters.all where parameter.path.hasPrefix("encoder.") {
      let places = layers.indices.filter { layers[$0].contains { parameter.path.hasPrefix($0) } }
      #expect(places.count == 1 && share(parameter.path) == pow(0.5, Double(13 - places[0])))
    }
    #expect(share(network.description.firstConvolution) == pow(0.5, 13))
    for path in ["neck.2.fpn1.0.weight", "decoder.blocks.0.conv1.0.weight", "head.head.2.weight"] {
      #expect(share(path) == 1)
    }
    let ensemble = try Model(
      ensembleOf: [UInt64(1), 2].map { seed in
        var card = TinyProblem.card
        card.encoder = encoder
        return try Model(card: card, seed: seed)
      })
    #expect(
      StageRates.falling(0.5).share(
        of: "members.1." + network.description.firstConvolution, in: ensemble.network.description)
        == pow(0.5, 13))
  }

  @Test("Averaged with the start: half way between the two, statistics too")
  func averagedWithStart() throws {
    let start = try TinyProblem.model()
    start.card.hasTrainedHead = true
    let before = start.network.parameters.snapshot()
    var recipe = Self.recipe(.full)
    let (end, mixed) = try computing(threads: 1) {
      let end = try run(recipe, from: TinyProblem.model()).trained.model
      recipe.trainedShare = 0.5
      return (end, try run(recipe, from: start).trained.model)
    }
    for parameter in end.network.parameters.all {
      let middle = zip(parameter.tensor.values, before[parameter.path]!.values).map { ($0 + $1) / 2 }
      #expect(scaledDifference(mixed.network.parameters[parameter.path]!.tensor.values, middle) < 1e-6)
    }
  }

  @Test("A head that knows nothing is averaged with nothing, unless it is probed first")
  func averagedWithFreshHead() throws {
    var recipe = Self.recipe(.full)
    recipe.trainedShare = 0.5
    let error = #expect(throws: TrainingFailure.startWithoutHead) { try run(recipe) }
    #expect(error?.description.contains("linear-probe-then-full") == true)
    recipe.strategy = .linearProbeThenFull
    #expect(try run(recipe).trained.history.count == 2)
  }

  @Test("Distance from the start costs: the larger the penalty, the nearer the weights stay")
  func startPenalty() throws {
    func distance(_ penalty: Double) throws -> Double {
      let model = try TinyProblem.model()
      let before = model.network.parameters.snapshot()
      var recipe = Self.recipe(.full, epochs: 3)
      recipe.startPenalty = penalty
      _ = try run(recipe, from: model)
      let path = "encoder.layer2.0.conv1.weight"
      return zip(model.network.parameters[path]!.tensor.values, before[path]!.values)
        .reduce(0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
    }
    #expect(try distance(30) < 0.8 * distance(0))
  }

  @Test("A moving average is the model, and not the last weights")
  func movingAverage() throws {
    // Trainings repeat for one number of threads.
    try computing(threads: 1) {
      var recipe = Self.recipe(.full, epochs: 2)
      let last = try run(recipe).trained.model
      recipe.averaging = .exponential(decay: 0)
      let forgetful = try run(recipe).trained.model
      // Without memory the average is the last weights.
      for parameter in last.network.parameters.all {
        let found = forgetful.network.parameters[parameter.path]!.tensor.values
        #expect(scaledDifference(found, parameter.tensor.values) < 1e-6, "\(parameter.path)")
      }
      recipe.averaging = .exponential(decay: 0.9)
      let averaged = try run(recipe).trained.model.bits
      #expect(changedPaths(last.bits, averaged).count == averaged.count)
    }
  }

  @Test("The plain average of the last passes has statistics of its own")
  func plainAverage() throws {
    var recipe = Self.recipe(.full, epochs: 4)
    recipe.schedule = .constant
    recipe.averaging = .uniform(from: 0.5)
    let model = try run(recipe, side: 96).trained.model
    let matrix = ChipScoring.score(
      model, by: Segmentation(classes: model.card.classes.count),
      on: TinyProblem("other").chips(side: 64), batch: 4, kernels: KernelSet.standard
    ).matrix
    #expect(matrix.overallAccuracy > 0.6)
  }

  @Test("Snapshots: an ensemble of the weights at the ends of the cycles")
  func snapshots() throws {
    var recipe = Self.recipe(.full, epochs: 4)
    recipe.averaging = .snapshots(2)
    let model = try run(recipe).trained.model
    #expect(model.card.members == 2)
    let paths = model.network.parameters.all.map(\.path).filter { $0.hasSuffix("segmentation_head.0.bias") }
    #expect(paths.count == 2)
    let values = paths.map { model.network.parameters[$0]!.tensor.values }
    #expect(values[0] != values[1])
  }

  @Test("Noise, mixed chips and rare classes repeat with their seed")
  func regularisation() throws {
    func bits(_ seed: UInt64) throws -> [String: [UInt32]] {
      var recipe = Self.recipe(.full)
      (recipe.dropout, recipe.stochasticDepth, recipe.seed) = (0.2, 0.2, seed)
      (recipe.augmentation.mixup, recipe.rareClassTemperature) = (0.4, 0.1)
      recipe.loss.labelSmoothing = 0.1
      return try run(recipe).trained.model.bits
    }
    try computing(threads: 1) {
      let first = try bits(1)
      #expect(changedPaths(try bits(1), first) == [])
      #expect(changedPaths(try bits(2), first) != [])
    }
  }

  @Test("A recipe that does not fit the network is told in words")
  func problems() {
    let parts = [
      NetworkPart(.encoder, name: "stem", prefixes: []),
      NetworkPart(.encoder, name: "layer1", prefixes: []),
      NetworkPart(.decoder, name: "decoder", prefixes: []), NetworkPart(.head, name: "head", prefixes: []),
    ]
    var recipe = TrainingRecipe()
    #expect(recipe.problems(over: parts).isEmpty)
    (recipe.frozen, recipe.frozenUpTo) = (["layer9"], "decoder")
    #expect(
      recipe.problems(over: parts) == [
        "there is no stage 'layer9'; the network has stem, layer1, decoder, head"
      ])
    recipe.frozen = ["head"]
    #expect(
      recipe.problems(over: parts)
        == ["all stages that 'linear-probe-then-full' trains are frozen: nothing would train"])
    (recipe.strategy, recipe.frozen, recipe.frozenUpTo) = (.linearProbe, ["head"], nil)
    #expect(recipe.problems(over: parts).count == 1)
    recipe = TrainingRecipe()
    recipe.stageRates = .listed([1, 1])
    #expect(
      recipe.problems(over: parts)
        == ["'stage-rates' has 2 numbers for 4 stages: stem, layer1, decoder, head"])
  }

  @Test("A classifier of images has no decoder: what trains behind its encoder is the head")
  func classifierPhases() {
    var recipe = TrainingRecipe()
    (recipe.strategy, recipe.epochs) = (.fixedFeatures, 3)
    let segmentation: [NetworkPart.Role] = [.encoder, .encoder, .decoder, .head]
    for (roles, count) in [(segmentation, 2), ([.encoder, .encoder, .head], 1)] {
      #expect(TrainingPhase.phases(recipe, over: roles).map { $0.openParts(0) } == [count])
    }
    recipe.strategy = .gradualUnfreezing
    recipe.unfreezeEvery = 1
    let phases = TrainingPhase.phases(recipe, over: [.encoder, .encoder, .head])
    #expect((0..<4).map(phases[0].openParts) == [1, 2, 3, 3])
  }

  @Test("From scratch: everything, at one rate, in as many passes")
  func fromScratch() {
    var recipe = Self.recipe(.linearProbeThenFull, epochs: 7)
    (recipe.headEpochs, recipe.frozen, recipe.startPenalty, recipe.trainedShare) = (3, ["stem"], 1, 0.5)
    recipe.stageRates = .falling(0.5)
    let scratch = recipe.fromScratch
    #expect(scratch.strategy == .full && scratch.epochs == 10 && scratch.stageRates == .encoder(1))
    #expect(scratch.frozen.isEmpty && scratch.startPenalty == 0 && scratch.trainedShare == 1)
    #expect(TrainingLoop.steps(scratch, chips: 9) == TrainingLoop.steps(recipe, chips: 9))
  }
}
