import Settings

/// A stage of a pipeline file, read.
public struct StageDeclaration: Sendable {
  /// The stage's name in the file (`fine-tune`).
  public var name: String
  /// The name, with `#2` behind it where the stage is the second of its name: unique in the file.
  public var label: String
  /// The stage with its settings.
  package var stage: any Stage
  /// The stage's settings in force, without paths.
  public var settings: JSONValue
  /// The place where the file names the stage.
  let origin: Origin
  /// Whether all settings of the stage were right.
  let isSound: Bool
}
