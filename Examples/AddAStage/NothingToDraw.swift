import Runs

/// The reason why a job of the stage fails: a type of its own, so that whoever calls it can tell what
/// happened without reading a sentence.
package struct NothingToDraw: ExitCoded, Hashable {
  /// The path of the scene, of which no pixel is valid.
  package let scene: String

  package init(scene: String) { self.scene = scene }

  /// One sentence that names the culprit: the record of a run holds it.
  package var description: String { "\(scene): not one valid pixel" }

  /// The code with which a run ends that has no better result.
  package var exitCode: ExitCode { .badData }
}
