import CPUKernels
import Checkpoints
import Chips
import Classes
import Foundation
import Layers
import Models
import Products
import Runs
import Scenes
import Settings
import Tasks
import Transfer

/// Loads pretrained weights into a network that fits the pipeline's bands and classes, or makes a fresh one.
struct PretrainLoadStage: ModelStage, StartingNetwork {
  static let name = "pretrain-load"
  static let doc =
    "load pretrained weights, fitted to the bands at hand; without weights, start a fresh network"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.model
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  // 3: the model's card has format 2.
  static let revision = 3

  private let architecture: String
  private let encoder: String
  private let weights: URL?
  private let card: URL?
  private let published: PublishedCard?
  private let unmatched: BandFitting.Unmatched
  /// The way in which the network compares two dates; nil for one that sees a single date.
  let comparison: DateComparison?

  init(_ settings: SettingsReader) {
    let architecture = settings.word(
      "architecture", of: Architecture.pixelNetworkNames + [Architecture.classifier], default: "unet",
      "the network; classifier is an encoder with its publisher's head, for tasks that have one answer a chip"
    )
    let encoder = settings.word(
      "encoder", of: Architecture.encoderNames, default: "resnet18", "its encoder")
    if Architecture.named(architecture, encoder: encoder) == nil {
      let known = Architecture.encoders(of: architecture)
      settings.problem(
        "encoder", with: "architecture",
        "\(architecture) does not come over \(encoder); over: \(known.joined(separator: ", "))")
    }
    (self.architecture, self.encoder) = (architecture, encoder)
    published = settings.optionalWord(
      "published-card", of: PublishedCard.all.map(\.name), "the card of published weights, by its name"
    ).flatMap(PublishedCard.named)
    weights = settings.optionalPath(
      "weights",
      remedy: published.map { "'terrane weights fetch \($0.name)' prints the command that fetches it" },
      "weights: safetensors, a file of torch.save, ONNX, or the index of several files; a fresh network without it"
    )
    card = settings.optionalPath("card", "the weights' card, where it is not in their metadata")
    unmatched = settings.choice(
      "unmatched-bands", of: BandFitting.Unmatched.self, default: .zero,
      "what bands get that the weights do not know: zeros, or the filters of the known ones tiled and scaled")
    comparison = settings.optionalWord(
      "compares", of: DateComparison.allCases.map(\.rawValue),
      "how the network compares two dates of each entry of data (before, after); it sees one date without it"
    ).flatMap(DateComparison.init)
    for key in ["card", "published-card"] where settings.has(key) && !settings.has("weights") {
      settings.problem(key, "'\(key)' belongs to 'weights'")
    }
    // 2: classes are known by their names, and the card's numbers hold on other sensors.
    if !publishedClasses.isEmpty { settings.count("published-head", as: .int(2)) }
    if settings.has("card") && settings.has("published-card") {
      settings.problem("published-card", "give 'card' or 'published-card', not both")
    }
  }

