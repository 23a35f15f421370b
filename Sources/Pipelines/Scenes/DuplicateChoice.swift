import Runs
import Scenes

/// The choice among products of one acquisition.
struct DuplicateChoice {
  private let rule: SceneChoice.Duplicates
  /// The editions of scenes that the file names itself, which are taken whatever else there is.
  private let named: [ProductEdition]
  /// The paths of products of which files are missing that the pipeline needs.
  private let incomplete: Set<String>

  init(_ rule: SceneChoice.Duplicates, named: [SceneSource], incomplete: Set<String>) {
    (self.rule, self.incomplete) = (rule, incomplete)
    self.named = named.compactMap { ProductEdition(of: $0) }
  }

  /// Returns the products that are left out for another edition of theirs.
  ///
  /// - Throws: `SameAcquisition` where the rule refuses them.
  func leftOut(of scenes: [SceneSource]) throws(SameAcquisition) -> [LeftOut] {
    guard rule != .all else { return [] }
    var best = Dictionary(named.map { ($0.acquisition, (edition: $0, path: "")) }) { first, _ in first }
    let fixed = Set(best.keys)
    let editions = scenes.compactMap { scene in
      ProductEdition(of: scene, isComplete: !incomplete.contains(scene.place)).map {
        (edition: $0, path: scene.place)
      }
    }
    for candidate in editions where !fixed.contains(candidate.edition.acquisition) {
      if let other = best[candidate.edition.acquisition] {
        guard rule == .newest else { throw SameAcquisition(paths: [other.path, candidate.path]) }
        if !candidate.edition.isBetter(than: other.edition) { continue }
      }
      best[candidate.edition.acquisition] = candidate
    }
    return editions.compactMap { candidate in
      guard let taken = best[candidate.edition.acquisition], taken.path != candidate.path else { return nil }
      return LeftOut(.duplicate, candidate.path, candidate.edition.words(besides: taken.edition))
    }
  }
}

/// The refusal of a directory with products of one acquisition.
public struct SameAcquisition: ExitCoded, Hashable {
  /// The paths of two of them.
  public let paths: [String]

  /// One sentence.
  public var description: String {
    "\(paths.joined(separator: " and ")) show one acquisition; 'select: {duplicates: newest}' takes the newest"
  }

  /// The exit code: 65.
  public var exitCode: ExitCode { .badData }
}
