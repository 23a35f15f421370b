import CPUKernels
import Checkpoints
import Chips
import Foundation
import Layers
import Mapping
import Models
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings
import Synchronization
import Tasks
import Tensors

/// Slides the model over each scene.
///
/// Leaves class indices (``ClassIndex/none`` where the scene is not valid) and their confidence in percent,
/// for later stages.
struct InferenceStage: Stage {
  static let name = "inference"
  static let doc = "slide the model over each scene in bounded memory"
  static let consumes: [ArtifactKind] = [.model]
  static let produces = ArtifactKind.maps
  // 2: leaves `artifact.json`, by which later stages know what its files hold.
  static let revision = 3

  private let recipe: MappingRecipe
  private let driftWarning: Double

  init(_ settings: SettingsReader) {
    recipe = MappingRecipe(settings)
    driftWarning = settings.uncountedDouble(
      "drift-warning", default: 0.5, in: 0...1e6,
      "how far a scene's values may be from what the model has learned from, in deviations of the farthest band, without a "
        + "warning")
  }

  var mapping: MappingRecipe? { recipe }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    recipe.problems(for: file.taskType)
      + (file.comparison != nil && !file.data.namesPairs
        ? ["the network compares two dates: give 'data.pairs', or 'data.pairing: by-date'"] : [])
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    let model = planning.latestJobs(producing: .model)
    let peakMemory = forecast(in: file, after: planning.earlierStages.map(\.stage))
    // A pair's picture has the classes' colours.
    let shared: SharedSettings = file.comparison == nil ? [.bands, .classes] : [.bands, .classes, .colors]
    return MapSubject.all(of: file, among: planning.scenes).map { ground in
      var task = planning.job(
        "map \(ground.name)", subject: ground.name, in: .cache, uses: shared,
        inputs: ground.inputs.merging(Self.kept(in: file)) { own, _ in own }, after: model
      ) { context in try map(ground, file: file, context) }
      task.peakMemory = { try peakMemory(ground.entry) }
      if ground.scenes.allSatisfy({ $0.archive == nil }) {
        task.megapixels = {
          try Double(SceneOpening(file).layout(of: ground.entry).grid.bounds.pixelCount) / 1e6
        }
      }
      return task
    }
  }

  /// Returns what the file's maps keep beside classes and confidence: nothing where nobody asked for it, so
  /// that such maps have the keys that they had before it could be asked for.
  private static func kept(in file: PipelineFile) -> [String: Planning.Input] {
    file.keepsProbabilities ? ["kept": .text("probabilities")] : [:]
  }

  /// Returns the task of the file's maps.
  private static func task(of file: PipelineFile) -> any PredictionTask {
    file.keepsProbabilities ? keeping(file.task) : file.task
  }

  private static func keeping(_ task: some PredictionTask) -> any PredictionTask { task.keepingProbabilities }

  func peakMemory(
    in file: PipelineFile, after earlier: [any Stage]
  ) -> (@Sendable (SceneEntry) throws -> Int)? { forecast(in: file, after: earlier) }

  /// Returns a function that forecasts the bytes that mapping a scene takes with the model of the stages
  /// before, by headers alone.
  ///
  /// The function throws `SlidingInference.Failure.tooLittleMemory`, and what opening the scene throws.
  private func forecast(
    in file: PipelineFile, after earlier: [any Stage]
  ) -> @Sendable (SceneEntry) throws -> Int {
    let memory = MemoryForecast(earlier)
    return { entry in
      let (grid, blocks) = try SceneOpening(file).layout(of: entry)
      func bytes(_ task: some PredictionTask, _ model: Model) throws -> Int {
        try recipe.sliding(over: file, on: grid, for: entry.scene.path).peakMemory(
          of: task, by: recipe.predictor(model, task), on: grid, blocks: blocks)
      }
      return try memory.bytes(on: grid, blocks, file: file) { try bytes(Self.task(of: file), $0) }
    }
  }

  private func map(_ ground: MapSubject, file: PipelineFile, _ context: JobContext) throws -> JobResult {
    func map(_ task: some PredictionTask) throws -> JobResult {
      try self.map(ground, by: task, file: file, context)
    }
    return try map(Self.task(of: file))
  }

  private func map<Task: PredictionTask>(
    _ ground: MapSubject, by task: Task, file: PipelineFile, _ context: JobContext
  ) throws -> JobResult {
    let input = ground.entry
    // Memory that training and scenes of other sizes took does not count against this scene's.
    MemoryPool.shared.trim()
    let arithmetic = recipe.arithmetic
    for precision in Precision.allCases { KernelSet.computing(in: precision)?.releasePrepared() }
    let model = try ModelFiles.read(context)
    let opening = SceneOpening(file, adjustingFor: model.card)
    try ModelFiles.check(model.card, fits: opening, path: context.inputs[0].job)
    let scene = try opening.scene(of: input)
    let grid = scene.grid
    let files = try task.files(
      in: context.directory,
      for: MapDescription(
        // A network that compares maps changes.
        named: file.comparison == nil ? "landcover" : "change", grid: grid, legend: opening.legend,
        window: file.chips.size))
    context.progress.begin(0, unit: "windows")
    let sample = DriftSample(of: grid, bandCount: scene.bandCount)
    let valid = try Self.naming(input) {
      try recipe.sliding(over: file, on: grid, for: input.scene.path).run(
        task, by: recipe.predictor(model, task), grid: grid, blocks: scene.blocks, sample: sample,
        open: { try opening.scene(of: input) }, sink: files.write,
        progress: { done, total in
          if done == 1 { context.progress.begin(total, unit: "windows") }
          context.progress.advance()
        }, isCancelled: { context.isCancelled })
    }
    let map = try files.close()
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(map.grid)
    artifact.layers = map.layers
    var observed: Finding?
    if scene.hasMask, let layer = map.layers.first(where: { $0.content == .classIndices }),
      map.grid.isSame(as: grid)
    {
      let written = try ObservedPixels.write(
        of: context.directory.appendingPathComponent(layer.file),
        to: context.directory.appendingPathComponent("observed.tif"), hidden: scene.hiddenWords)
      artifact.layers.append(written.layer)
      observed = Finding(.observed, .table(written.shares))
    }
    let drift = SceneDrift(of: sample, from: model.card)
    artifact.findings =
      [
        Finding(.modelSHA256, try ModelFiles.digest(context)),
        Finding(.precision, arithmetic.precision.rawValue),
        Finding(.validShare, Double(valid) / Double(grid.width * grid.height)), observed,
      ].compactMap(\.self) + map.findings + (drift?.findings ?? [])
    artifact.notes = scene.notes + arithmetic.warnings + (drift?.warnings(above: driftWarning) ?? [])
    let agreement = SensorAgreement(file)
    // Values that were adjusted for the model say nothing of the numbers in the file.
    artifact.notes +=
      model.card.radiometry.isEmpty
      ? agreement.warnings(about: scene, of: input, quantiles: sample.quantiles)
      : agreement.warnings(about: [input])
    if file.comparison != nil {
      let dates = SceneDates(scene: scene)
      let misregistration = try Misregistration(of: dates)
      artifact.findings += misregistration.findings(resampling: scene.resampling)
      artifact.notes += misregistration.warnings(remedy: "put them on each other before they are compared")
      artifact.layers.append(
        try ChangePicture(titles: ground.scenes.map(\.title)).write(
          of: dates, change: map.layers[0].file, legend: file.indexLegend, bands: file.bands,
          sensor: file.ownSensor, in: context.directory))
    }
    return try context.leave(artifact)
  }

  /// Carries out a slide and names the scene in its failure.
  private static func naming<Result>(_ input: SceneEntry, _ slide: () throws -> Result) throws -> Result {
    do {
      return try slide()
    } catch let failure as SlidingInference.Failure where failure != .cancelled {
      throw InferenceFailure.slide(scene: input.scene.path, failure)
    }
  }
}

