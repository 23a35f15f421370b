import Runs
import Scenes

/// The ground of one map: a scene, or where the network compares, a pair of them.
struct MapSubject {
  /// The subject of the map's job.
  let name: String
  /// The scene, or both of a pair, the earlier one first.
  let scenes: [SceneSource]

  /// Returns the grounds that there are to map among these scenes.
  static func all(of file: PipelineFile, among scenes: [SceneSource]) -> [MapSubject] {
    guard file.comparison != nil else { return scenes.map { MapSubject(name: $0.name, scenes: [$0]) } }
    return file.data.pairs.among(scenes).map { before, after in
      MapSubject(
        name: Job.subject(before: before.name, after: after.name), scenes: [before, after])
    }
  }

  /// The scene as it is opened, of two dates both as one.
  var entry: SceneEntry {
    SceneEntry(scenes[scenes.count - 1], before: scenes.count > 1 ? scenes[0] : nil)
  }

  /// The content that the map depends on.
  var inputs: [String: Planning.Input] {
    scenes.count > 1
      ? ["before": .scene(scenes[0]), "after": .scene(scenes[1])] : ["scene": .scene(scenes[0])]
  }

  /// Whether a scene of the ground is not to be read, so that the ground is never mapped.
  var isRefused: Bool { scenes.contains { $0.refusal != nil } }
}
