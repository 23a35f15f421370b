import Runs
import Scenes

extension SceneRoster {
  /// The scenes as the record of a run tells of them, those that are still arriving last.
  public var recorded: [RecordedScene] {
    let comparisons = comparisons
    return ready.map { scene in
      RecordedScene(
        name: scene.name, path: scene.path,
        comparisons: comparisons[scene.identity, default: []]
          + made[scene.identity, default: []].map(\.name),
        unusedReason: unusedReason(scene))
    }
      + arriving.map {
        RecordedScene(name: $0.name, path: $0.path, waitingReason: $0.reasonToWait())
      }
  }

  /// Says why a scene that pairs were looked for among is in none; nil where none were looked for.
  private func unusedReason(_ scene: SceneSource) -> String? {
    guard let pairing else { return nil }
    if pairing.undated.contains(scene.name) {
      return "neither its name (\(Acquisition.forms)) nor its metadata holds a date"
    }
    return pairing.unplaced.contains(scene.name)
      ? "it has control points, RPCs or geolocation arrays in the place of a position"
      : "no earlier scene shows its ground"
  }

  /// The subjects of each scene's comparisons with others.
  private var comparisons: [SceneIdentity: [String]] {
    let scenes = ready.byIdentity
    let name = { (scene: SceneSource) in scenes[scene.identity]?.name }
    var (asLater, asEarlier): ([SceneIdentity: [String]], [SceneIdentity: [String]]) = ([:], [:])
    for series in series {
      guard let first = series.first.flatMap(name) else { continue }
      for scene in series { asLater[scene.identity] = [Job.subject(seriesFrom: first)] }
    }
    for (before, after) in pairs.among(ready) {
      let subject = Job.subject(before: before.name, after: after.name)
      asLater[after.identity, default: []].append(subject)
      asEarlier[before.identity, default: []].append(subject)
    }
    // A scene's comparison with an earlier one says more of it than that with a later one, which may be bad.
    return asLater.merging(asEarlier) { later, _ in later }
  }
}
