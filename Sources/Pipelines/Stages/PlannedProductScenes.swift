import Foundation
import Products
import Runs
import Scenes

/// Scenes of products as they are planned: their contents are hashed now, their days found when asked for, as
/// files may have to be opened for it.
struct PlannedProductScenes: Sendable {
  package let scenes: [SceneSource]
  /// The delivered scenes that they go back to.
  private let delivered: [SceneSource]
  private let contents: [String]?

  /// Hashes the contents of the scenes of a product; the list is empty where nobody knows its scenes.
  package init(_ scenes: [SceneSource], in planning: Planning) {
    self.scenes = scenes
    var seen: Set<SceneIdentity> = []
    delivered = scenes.flatMap(\.delivered).filter { seen.insert($0.identity).inserted }
    let digests = delivered.compactMap(planning.content)
    contents = digests.count == delivered.count ? digests : nil
  }

  /// Finds the days that the product shows, for which files may have to be opened, and returns them with the
  /// scenes.
  ///
  /// - Parameter shown: the only scene that the product shows; nil where it shows all of them.
  package func read(showing shown: SceneSource? = nil) -> ProductScenes {
    ProductScenes(
      paths: delivered.map { URL(fileURLWithPath: $0.path) }, contents: contents,
      days: [(shown ?? scenes.first)?.days?.first, (shown ?? scenes.last)?.days?.last])
  }

  /// Returns the scenes behind each subject of a job: the one that it is about, or those that it compares.
  package static func bySubject(in planning: Planning) -> [String: [SceneSource]] {
    let series = planning.series.map { (Job.subject(seriesFrom: $0[0].name), $0) }
    let pairs = planning.pairs.map {
      (Job.subject(before: $0.before.name, after: $0.after.name), [$0.before, $0.after])
    }
    let scenes = planning.scenes.map { ($0.name, [$0]) }
    return Dictionary(scenes + pairs + series, uniquingKeysWith: { first, _ in first })
  }
}

extension SceneSource {
  /// The title over the scene's pictures: its name, and the day where the name does not say it.
  package var title: String { MapProduct.title(of: name, day: acquisition?.day) }
}
