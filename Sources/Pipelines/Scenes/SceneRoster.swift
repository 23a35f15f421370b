import Foundation
import Host
import Runs
import Scenes

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
  /// What came of looking for pairs; nil where the file names them.
  public private(set) var pairing: PairingReport?

  /// Gathers the scenes that a pipeline file asks for.
  ///
  /// - Parameters:
  ///   - list: the scenes at a path: those of a directory, or the one that the path is.
  ///   - scene: the one scene that a path is.
  ///   - about: what scenes are paired by.
  ///   - earlier: what earlier runs have seen of scenes dated in the future.
  ///   - classify: turns an error of finding a pair's scene into the failure of that scene.
  /// - Throws: what `list` throws; `TaskFailure`, exit 66, where there is nothing to map although a stage maps. A pair
  ///   whose scene cannot be found gets a refused scene instead.
  public init(
    for file: PipelineFile, listing list: (URL) throws -> [SceneInput],
    finding scene: (URL) throws -> SceneInput,
    about: (SceneInput) -> SceneFacts = { SceneFacts(name: $0.name, grid: nil) },
    knowing earlier: ArrivingScenes = ArrivingScenes(), now: Date = Date(),
    classify: (any Error) -> TaskFailure = TaskFailure.init(classifying:)
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
    var listed = Set(found.map(\.path.scenePath))
    for path in file.data.pairs.flatMap({ [$0.before, $0.after] })
    where listed.insert(path.scenePath).inserted {
      found.append(SceneRoster.scene(at: path, scene, classify))
    }
    // Two scenes of one name would share a directory of products.
    let names = SceneNames.apart(found.map { ($0.name, $0.path.path, $0.isDirectory) })
    for (index, name) in names.enumerated() { found[index].name = name }
    found.sort { $0.name < $1.name }
    // Those that are still arriving count, or tonight's pairs would not be those of tomorrow.
    if let pairing = file.data.pairing {
      let facts = Dictionary(found.map { ($0.name, about($0)) }, uniquingKeysWith: { first, _ in first })
      let known = { (scene: SceneInput) in facts[scene.name] ?? about(scene) }
      switch pairing {
      case .byDate: pairs = PairsByDate(among: found, about: known).pairs
      case .series: series = SeriesByDate(among: found, about: known).series
      }
      self.pairing = PairingReport(among: found, pairs: pairs, series: series, known)
    }
    (ready, arriving) = found.settled(for: file.settle, now: now, knowing: earlier)
  }

  private static func scene(
    at path: URL, _ find: (URL) throws -> SceneInput, _ classify: (any Error) -> TaskFailure
  ) -> SceneInput {
    do { return try find(path) } catch {
      let failure = (error as? TaskFailure) ?? classify(error)
      return SceneInput(
        name: path.deletingPathExtension().lastPathComponent, path: path, files: [path], refusal: failure)
    }
  }
}

extension SceneInput {
  /// Whether the scene is a directory; its files do not tell where it was refused.
  fileprivate var isDirectory: Bool { FileStatus(path.path)?.isDirectory ?? false }
}
