import Foundation
import Settings

/// A pipeline file that has been read and checked: its content, and the stages that it names.
public struct Pipeline: Sendable {
  /// The content of the file besides its stages.
  public var file: PipelineFile
  /// The stages, in order.
  public let stages: [StageDeclaration]
  /// All settings in force, defaults filled in, without paths.
  let resolved: JSONValue
  /// The files and directories that the file names.
  let namedPaths: [URL]
}
