import Rasters

/// The scenes that a scene is made of, and what is known of it before its file is there.
public struct SceneOrigin: Sendable {
  /// The scenes that it is made of, in the order of their days where that counts.
  public let sources: [SceneSource]
  /// The day that stands for it; nil where none is known.
  public let day: Day?
  /// The pixels of its file; nil where only making it tells.
  public let grid: Grid?

  /// Creates the origin of a scene.
  public init(of sources: [SceneSource], day: Day?, grid: Grid?) {
    (self.sources, self.day, self.grid) = (sources, day, grid)
  }

  /// The item of a file that names the unit of its numbers, which are physical values as they are stored: no
  /// sensor's scale is applied to them again.
  package static let unitItem = "TERRANE_UNIT"
}

extension SceneSource {
  /// The delivered scenes that the scene goes back to, each once: itself where nothing has made it.
  package var delivered: [SceneSource] {
    guard let origin else { return [self] }
    var seen: Set<SceneIdentity> = []
    return origin.sources.flatMap(\.delivered).filter { seen.insert($0.identity).inserted }
  }

  /// The first and the last day that the delivered scenes behind it show; nil where one of them is not known.
  package var days: (first: Day, last: Day)? {
    let found = delivered.map { $0.acquisition?.day }
    let days = found.compactMap(\.self)
    guard days.count == found.count, let first = days.min(), let last = days.max() else { return nil }
    return (first, last)
  }
}
