import Foundation
import Rasters

/// The scenes that a product is made of, in the order of their dates.
struct ProductScenes: Sendable {
  /// The scenes.
  let scenes: [SceneInput]
  /// SHA-256 of each scene's content: of the file, or over those of a directory; nil where one cannot be
  /// read.
  let contents: [String]?

  /// The scenes of a product; none where nobody knows them.
  init(_ scenes: [SceneInput], in planning: Planning) {
    self.scenes = scenes
    let digests = scenes.compactMap(planning.content)
    contents = digests.count == scenes.count ? digests : nil
  }

  /// The scenes behind each subject of a task: the one that it is about, or those that it compares.
  static func bySubject(in planning: Planning) -> [String: [SceneInput]] {
    let series = planning.series.map { (PlannedTask.subject(seriesFrom: $0[0].name), $0) }
    let pairs = planning.pairs.map {
      (PlannedTask.subject(before: $0.before.name, after: $0.after.name), [$0.before, $0.after])
    }
    let scenes = planning.scenes.map { ($0.name, [$0]) }
    return Dictionary(scenes + pairs + series, uniquingKeysWith: { first, _ in first })
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
