import Foundation
import Rasters
import Runs
import Scenes

/// The scenes that stages read: those that the file names, until stages at the beginning of the pipeline make
/// others of them.
package struct SceneSupply: Sendable {
  /// The file, in whose entries, pairs and series made scenes stand in the place of those that it names.
  package private(set) var file: PipelineFile
  /// The scenes to map, those of pairs included, by name.
  package private(set) var scenes: [SceneSource]
  /// The scenes of the file's entries, each once; none where no stage learns from them.
  package private(set) var learned: [SceneSource]
  /// Scenes that are left for a later run: they count where pairs are looked for.
  private let arriving: [SceneSource]
  /// The jobs that make scenes, by the scene.
  private(set) var makers: [SceneIdentity: Job] = [:]
  /// The scenes of entries as the file names them, by those that are made in their place.
  private var written: [SceneIdentity: SceneIdentity] = [:]

  /// Creates the supply of a pipeline whose scenes nothing has made yet.
  ///
  /// - Parameters:
  ///   - readsEntries: whether a stage reads the scenes of the file's entries.
  ///   - arriving: scenes that are left for a later run.
  package init(
    of file: PipelineFile, readsEntries: Bool, scenes: [SceneSource], arriving: [SceneSource] = []
  ) {
    (self.file, self.scenes, self.arriving) = (file, scenes, arriving)
    learned = readsEntries ? file.data.entryScenes : []
  }

  /// The supply without the scenes of entries, for a stage whose scenes no other one reads.
  var withoutEntries: SceneSupply {
    var supply = self
    supply.learned = []
    return supply
  }

  /// The series to compare whose scenes are all there tonight, each in the order of dates; pairs are series
  /// of two.
  package var series: [[SceneSource]] {
    guard file.data.pairing == .series else {
      return file.data.pairs.among(scenes).map { [$0.before, $0.after] }
    }
    let scene = scenes.byIdentity
    return file.data.series.compactMap { series in
      let found = series.compactMap { scene[$0.identity] }
      return found.count == series.count ? found : nil
    }
  }

  /// Each scene to map and of entries once, with a name that no two have and the places that it has there,
  /// for stages that make one of each.
  package var eachScene:
    [(scene: SceneSource, name: String, mapped: [SceneIdentity], learned: [SceneIdentity])]
  {
    let (toMap, entries) = (scenes.byIdentity, learned.byIdentity)
    let others = learned.filter { toMap[$0.identity] == nil }
    return scenes.map { ($0, $0.name, [$0.identity], entries[$0.identity] == nil ? [] : [$0.identity]) }
      + others.named(besides: scenes.map(\.name)).map { ($0, $0.name, [], [$0.identity]) }
  }

  /// Returns the identity by which the file names the scene of an entry.
  func written(_ scene: SceneIdentity) -> SceneIdentity { written[scene] ?? scene }

  /// Puts made scenes in the place of those that they are made of.
  ///
  /// - Parameters:
  ///   - sceneFile: the name of a scene's file among those of its job.
  ///   - stage: the name of the stage that makes them.
  ///   - maker: the job of each scene; nil where nothing is planned yet, and files are taken to be products.
  package mutating func replace(
    with made: [SceneToMake], in sceneFile: String, by stage: String,
    maker: (SceneToMake) -> Job? = { _ in nil }
  ) {
    var (mapped, entries): ([SceneIdentity: SceneSource], [SceneIdentity: SceneSource]) = ([:], [:])
    var names: [SceneIdentity: SceneIdentity] = [:]
    scenes = []
    for toMake in made {
      let job = maker(toMake)
      let directory = job?.directory ?? Placement.products.directory(subject: toMake.name, key: "")
      let path = file.output.appendingPathComponent("\(directory)/\(sceneFile)").path
      let scene = SceneSource(name: toMake.name, path: path, files: [path], origin: toMake.origin)
      makers[scene.identity] = job
      for identity in toMake.mapped { mapped[identity] = scene }
      for identity in toMake.learned {
        entries[identity] = scene
        names[scene.identity] = written(identity)
      }
      if !toMake.mapped.isEmpty { scenes.append(scene) }
    }
    scenes.sort { $0.name < $1.name }
    if !learned.isEmpty {
      written = names
      file.data.replaceEntryScenes { entries[$0.identity] ?? Self.unmade($0, by: stage) }
      learned = file.data.entryScenes
    }
    pair { mapped[$0.identity] ?? Self.unmade($0, by: stage) }
  }

  /// Compares made scenes: those of the file's pairs, or those that are found by dates.
  private mutating func pair(_ made: (SceneSource) -> SceneSource) {
    switch file.data.pairing {
    case .byDate: file.data.pairs = PairsByDate(among: scenes + arriving, about: SceneFacts.init).pairs
    case .series: file.data.series = SeriesByDate(among: scenes + arriving, about: SceneFacts.init).series
    case nil:
      file.data.pairs = file.data.pairs.map { pair in
        let (before, after) = (made(pair.before), made(pair.after))
        return ScenePair(before: before, after: after)
      }
    }
  }

  /// Returns a scene that a stage makes nothing of, to be read by nobody.
  private static func unmade(_ scene: SceneSource, by stage: String) -> SceneSource {
    SceneSource(
      name: scene.name, path: scene.path, files: [],
      refusal: scene.refusal
        ?? RasterError(
          .unsupported, "read what \(stage) makes of it", path: scene.path, cause: "it makes nothing of it"))
  }
}

extension PipelineData {
  /// The scenes of the entries of the lists, each once.
  fileprivate var entryScenes: [SceneSource] {
    var seen: Set<SceneIdentity> = []
    return (source + target + test + unlabelled).flatMap { [$0.before, $0.scene].compactMap(\.self) }
      .filter { seen.insert($0.identity).inserted }
  }

  /// Puts others in the place of the scenes of the entries; they hold the pipeline's own bands, whatever the
  /// entries say of theirs.
  fileprivate mutating func replaceEntryScenes(_ other: (SceneSource) -> SceneSource) {
    func replaced(_ entry: SceneEntry) -> SceneEntry {
      var entry = entry
      (entry.scene, entry.before, entry.reading) = (other(entry.scene), entry.before.map(other), nil)
      return entry
    }
    (source, target) = (source.map(replaced), target.map(replaced))
    (test, unlabelled) = (test.map(replaced), unlabelled.map(replaced))
    readings = [:]
  }
}

extension [SceneSource] {
  /// The scenes under names that neither two of them share nor one of `others` has: those of entries get the
  /// names of their directories before their own.
  package func named(besides others: [String]) -> [SceneSource] {
    var taken = Set(others.map { $0.lowercased() })
    return namedApart.map { scene in
      var name = scene.name
      if taken.contains(name.lowercased()) {
        let parent = URL(fileURLWithPath: scene.path).standardizedFileURL.deletingLastPathComponent()
        name = "\(parent.lastPathComponent)-\(name)"
      }
      let free = ([name] + (2...).lazy.prefix(count + others.count).map { "\(name)-\($0)" })
        .first { !taken.contains($0.lowercased()) }
      taken.insert((free ?? name).lowercased())
      return scene.named(free ?? name)
    }
  }
}
