import ChangeDetection
import Foundation
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings

/// Writes radar scenes without most of their speckle, to be looked at or to be read by other pipelines.
struct DespeckleStage: Stage {
  static let name = "despeckle"
  static let doc = "write radar scenes without most of their speckle"
  static let consumes: [ArtifactKind] = []
  static let produces = ArtifactKind.scenes
  // 2: the file names the scenes that it is made of, and has a style beside it.
  static let revision = 2

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
    if earlier.contains(where: { type(of: $0.stage).produces == .scenes }) {
      problems.append("its products would take the place of those of the despeckle before it")
    }
    if backscatter == nil && SceneMagnitude.backscatter(of: file.ownSensor) == nil {
      problems.append("'\(file.sensor)' has no backscatter; 'backscatter' says what bands of your own hold")
    }
    if filter == nil && file.data.pairing != .series {
      problems.append("'filter: multitemporal' needs several dates of one ground: 'data.pairing: series'")
    }
    return problems
  }

  func jobs(in planning: Planning) throws -> [Job] {
    let file = planning.file
    // Of a series each date is filtered by all of them.
    let groups = filter == nil ? planning.series : planning.scenes.map { [$0] }
    return groups.flatMap { scenes in
      let sources = PlannedProductScenes(scenes, in: planning)
      return scenes.indices.map { index in
        let inputs = scenes.enumerated().map { ("scene \($0.offset)", Planning.Input.scene($0.element)) }
        return planning.job(
          "despeckle \(scenes[index].name)", subject: scenes[index].name, in: .products,
          uses: [.bands, .name],
          inputs: Dictionary(uniqueKeysWithValues: inputs + [("which", .text("\(index)"))])
        ) { context in try write(sources, index, file: file, context) }
      }
    }
  }

  private func write(
    _ sources: PlannedProductScenes, _ index: Int, file: PipelineFile, _ context: JobContext
  )
    throws
    -> JobResult
  {
    let scenes = sources.scenes
    let opening = SceneOpening(file)
    let own = try opening.scene(scenes[index])
    let unit = backscatter ?? SceneMagnitude.backscatter(of: opening.sensor)!
    let readings = try scenes.enumerated().map { place, scene in
      place == index
        ? own.read : try ResampledScene.reading(of: opening.scene(scene), on: own.grid)
    }
    let plain = context.directory.appendingPathComponent(".plain.tif").path
    let writer = try RasterWriter(
      path: plain, grid: own.grid,
      options: .init(
        type: .float32, bandNames: file.bands, noData: .nan, unit: unit.rawValue, compression: 1))
    context.progress.begin(own.grid.height * file.bands.count, unit: "rows")
    var found: [Double?] = []
    // Of the first band, which the style shows.
    var sample = ThinnedValues<Float>(of: own.grid.width * own.grid.height)
    for band in file.bands.indices {
      let dates = readings.map {
        SceneBand(width: own.grid.width, height: own.grid.height, band: band, unit: unit, read: $0)
      }
      let ownLooks = try looks ?? equivalentLooks(of: dates[index])
      let filtered: any PlaneSource =
        if let single = filter {
          single.filtered(dates[index], looks: ownLooks ?? 1)
        } else {
          MultitemporalFilter(dates, date: index)
        }
      try filtered.forEachStrip { plane, row in
        try context.checkCancellation()
        let window = Window(column: 0, row: row, width: plane.width, height: plane.height)
        let values = plane.values.map(unit.value(ofIntensity:))
        if band == 0 { sample.add(values) }
        try writer.write(window, band: band + 1, values)
        context.progress.advance(by: plane.height)
      }
      found.append(ownLooks)
    }
    try writer.close()
    let rows = try file.bands.enumerated().map { index, name -> [JSONValue?] in
      let written = MappedPlane(try StoredPlane(path: plain, band: index + 1), unit.intensity)
      let afterwards = try equivalentLooks(of: written)
      return [.string(name), found[index].map(JSONValue.number), afterwards.map(JSONValue.number)]
    }
    let product = context.directory.appendingPathComponent("despeckled.tif").path
    var tags = ["TERRANE_PIPELINE": file.name, "TERRANE_KEY": context.key]
    tags[ProductScenes.tag] = sources.read().tagValue
    try CloudOptimizedGeoTIFF.write(
      source: plain, to: product, overviews: .average, metadata: tags, noData: .nan)
    try FileManager.default.removeItem(atPath: plain)
    try QGISStyle.write(QGISStyle.text(for: .brightness(of: sample.values)), beside: product)
    let columns: [FindingTable.Column] = [.init("band"), .init("looks"), .init("looks-afterwards")]
    return JobResult(
      findings: [
        Finding(.speckleFilter, .text(filter?.rawValue ?? Self.multitemporal)),
        Finding(.speckle, .table(FindingTable(columns, rows))),
      ], warnings: own.notes)
  }
}