  var resultName: String { publishedClasses.isEmpty ? "source only" : "as published" }
  var network: (any StartingNetwork)? { self }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = taskProblems(file)
    if file.classes.isEmpty { problems.append("a network learns 'classes'; the file has none") }
    problems += dateProblems(file.data)
    problems += cardProblems(SceneOpening(file).cardScenes)
    if weights == nil && measured(file).isEmpty {
      problems.append(
        "a fresh network takes its normalisation from data.source or data.target; neither is there")
    }
    return problems
  }

  /// Checks that the network has as many answers as its task asks for.
  private func taskProblems(_ file: PipelineFile) -> [String] {
    let isClassifier = architecture == Architecture.classifier
    if isClassifier && !file.taskType.answersWholeWindows {
      let tasks = TaskCatalogue.all.filter { $0.answersWholeWindows }.map { $0.name }
      return ["a classifier has one answer a chip: 'task' is \(tasks.joined(separator: " or ")) for it"]
    }
    if !isClassifier && file.taskType.answersWholeWindows {
      return [
        "\(architecture) answers for each pixel; 'task: \(file.taskName)' needs 'architecture: "
          + "\(Architecture.classifier)'"
      ]
    }
    if isClassifier && comparison != nil { return ["no classifier compares two dates"] }
    if let input = description?.input, input.cutsOddSides, file.chips.size % input.sideMultiple != 0 {
      return [
        "\(architecture) over \(encoder) cuts images to multiples of \(input.sideMultiple) pixels a side: 'chips.size' is \(file.chips.size)"
      ]
    }
    if isClassifier, let smallest = description?.input.smallestSide, file.chips.size < smallest {
      return [
        "\(encoder) computes no image below \(smallest) pixels a side: 'chips.size' is \(file.chips.size)"
      ]
    }
    return []
  }

  /// Checks that a network that compares learns from pairs, another one from scenes.
  private func dateProblems(_ data: PipelineData) -> [String] {
    let entries = data.source + data.target + data.test + data.unlabelled
    let wrong = entries.filter { ($0.before == nil) != (comparison == nil) }.map {
      "'\($0.scene.fileName)'"
    }
    guard !wrong.isEmpty else { return [] }
    let names = wrong.prefix(3).joined(separator: ", ") + (wrong.count > 3 ? ", ..." : "")
    return [
      comparison == nil
        ? "the network sees one date, \(names) come with 'before' and 'after': 'compares' says how to bring them together"
        : "'compares' needs 'before' and 'after'; \(names) have no earlier date"
    ]
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    // The normalisation of a fresh network, or of bands new to the weights, is measured on these scenes.
    var inputs = planning.inputs("measured", measured(file))
    if let weights {
      inputs["weights"] = .path(weights)
      // Where the header cannot be read the job says why.
      let companions = (try? WeightsFile(contentsOf: weights.path))?.companions ?? []
      for (index, path) in companions.enumerated() {
        inputs["weights \(index)"] = .path(URL(fileURLWithPath: path))
      }
    }
    if let card { inputs["card"] = .path(card) }
    if let known = try? weightsCard(), known.sensor != file.sensor {
      // Once names alone counted, and the numbers of another unit: what was made so is made anew.
      let opening = SceneOpening(file)
      let hasFalseNamesakes = opening.bands.contains { band in
        known.bands.contains { BandFitting.isFalseNamesake($0, of: band) }
      }
      if hasFalseNamesakes { inputs["bands"] = .text("by wavelength") }
      let unit = opening.cardScenes.isAsStored ? nil : opening.cardScenes.unit
      if let unit, known.bands.contains(where: { $0.unit != nil && $0.unit != unit }) {
        inputs["unit"] = .text(unit)
      }
    }
    let title = weights.map { "load \($0.lastPathComponent)" } ?? "start a fresh \(encoder)"
    return [
      planning.job(title, subject: "pretrained", in: .models, uses: .training, inputs: inputs) { context in
        try carryOut(context, file: file)
      }
    ]
  }

  private func measured(_ file: PipelineFile) -> [SceneEntry] {
    if weights == nil && !file.data.source.isEmpty { return file.data.source.map(\.withoutLabels) }
    return SceneOpening(file).targetScenes
  }

  /// The network's parts, from the input on.
  var networkParts: [NetworkPart] {
    description?.parts ?? []
  }

  /// The description of the network, as far as it does not depend on bands and classes.
  private var description: NetworkDescription? {
    Architecture.named(architecture, encoder: encoder).map {
      $0.description(NetworkOptions(bands: 1, classes: 2, scheme: $0.schemes[0]))
    }
  }

  /// Whether the network starts fresh.
  var isFresh: Bool { weights == nil }

  /// The classes of the published card where the network is the whole one that it is of.
  var publishedClasses: [PublishedClass] {
    guard let published, comparison == nil, published.decoder == architecture, published.backbone == encoder
    else { return [] }
    return published.classes
  }

  /// Makes the model of the pipeline with zeros for weights: so many networks for each that the weights hold,
  /// as far as those are there.
  func blankModel(_ file: PipelineFile, networksOfEach: Int) throws -> Model {
    let opening = SceneOpening(file)
    var card = wantedCard(file, opening, opening.bandCards(from: []))
    card.members = try networksOfEach * (weightsCard()?.members ?? 1)
    let model = try Model(card: card, seed: nil)
    model.network.parameters.fillWithZeros()
    return model
  }

  private func carryOut(_ context: JobContext, file: PipelineFile) throws -> JobResult {
    let opening = SceneOpening(file)
    let model: Model
    var notes: [String] = []
    if let weights {
      (model, notes) = try pretrainedModel(
        at: weights, file, classes: opening.classes, progress: context.progress.note)
    } else {
      let card = wantedCard(file, opening, try measuredBands(file, opening))
      model = try Model(card: card, seed: file.seed)
    }
    model.card.history.append(LineageStep(Self.name))
    var artifact = Artifact(of: context)
    artifact.layers = try ModelFiles.write(model, in: context)
    artifact.findings = [Finding(.parameters, model.network.parameters.learnedCount)]
    artifact.notes = notes
    return try context.leave(artifact)
  }

  /// Makes the network of the pipeline with the weights of a file, fitted to the bands at hand.
  ///
  /// - Parameter classes: what it tells apart; nil for the classes that the weights know.
  /// - Returns: the model, and what was done, in sentences.
  func pretrainedModel(
    at weights: URL, _ file: PipelineFile, classes: [LandClass]?, progress: (String) -> Void
  ) throws -> (Model, notes: [String]) {
    let opening = SceneOpening(file)
    let pretrained = try pretrainedWeights(at: weights)
    let check = pretrained.check(opening.cardScenes)
    guard check.problems.isEmpty else {
      throw CheckpointError(.card, path: weights.path, check.problems.joined(separator: "; "))
    }
    var wanted = wantedCard(file, opening, opening.bandCards(from: []))
    if let classes {
      wanted.classes = classes
    } else if pretrained.card.hasTrainedHead {
      wanted.classes = pretrained.card.classes
    }
    // Weights that know the bands bring their statistics: no pixel need be read.
    let needsFitting = pretrained.needsFitting(to: wanted)
    if needsFitting { wanted.bands = try measuredBands(file, opening) }
    var (model, notes) = try pretrained.model(for: wanted, unmatched: unmatched, seed: file.seed)
    notes += check.warnings
    if needsFitting { notes.append(try reestimate(model, file, opening, progress)) }
    return (model, notes)
  }

  private var cardSource: PretrainedWeights.CardSource {
    if let published { .published(published) } else if let card { .file(card.path) } else { .metadata }
  }

  /// Reads the weights' card, before any tensor is read; nil where there are no weights, or an earlier
  /// pipeline has yet to make them.
  private func weightsCard() throws(CheckpointError) -> ModelCard? {
    guard let weights, FileManager.default.fileExists(atPath: weights.path),
      let network = Architecture.named(architecture, encoder: encoder)
    else { return nil }
    return try PretrainedWeights.card(
      of: WeightsFile(contentsOf: weights.path), from: cardSource, for: network)
  }

  /// Says what of the card is wrong before any tensor is read; what ails the file is found when it is loaded.
  private func cardProblems(_ scenes: CardCheck.Scenes) -> [String] {
    do throws(CheckpointError) {
      guard let card = try weightsCard() else { return published?.problems(scenes: scenes) ?? [] }
      return CardCheck(card, scenes: scenes).problems
    } catch {
      return error.code == .card ? [error.description] : []
    }
  }

  /// Holds the file of weights against the network; what ails the card is among ``problems(in:after:)``.
  ///
  /// - Throws: `CheckpointError` for a file that is damaged, or holds another network.
  func checkWeights(for file: PipelineFile) throws(CheckpointError) {
    let card: ModelCard?
    do throws(CheckpointError) { card = try weightsCard() } catch {
      if error.code == .card { return }
      throw error
    }
    guard let card, let weights else { return }
    guard (card.architecture, card.encoder) == (architecture, encoder) else {
      throw CheckpointError(
        .card, path: weights.path,
        "these are weights of \(card.architecture) with \(card.encoder), the pipeline wants \(architecture) with "
          + encoder)
    }
    // Members of an ensemble and networks of two dates are terrane's own.
    guard card.comparison == nil, card.members ?? 1 == 1,
      let network = Architecture.named(architecture, encoder: encoder)
    else { return }
    _ = try StartingWeights(
      WeightsFile(contentsOf: weights.path), for: network, comparing: comparison,
      bands: card.wavelengths(of: SceneOpening(file).bands, of: file.sensor))
  }

  private func pretrainedWeights(at weights: URL) throws -> PretrainedWeights {
    let network = Architecture.named(architecture, encoder: encoder)!
    return try PretrainedWeights(path: weights.path, card: cardSource, for: network)
  }

  private func wantedCard(_ file: PipelineFile, _ opening: SceneOpening, _ bands: [ModelCard.Band])
    -> ModelCard
  {
    ModelCard(
      architecture: architecture, encoder: encoder, sensor: file.sensor, bands: bands,
      classes: opening.classes, comparison: comparison, task: file.taskName)
  }

  /// Measures the normalisation that the scenes at hand give; nothing is guessed where they give none.
  private func measuredBands(_ file: PipelineFile, _ opening: SceneOpening) throws -> [ModelCard.Band] {
    let scenes = measured(file)
    guard !scenes.isEmpty else {
      throw NormalizationFailure.nothingToMeasure(bands: file.bands, sensor: file.sensor)
    }
    let regions = try opening.unlabelledRegions(scenes)
    guard !regions.isEmpty else {
      throw NormalizationFailure.noValidChip(scenes: scenes.map(\.scene.fileName))
    }
    return opening.bandCards(from: regions)
  }

  private func reestimate(
    _ model: Model, _ file: PipelineFile, _ opening: SceneOpening, _ progress: (String) -> Void
  ) throws -> String {
    let chips = ChipSet(
      try opening.unlabelledRegions(opening.targetScenes), normalization: Normalization(model.card),
      size: file.chips.size, stride: file.chips.stride, unlabelled: true)
    var warnings: [String] = []
    let count = StatisticsAdaptation()
      .adapt(
        model, to: chips, kernels: KernelSet.standard, progress: progress, warn: { warnings.append($0) })
    return count > 0
      ? (["batch-norm statistics were re-estimated on \(count) unlabelled chips of the target"] + warnings)
        .joined(separator: "; ")
      : "batch-norm statistics do not fit the new bands: give data.unlabelled to re-estimate them"
  }
}
