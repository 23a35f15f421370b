import Composites
import Foundation
import Rasters
import Runs
import Scenes
import Settings

/// Makes one scene of several dates: cloudless where one of them was.
struct CompositeStage: SceneMakingStage {
  static let name = "composite"
  static let doc = "put the dates of a ground and a period together to one scene, pixel by pixel"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.scenes
  static let sceneFile = Composition.sceneFile
  // 2: items link to the collection of the products.
  static let revision = 2

  private let settings: CompositeSettings

  init(_ settings: SettingsReader) { self.settings = CompositeSettings(settings) }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems = settings.problems(bands: file.bands, of: file.ownSensor, resolution: file.resolution)
    if let reader = earlier.first(where: { $0.stage.making == nil }) {
      problems.append("stands behind \(reader.label), which reads scenes: put it before it")
    }
    if earlier.contains(where: { type(of: $0.stage).name == Self.name }) {
      problems.append("its products would take the place of those of the composite before it")
    }
    return problems
  }

  func scenesToMake(of supply: SceneSupply) throws -> [SceneToMake] {
    let file = supply.file
    let fixed = try settings.fixedGrid()
    var made: [SceneToMake] = []
    var candidates: [CompositeCandidate] = []
    for scene in supply.scenes {
      do {
        candidates.append(try candidate(scene, of: file))
      } catch {
        // It costs itself, and is in no composite.
        made.append(SceneToMake(scene.name, Self.failure(of: [scene], error), mapped: [scene.identity]))
      }
    }
    for group in settings.grouping.groups(of: candidates, in: settings.period) {
      made.append(
        SceneToMake(group.name, origin(of: group, fixed), mapped: group.members.map(\.scene.identity)))
    }
    for entry in supply.learned.named(besides: made.map(\.name)) {
      let origin: SceneOrigin
      do {
        let members = try Self.scenes(of: entry, in: file)
        if members.count == 1, members[0].refusal == nil, members[0].acquisition == nil {
          // Of a single scene nobody needs to know the day.
          let own = try Self.grid(of: members[0], file)
          origin = SceneOrigin(of: members, day: nil, grid: try fixed ?? settings.grid(of: [own]))
        } else {
          let dated = try members.map { try candidate($0, of: file) }
          origin = self.origin(of: CompositeGroup(entry.name, of: dated), fixed)
        }
      } catch {
        origin = Self.failure(of: [entry], error)
      }
      made.append(SceneToMake(entry.name, origin, learned: [entry.identity]))
    }
    return made
  }

  /// Finds the day and the grid of a scene.
  private func candidate(_ scene: SceneSource, of file: PipelineFile) throws -> CompositeCandidate {
    if let refusal = scene.refusal { throw refusal }
    guard let day = scene.acquisition?.day else {
      throw RasterError(
        .unsupported, "put the scene among dates", path: scene.path,
        cause: "neither its name (\(Acquisition.forms)) nor its metadata holds a day")
    }
    return CompositeCandidate(scene, on: try Self.grid(of: scene, file), day: day)
  }

  /// Returns the grid on which a scene is read.
  private static func grid(of scene: SceneSource, _ file: PipelineFile) throws -> Grid {
    try SceneOpening(file).layout(of: SceneEntry(scene)).grid
  }

  /// Returns the scenes of an entry: those of the directory that it names, or the one that it is.
  private static func scenes(of entry: SceneSource, in file: PipelineFile) throws -> [SceneSource] {
    var isDirectory: ObjCBool = false
    guard entry.origin == nil, FileManager.default.fileExists(atPath: entry.path, isDirectory: &isDirectory),
      isDirectory.boolValue, !file.isOneScene(entry)
    else { return [entry] }
    let found = try SceneSearch().scenes(in: entry.path).filter { !$0.isMask(by: file.masking) }
    let duplicates = DuplicateChoice(file.data.select.duplicates, named: [], incomplete: [])
    let repeated = Set(try duplicates.leftOut(of: found).map(\.path))
    let scenes = found.filter { !repeated.contains($0.place) }
    return scenes.isEmpty ? [entry] : scenes
  }

  private func origin(of group: CompositeGroup, _ fixed: Grid?) -> SceneOrigin {
    let scenes = group.members.map(\.scene)
    do {
      let grid = try fixed ?? settings.grid(of: group.members.map(\.grid))
      return SceneOrigin(of: scenes, day: group.period.middle, grid: grid)
    } catch {
      return Self.failure(of: scenes, error)
    }
  }

  /// Returns the origin of a composite that cannot be made: its job fails with the reason.
  private static func failure(of scenes: [SceneSource], _ error: any Error) -> SceneOrigin {
    let refusal =
      error as? RasterError
      ?? RasterError(.inputOutput, "look at the scene", path: scenes[0].path, cause: "\(error)")
    return SceneOrigin(
      of: scenes.map { scene in
        SceneSource(
          name: scene.name, path: scene.path, files: scene.files, refusal: scene.refusal ?? refusal)
      }, day: nil, grid: nil)
  }

  func job(making scene: SceneToMake, in planning: Planning) -> Job {
    let (file, origin) = (planning.file, scene.origin)
    let sources = PlannedProductScenes(origin.sources, in: planning)
    var inputs = Dictionary(
      uniqueKeysWithValues: origin.sources.enumerated().map {
        ("scene \($0.offset)", Planning.Input.scene($0.element))
      })
    // Names and days are no part of the content, nor is the grid of another file.
    let days = origin.sources.map { $0.acquisition?.day }
    let said = (days + [origin.day]).map { $0?.description ?? "-" }
    inputs["days"] = .text(said.joined(separator: " "))
    if let grid = origin.grid {
      inputs["grid"] = .text(
        "\(grid.width) \(grid.height) \(grid.transform?.description ?? "") \(grid.crs?.wkt ?? "")")
    }
    let memory = planning.mapping.memory
    let (settings, opening) = (settings, SceneOpening(file))
    return planning.job(
      "composite \(scene.name)", subject: scene.name, in: settings.keep ? .products : .cache,
      uses: [.bands, .name],
      inputs: inputs
    ) { context in
      try Composition(
        settings, of: Array(zip(sources.scenes, days)).map { (scene: $0, day: $1) }, standingFor: origin.day,
        on: origin.grid!,
        bands: file.bands, sensor: opening.sensor, memory: memory, context
      ) { try opening.scene($0) }.make(of: sources.read(), pipeline: file.name)
    }
  }
}
