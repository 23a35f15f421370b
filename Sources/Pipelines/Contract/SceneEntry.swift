import Foundation
import Scenes

/// A scene, or two of one ground, and what is known about it.
public struct SceneEntry: Sendable, Hashable {
  /// The scene, of two dates the later one; refused where it was not found.
  public var scene: SceneSource
  /// The earlier of two dates, for a network that compares them.
  public var before: SceneSource?
  /// The names of the pipeline's classes that the whole image shows, in the pipeline's order; nil where
  /// labels are elsewhere.
  public var shownClasses: [String]?
  /// The labels: a raster of class values or a vector file.
  public var labels: URL?
  /// The attribute of a vector file that holds the class value or name.
  public var field: String?
  /// The layer of a vector file, which needs no name where it is the only one.
  public var layer: String?
  /// Whether label values that are no class are left out; otherwise those of a vector file are an error,
  /// those of a raster a warning.
  public var ignoresOtherClasses = false
  /// The day that the scene shows, `2021-06-14`; the one in its name without it.
  public var date: String?
  /// The reading of the scene, where it differs from that of the file's other scenes.
  public var reading: SceneReading?

  /// Creates the entry of a scene that is looked at without its labels.
  init(_ scene: SceneSource, before: SceneSource? = nil, reading: SceneReading? = nil) {
    (self.scene, self.before, self.reading) = (scene, before, reading)
  }

  /// The entry without its labels.
  var withoutLabels: SceneEntry { SceneEntry(scene, before: before, reading: reading) }

  /// The identities that tell the entry apart from other scenes and pairs.
  var identities: [SceneIdentity] { [before, scene].compactMap { $0?.identity } }
}
