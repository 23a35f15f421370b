import Runs
import Settings

/// A step of a pipeline: settings in, files out, and a key over everything that can change the files' bytes.
///
/// A stage is a value. It reads its settings once, then says which tasks it has for the plan at hand; the work itself
/// is the tasks' actions. A new stage is a new type in the registry, and nothing else changes.
public protocol Stage: Sendable {
  /// The stage's key in a pipeline file (`fine-tune`).
  static var name: String { get }
  /// One line on what the stage does, for `terrane schema` and starter files.
  static var doc: String { get }
  /// What an earlier stage must have produced, any one of these; empty for a stage that can begin a chain.
  static var consumes: [ArtifactKind] { get }
  /// What the stage hands on.
  static var produces: ArtifactKind { get }
  /// Which way of computing this is; part of every key. It grows by one where the same settings and inputs
  /// give other bytes than before, so that what the older way made is made anew.
  static var revision: Int { get }

  /// Reads the settings. Wrong ones are recorded by the reader, which then returns defaults.
  init(_ settings: SettingsReader)

  /// What of `file` makes this stage impossible (data that are not there, too many classes), said without reading a pixel;
  /// one phrase each, shown with the stage's line.
  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String]

  /// The tasks of this stage, made with ``Planning/task(_:subject:in:uses:inputs:after:action:)``.
  ///
  /// An unreadable input belongs to its task, which then fails without being run.
  func tasks(in planning: Planning) throws -> [PlannedTask]
}

extension Stage {
  /// The first.
  public static var revision: Int { 1 }

  /// None.
  public func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] { [] }
}

/// The stages that a pipeline file can name.
public struct StageRegistry: Sendable {
  /// The stages, in the order in which a schema lists them; names are unique.
  public let types: [any Stage.Type]

  /// A registry of these stages.
  ///
  /// - Precondition: no two have one name.
  public init(_ types: [any Stage.Type]) {
    precondition(Set(types.map { $0.name }).count == types.count, "two stages have one name")
    self.types = types
  }

  /// The stage called `name`, nil where there is none.
  public subscript(name: String) -> (any Stage.Type)? {
    types.first { $0.name == name }
  }

  /// The names of the stages that produce one of `kinds`, for "put inference before it".
  func producers(of kinds: [ArtifactKind]) -> [String] {
    types.filter { kinds.contains($0.produces) }.map { $0.name }
  }
}
