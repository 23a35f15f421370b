import Runs
import Settings

/// A step of a pipeline: settings in, files out, and a key over everything that can change the files' bytes.
///
/// A stage is a value. It reads its settings once, then says which jobs it has for the plan at hand; the
/// work itself is the jobs' actions. A new stage is a new type in the registry, and nothing else changes:
/// what stages want to know of each other they ask by these requirements, never by their types.
package protocol Stage: Sendable {
  /// The stage's key in a pipeline file (`fine-tune`).
  static var name: String { get }
  /// A line on what the stage does, for `terrane schema` and starter files.
  static var doc: String { get }
  /// The kinds of artifact of which an earlier stage must have produced one; empty for a stage that can begin
  /// a chain.
  static var consumes: [ArtifactKind] { get }
  /// The kind of artifact that the stage hands on.
  static var produces: ArtifactKind { get }
  /// Whether it has a job for each scene of `data.scenes`, which are looked for then.
  static var seesEachScene: Bool { get }
  /// The number of the way in which the stage computes, part of every key. It grows by one where the same
  /// settings and inputs give other bytes than before, so that what the older way made is made anew.
  static var revision: Int { get }

  /// Reads the settings. Wrong ones are recorded by the reader, which then returns defaults.
  init(_ settings: SettingsReader)

  /// Reads the settings of a stage behind others, on which defaults may depend.
  init(_ settings: SettingsReader, behind chain: ChainBefore)

  /// Says what of `file` makes this stage impossible (data that are not there, too many classes), without
  /// reading a pixel; one phrase each, shown with the stage's line.
  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String]

  /// Returns the jobs of this stage, made with ``Planning/job(_:subject:in:uses:inputs:after:action:)``.
  ///
  /// An unreadable input belongs to its job, which then fails without being run.
  func jobs(in planning: Planning) throws -> [Job]

  /// The stage as a link of the chain of models; nil where it hands on no model of that chain.
  var model: (any ModelStage)? { get }
  /// The stage as one that makes scenes; nil where it makes none.
  var making: (any SceneMakingStage)? { get }
  /// The recipe by which the stage maps scenes; nil where it maps none.
  var mapping: MappingRecipe? { get }
  /// Whether the stage wants maps with the probabilities of all classes.
  var wantsProbabilities: Bool { get }
  /// Whether the stage's jobs train networks, which may take hours.
  var trains: Bool { get }
  /// Whether the stage may hand on another model than that of the chain.
  var mayReplaceModel: Bool { get }

  /// Forecasts the bytes that a job of the stage takes at its peak for a scene, by headers alone; nil where
  /// the stage cannot say.
  func peakMemory(
    in file: PipelineFile, after earlier: [any Stage]
  ) -> (@Sendable (SceneEntry) throws -> Int)?
}

extension Stage {
  /// Reads the settings, whose defaults depend on nothing before the stage unless it says otherwise.
  package init(_ settings: SettingsReader, behind chain: ChainBefore) { self.init(settings) }

  /// Returns true where maps, or other scenes, are made of them.
  package static var seesEachScene: Bool { produces == .maps || produces == .scenes }

  /// One: a stage computes in its first way unless it says otherwise.
  package static var revision: Int { 1 }

  /// Finds no problem, unless a stage says otherwise.
  package func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] { [] }

  /// Nil: a stage hands on no model unless it says otherwise.
  package var model: (any ModelStage)? { nil }
  /// Nil: a stage makes no scenes unless it says otherwise.
  package var making: (any SceneMakingStage)? { nil }
  /// Nil: a stage maps nothing unless it says otherwise.
  package var mapping: MappingRecipe? { nil }
  /// False: a stage does with classes and their confidence unless it says otherwise.
  package var wantsProbabilities: Bool { false }
  /// Whether the stage changes a model: then it trains.
  package var trains: Bool { model?.learning != nil }
  /// False: a stage leaves the chain its model unless it says otherwise.
  package var mayReplaceModel: Bool { false }

  /// Forecasts nothing, unless a stage says otherwise.
  package func peakMemory(
    in file: PipelineFile, after earlier: [any Stage]
  ) -> (@Sendable (SceneEntry) throws -> Int)? { nil }
}

/// The stages that a pipeline file can name.
public struct StageRegistry: Sendable {
  /// The stages, in the order in which a schema lists them; names are unique.
  package let types: [any Stage.Type]

  /// Creates a registry of these stages.
  ///
  /// - Precondition: no two have one name.
  package init(_ types: [any Stage.Type]) {
    precondition(Set(types.map { $0.name }).count == types.count, "two stages have one name")
    self.types = types
  }

  /// Returns the stage called `name`, nil where there is none.
  package subscript(name: String) -> (any Stage.Type)? {
    types.first { $0.name == name }
  }

  /// Returns the names of the stages that produce one of `kinds`, for "put inference before it".
  func producers(of kinds: [ArtifactKind]) -> [String] {
    types.filter { kinds.contains($0.produces) }.map { $0.name }
  }
}
