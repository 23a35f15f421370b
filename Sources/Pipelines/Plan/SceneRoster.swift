import Foundation
import Rasters

/// The scenes of a run: those to map, those of pairs, and those that are still arriving.
public struct SceneRoster: Sendable {
  /// The scenes to work on, by name; names are unique.
  public var ready: [SceneInput] = []
  /// Scenes whose files changed within the settle time: left for a later run.
  public var arriving: [SceneInput] = []
  /// The pairs to compare: those of the file, or those found among the scenes.
  public private(set) var pairs: [ScenePair]
  /// The series to compare, each in the order of dates.
  public private(set) var series: [[URL]] = []

  /// Gathers the scenes that a pipeline file asks for.
  ///
  /// - Parameters:
  ///   - list: the scenes at a path: those of a directory, or the one that the path is.
  ///   - scene: the one scene that a path is.
  ///   - about: what scenes are paired by.
  /// - Throws: what `list` throws; `TaskFailure`, exit 66, where there is nothing to map although a stage maps. A pair
  ///   whose scene cannot be found gets a refused scene instead.
  public init(
    for file: PipelineFile, listing list: (URL) throws -> [SceneInput],
    finding scene: (URL) throws -> SceneInput,
    about: (SceneInput) -> SceneFacts = { SceneFacts(name: $0.name, grid: nil) },
    now: Date = Date()
  ) throws {
    func produces(_ kind: ArtifactKind) -> Bool {
      file.stages.contains { type(of: $0.stage).produces == kind }
    }
    let maps = produces(.maps)
    pairs = file.data.pairs
    let scenes = produces(.scenes)
    guard maps || scenes || produces(.changes) else { return }
    var found: [SceneInput] = []
    // Without a map of them, scenes that belong to no pair are of no use.
    if maps || scenes || file.data.pairing != nil, let directory = file.data.scenes {
      found = try list(directory)
      if found.isEmpty { throw TaskFailure("\(directory.path): no scene in it", exitCode: .noInput) }
    } else if file.data.pairs.isEmpty {
      throw TaskFailure("nothing to map: give --scenes, or data.scenes in the file", exitCode: .noInput)
    }
    for path in file.data.pairs.flatMap({ [$0.before, $0.after] })
    where !found.contains(where: { $0.path.standardizedFileURL.path == path.standardizedFileURL.path }) {
      found.append(SceneRoster.scene(at: path, scene, apartFrom: found))
    }
    found.sort { $0.name < $1.name }
    // Those that are still arriving count, or tonight's pairs would not be those of tomorrow.
    switch file.data.pairing {
    case .byDate: pairs = PairsByDate(among: found, about: about).pairs
    case .series: series = SeriesByDate(among: found, about: about).series
    case nil: break
    }
    (ready, arriving) = found.settled(for: file.settle, now: now)
  }

  private static func scene(
    at path: URL, _ find: (URL) throws -> SceneInput, apartFrom others: [SceneInput]
  ) -> SceneInput {
    var found: SceneInput
    do { found = try find(path) } catch {
      let failure = (error as? TaskFailure) ?? TaskFailure("\(error)", exitCode: .badData)
      found = SceneInput(
        name: path.deletingPathExtension().lastPathComponent, path: path, files: [path], refusal: failure)
    }
    // Two scenes of one name would share a directory of products; the number follows the order of the file.
    let name = found.name
    var number = 2
    while others.contains(where: { $0.name.lowercased() == found.name.lowercased() }) {
      found.name = "\(name)-\(number)"
      number += 1
    }
    return found
  }
}
