import ChangeDetection
import Foundation
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings

/// Writes radar scenes without most of their speckle, to be looked at, or to be read by the stages after it
/// and by other pipelines.
struct DespeckleStage: SceneMakingStage {
  static let name = "despeckle"
  static let doc = "write radar scenes without most of their speckle"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.scenes
  static let sceneFile = "\(layer).tif"
  // 2: the file names the scenes that it is made of, and has a style beside it. 4: items link to the
  // collection of the products.
  static let revision = 4

  private static let layer = "despeckled"
  /// The name of the filter that needs several dates.
  private static let multitemporal = "multitemporal"

  /// The filter of each scene by itself; nil for the multitemporal one.
  private let filter: SpeckleFilter?
  private let backscatter: BackscatterUnit?
  private let looks: Double?

  init(_ settings: SettingsReader) {
    let name = settings.word(
      "filter", of: SpeckleFilter.allCases.map(\.rawValue) + [Self.multitemporal],
      default: SpeckleFilter.refinedLee.rawValue,
      "how speckle is reduced; multitemporal by all dates of a ground together (data.pairing: series)")
    filter = SpeckleFilter(rawValue: name)
    backscatter = settings.optionalWord(
      "backscatter", of: BackscatterUnit.allCases.map(\.rawValue),
      "what the numbers of radar bands are; the sensor's unit without it"
    ).flatMap(BackscatterUnit.init)
    looks = settings.optionalDouble(
      "looks", in: 0.5...10_000, "equivalent number of looks; estimated from each scene without it")
    if settings.has("looks") && filter?.needsLooks != true {
      settings.problem(
        "looks", with: "filter", "'looks' counts for 'filter: lee', 'refined-lee' or 'gamma-map' only")
    }
  }

  func problems(in file: PipelineFile, after earlier: [StageDeclaration]) -> [String] {
    var problems: [String] = []
    if earlier.contains(where: { type(of: $0.stage).name == Self.name }) {
      problems.append("its products would take the place of those of the despeckle before it")
    }
    if backscatter == nil && SceneMagnitude.backscatter(of: file.ownSensor) == nil {
      problems.append("'\(file.sensor)' has no backscatter; 'backscatter' says what bands of your own hold")
    }
    if let problem = SceneMagnitude.problem(ofUnit: backscatter, with: file.ownSensor) {
      problems.append(problem)
    }
    if filter == nil && file.data.pairing != .series {
      problems.append("'filter: multitemporal' needs several dates of one ground: 'data.pairing: series'")
    }
    return problems
  }

  func scenesToMake(of supply: SceneSupply) -> [SceneToMake] {
    // Of a series each date is filtered by all of them.
    guard filter == nil else {
      return supply.eachScene.map { scene, name, mapped, learned in
        SceneToMake(
          name, SceneOrigin(of: [scene], day: scene.acquisition?.day, grid: scene.grid), mapped: mapped,
          learned: learned)
      }
    }
    let learned = Set(supply.learned.map(\.identity))
    return supply.series.flatMap { scenes in
      scenes.map { scene in
        let isLearned = learned.contains(scene.identity)
        return SceneToMake(
          scene.name, SceneOrigin(of: scenes, day: scene.acquisition?.day, grid: scene.grid),
          mapped: [scene.identity], learned: isLearned ? [scene.identity] : [])
      }
    }
  }

  func job(making scene: SceneToMake, in planning: Planning) -> Job {
    let (file, scenes) = (planning.file, scene.origin.sources)
    let sources = PlannedProductScenes(scenes, in: planning)
    let own = scene.mapped.first ?? scene.learned.first
    let index = scenes.firstIndex { $0.identity == own } ?? 0
    let inputs = scenes.enumerated().map { ("scene \($0.offset)", Planning.Input.scene($0.element)) }
    return planning.job(
      "despeckle \(scene.name)", subject: scene.name, in: .products, uses: [.bands, .name],
      inputs: Dictionary(uniqueKeysWithValues: inputs + [("which", .text("\(index)"))])
    ) { context in try despeckle(sources, index, file: file, context) }
  }

  /// Filters one of the scenes of a ground and publishes it.
  private func despeckle(
    _ sources: PlannedProductScenes, _ index: Int, file: PipelineFile, _ context: JobContext
  ) throws -> JobResult {
    let opening = SceneOpening(file)
    let own = try opening.scene(sources.scenes[index])
    let unit = backscatter ?? SceneMagnitude.backscatter(of: opening.sensor)!
    let readings = try sources.scenes.enumerated().map { place, scene in
      place == index
        ? own.read : try ResampledScene.reading(of: opening.scene(scene), on: own.grid)
    }
    let layer = Layer(
      Self.layer, file: ".filtered.tif", .scene(.init(file.bands, in: unit.rawValue)), noData: .nan)
    let filtered = context.directory.appendingPathComponent(layer.file).path
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(own.grid)
    artifact.layers = [layer]
    let looks = try write(readings, index, of: file.bands, in: unit, on: own.grid, to: filtered, context)
    let rows = try file.bands.enumerated().map { index, name -> [JSONValue?] in
      let written = MappedPlane(try StoredPlane(path: filtered, band: index + 1), unit.intensity)
      let afterwards = try equivalentLooks(of: written)
      return [.string(name), looks[index].map(JSONValue.number), afterwards.map(JSONValue.number)]
    }
    let columns: [FindingTable.Column] = [.init("band"), .init("looks"), .init("looks-afterwards")]
    artifact.findings = [
      Finding(.speckleFilter, .text(filter?.rawValue ?? Self.multitemporal)),
      Finding(.speckle, .table(FindingTable(columns, rows))),
    ]
    let notes = try MapProduct(
      artifact, by: context, of: sources.read(showing: sources.scenes[index]), pipeline: file.name,
      item: "\(layer.name).json"
    ).publish(classes: opening.legend) { _ in true }
    try FileManager.default.removeItem(atPath: filtered)
    return JobResult(findings: artifact.findings, warnings: own.notes + notes)
  }

  /// Writes the bands of one date without most of their speckle.
  ///
  /// - Parameters:
  ///   - readings: the dates on one grid.
  ///   - date: the one that is filtered.
  /// - Returns: the equivalent number of looks of each band before; nil where it cannot be estimated.
  private func write(
    _ readings: [WindowReading], _ date: Int, of bands: [String], in unit: BackscatterUnit, on grid: Grid,
    to path: String, _ context: JobContext
  ) throws -> [Double?] {
    let writer = try RasterWriter(
      path: path, grid: grid,
      options: .init(
        type: .float32, bandNames: bands, noData: .nan, unit: unit.rawValue, compression: 1))
    context.progress.begin(grid.height * bands.count, unit: "rows")
    let found = try bands.indices.map { band in
      let dates = readings.map {
        SceneBand(width: grid.width, height: grid.height, band: band, unit: unit, read: $0)
      }
      let ownLooks = try looks ?? equivalentLooks(of: dates[date])
      let filtered: any PlaneSource =
        if let filter {
          filter.filtered(dates[date], looks: ownLooks ?? 1)
        } else {
          MultitemporalFilter(dates, date: date)
        }
      try filtered.forEachStrip { plane, row in
        try context.checkCancellation()
        let window = Window(column: 0, row: row, width: plane.width, height: plane.height)
        try writer.write(window, band: band + 1, plane.values.map(unit.value(ofIntensity:)))
        context.progress.advance(by: plane.height)
      }
      return ownLooks
    }
    try writer.close()
    return found
  }
}
