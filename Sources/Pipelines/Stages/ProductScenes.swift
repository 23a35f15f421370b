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

  /// The item of a product's files that says which contents they were made of. Contents, not paths: the same
  /// input gives the same bytes wherever it lies.
  static let tag = "TERRANE_SCENE_SHA256"

  /// What that item says; nil where a scene cannot be read.
  var tagValue: String? { contents.flatMap { $0.isEmpty ? nil : $0.joined(separator: " ") } }

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
    guard let first = scenes.first?.day, let last = scenes.last?.day else { return nil }
    return (min(first, last), max(first, last))
  }
}

extension SceneInput {
  /// The day that the scene shows, by its name or the metadata of its files, which are opened where the name
  /// does not say it; nil where nothing does.
  var day: Day? {
    guard let found = try? SceneSource(path: path.path) else { return Acquisition(name: name)?.day }
    return Acquisition(of: SceneSource(name: name, path: found.path, files: found.files))?.day
  }
}
