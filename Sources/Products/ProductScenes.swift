import Foundation
import Scenes

/// The scenes that a product is made of, in the order of their dates.
package struct ProductScenes: Sendable {
  /// The paths of the scenes.
  private let paths: [URL]
  /// SHA-256 of each scene's content: of the file, or over those of a directory; nil where one cannot be
  /// read.
  package let contents: [String]?
  /// The first and the last day that the scenes show; nil where one of the two is not known.
  package let days: (first: Day, last: Day)?

  /// Creates the scenes of a product; none where nobody knows them.
  ///
  /// - Parameter days: the day of each scene, where it is known.
  package init(paths: [URL], contents: [String]?, days: [Day?]) {
    (self.paths, self.contents) = (paths, contents)
    if let first = days.first ?? nil, let last = days.last ?? nil {
      self.days = (min(first, last), max(first, last))
    } else {
      self.days = nil
    }
  }

  /// The item of a product's files that says which contents they were made of. Contents, not paths: the same
  /// input gives the same bytes wherever it lies.
  package static let tag = "TERRANE_SCENE_SHA256"

  /// The value of that item; nil where a scene cannot be read.
  package var tagValue: String? { contents.flatMap { $0.isEmpty ? nil : $0.joined(separator: " ") } }

  /// Each scene as directory and name, which stay the same where a whole tree is moved.
  package var places: [String] {
    paths.map { path in
      let path = path.standardizedFileURL
      return path.deletingLastPathComponent().lastPathComponent + "/" + path.lastPathComponent
    }
  }
}
