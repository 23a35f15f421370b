import Foundation
import Runs
import Scenes

/// The scenes of a run: those to map, those of pairs, and those that are still arriving.
public struct SceneRoster: Sendable {
  /// The scenes to work on, by name; names are unique.
  public var ready: [SceneSource] = []
  /// Scenes whose files changed within the settle time: left for a later run.
  public var arriving: [SceneSource] = []
  /// The pairs to compare: those of the file, or those found among the scenes.
  public private(set) var pairs: [ScenePair]
  /// The series to compare, each in the order of dates.
  public private(set) var series: [[SceneSource]] = []
  /// The readings of scenes that are products of other sensors than the pipeline's.
  public private(set) var readings: [SceneIdentity: SceneReading] = [:]
  /// What was found in the directory of scenes and what was left out; nil where there is none.
  public private(set) var report: DirectoryReport?
  /// The outcome of looking for pairs; nil where the file names them.
  public private(set) var pairing: PairingReport?
  /// The scenes that stages at the beginning of the pipeline make of those to work on, by what they are made
  /// of.
  private(set) var made: [SceneIdentity: [SceneSource]] = [:]

  /// Gathers the scenes that a pipeline asks for.
  ///
  /// - Parameters:
  ///   - search: finds the scenes of `data.scenes`.
  ///   - about: what scenes are paired by.
  ///   - earlier: what earlier runs have seen of scenes dated in the future.
  /// - Throws: `RasterError` where `data.scenes` is neither a scene nor a directory; `NothingToMap`
  ///   where there is no scene for a stage that maps.
  public init(
    for pipeline: Pipeline, search: SceneSearch = SceneSearch(),
    about: (SceneSource) -> SceneFacts = SceneFacts.init(of:),
    knowing earlier: ArrivingScenes = ArrivingScenes(), now: Date = Date()
  ) throws {
    let file = pipeline.file
    pairs = file.data.pairs
    let stages = pipeline.stages.map { type(of: $0.stage) }
    let seesEach = stages.contains { $0.seesEachScene }
    guard seesEach || stages.contains(where: { $0.produces == .changes }) else { return }
    // Scenes may be made to learn from alone.
    let learnsOnly =
      pipeline.stages.contains { $0.stage.model != nil }
      && !stages.contains { $0.produces == .maps || $0.produces == .changes }
    if learnsOnly && file.data.scenes == nil && file.data.pairs.isEmpty { return }
    var found: [SceneSource] = []
    // Without a map of them, scenes that belong to no pair are of no use.
    if seesEach || file.data.pairing != nil, let directory = file.data.scenes {
      let chosen = try ChosenScenes(at: directory.path, for: file, search)
      (found, readings, report) = (chosen.scenes, chosen.readings, chosen.report)
      if found.isEmpty { throw NothingToMap(directory.path, report) }
    } else if file.data.pairs.isEmpty {
      throw NothingToMap.notNamed
    }
    var listed = Set(found.map(\.identity))
    for scene in file.data.pairs.flatMap({ [$0.before, $0.after] })
    where listed.insert(scene.identity).inserted {
      found.append(scene)
    }
    // Two scenes of one name would share a directory of products.
    found = found.namedApart.sorted { $0.name < $1.name }
    // Scenes that are still arriving count, or tonight's pairs would not be those of tomorrow.
    if let pairing = file.data.pairing {
      let facts = Dictionary(found.map { ($0.name, about($0)) }, uniquingKeysWith: { first, _ in first })
      let known = { (scene: SceneSource) in facts[scene.name] ?? about(scene) }
      switch pairing {
      case .byDate: pairs = PairsByDate(among: found, about: known).pairs
      case .series: series = SeriesByDate(among: found, about: known).series
      }
      self.pairing = PairingReport(among: found, pairs: pairs, series: series, known)
    }
    (ready, arriving) = found.settled(for: file.settle, now: now, knowing: earlier)
    try foretell(pipeline)
  }

  /// Finds out which scenes the stages at the beginning of a pipeline make: what is compared is found among
  /// those.
  private mutating func foretell(_ pipeline: Pipeline) throws {
    var file = pipeline.file
    (file.data.pairs, file.data.series) = (pairs, series)
    guard
      let supply = try SceneSupply(foretelling: file, pipeline.stages, scenes: ready, arriving: arriving)
    else { return }
    for scene in supply.scenes {
      for source in scene.delivered { made[source.identity, default: []].append(scene) }
    }
    guard pairing != nil else { return }
    pairing = PairingReport(
      among: supply.scenes + (ready + arriving).filter { made[$0.identity] == nil },
      pairs: supply.file.data.pairs, series: supply.file.data.series, SceneFacts.init)
  }
}
