import Foundation
import Scenes
import Settings

/// The scenes to learn from and to map.
public struct PipelineData: Sendable, Hashable {
  /// Labelled scenes of elsewhere, or of another sensor or season.
  public internal(set) var source: [SceneEntry]
  /// Scenes of the place to map, with the few labels there are.
  public internal(set) var target: [SceneEntry]
  /// Scenes with labels that nothing is trained on.
  public internal(set) var test: [SceneEntry]
  /// Scenes without labels, to adapt to.
  public internal(set) var unlabelled: [SceneEntry]
  /// The reading of each scene of these lists, for each time that it is listed.
  var readings: [SceneIdentity: [SceneReading?]]
  /// The scenes to map: a directory of scenes, or one scene.
  public var scenes: URL?
  /// Pairs of dates to compare.
  public var pairs: [ScenePair]
  /// The way in which pairs are found among ``scenes`` where the file names none.
  public var pairing: Pairing?
  /// Dates of one ground each, in their order, as ``Pairing/series`` finds them.
  public var series: [[SceneSource]] = []
  /// The choice among ``scenes``.
  let select: SceneChoice
  /// The readings of those of ``scenes`` that are products of other sensors than the pipeline's.
  public var chosenReadings: [SceneIdentity: SceneReading] = [:]
  /// The places in the file of the parts of the entries of its lists (`source`, `pairs`), and of the path of
  /// `scenes`.
  var places: [String: [[String: Origin]]] = [:]

  /// A way to find pairs.
  public enum Pairing: String, CaseIterable, Sendable {
    /// Each scene is compared with the one before it that shows the same ground, by their dates.
    case byDate = "by-date"
    /// All scenes that show the same ground are compared together, in the order of their dates.
    case series
  }

  /// Whether there is anything to compare.
  var namesPairs: Bool { !pairs.isEmpty || pairing == .byDate }

  /// Returns the reading of a scene, where it differs from that of the file's other scenes: that of its entry,
  /// of the entry that names the directory in which it lies, or of the product of another sensor that it is.
  func reading(of scene: SceneSource) -> SceneReading? {
    guard let listed = readings[scene.identity] ?? readings[scene.identity.directory] else {
      return chosenReadings[scene.identity]
    }
    return listed.first ?? nil
  }
}
