import Foundation
import Rasters

/// The scenes that a product is made of, in the order of their dates.
struct ProductScenes: Sendable {
  /// The scenes.
  let scenes: [SceneInput]
  /// SHA-256 of each scene's content: of the file, or over those of a directory; nil where one cannot be
  /// read.
  let contents: [String]?

  /// The scenes behind a task: the one that it is about, or those that it compares.
  init(of task: PlannedTask, in planning: Planning) {
    let subject = task.subject
    if let scene = planning.scenes.first(where: { $0.name == subject }) {
      scenes = [scene]
    } else if let pair = planning.pairs.first(where: {
      PlannedTask.subject(before: $0.before.name, after: $0.after.name) == subject
    }) {
      scenes = [pair.before, pair.after]
    } else {
      scenes = planning.series.first { PlannedTask.subject(seriesFrom: $0[0].name) == subject } ?? []
    }
    let digests = scenes.compactMap(planning.content)
    contents = digests.count == scenes.count ? digests : nil
  }

  /// Each scene as directory and name, which stay the same where a whole tree is moved.
  var places: [String] {
    scenes.map { scene in
      let path = scene.path.standardizedFileURL
      return path.deletingLastPathComponent().lastPathComponent + "/" + path.lastPathComponent
    }
  }

  /// The first and the last day that the scenes show; nil where one of the two is not known.
  func days() -> (first: Day, last: Day)? {
    guard let first = scenes.first.flatMap(Self.day), let last = scenes.last.flatMap(Self.day) else {
      return nil
    }
    return (min(first, last), max(first, last))
  }

  private static func day(of scene: SceneInput) -> Day? {
    guard let found = try? SceneSource(path: scene.path.path) else {
      return Acquisition(name: scene.name)?.day
    }
    return Acquisition(of: SceneSource(name: scene.name, path: found.path, files: found.files))?.day
  }
}