/// A forecast of the memory that mapping takes, asked once for each size of scene: the network is then made
/// ready for it, without its weights.
private final class MemoryForecast: Sendable {
  private let network: (any StartingNetwork)?
  /// The stages that learn after it, in order.
  private let learning: [any LearningStage]
  /// The number of networks that training makes of each that is loaded.
  private let networksOfEach: Int
  private let known = Mutex<[Size: Int]>([:])

  private struct Size: Hashable {
    let width, height: Int
    let blocks: StoredBlocks
  }

  /// Creates the forecast for the model of these stages.
  init(_ stages: [any Stage]) {
    network = stages.networks.last
    let start = stages.lastIndex { $0.model?.network != nil } ?? 0
    learning = stages[min(start, stages.count)...].compactMap { $0.model?.learning }
    networksOfEach = stages.reversed().prefix { $0.model?.network == nil }
      .compactMap { $0.model?.learning?.networksOfEach }.reduce(1, *)
  }

  func bytes(
    on grid: Grid, _ blocks: StoredBlocks, file: PipelineFile, _ measure: (Model) throws -> Int
  ) throws -> Int {
    let size = Size(width: grid.width, height: grid.height, blocks: blocks)
    if let bytes = known.withLock({ $0[size] }) { return bytes }
    guard let network else { throw InferenceFailure.noNetwork }
    let blank = try learning.reduce(network.blankModel(file, networksOfEach: networksOfEach)) {
      try $1.blank(after: $0)
    }
    let bytes = try measure(blank)
    known.withLock { $0[size] = bytes }
    return bytes
  }
}
