import ChangeDetection
import Foundation
import Products
import Rasters
import Runs
import SceneChanges
import Scenes
import Settings

/// Compares all dates of one ground by the omnibus test: where anything changed, and from which date on.
struct SeriesComparison {
  let file: PipelineFile
  let settings: SceneComparisonSettings
  /// The scenes of the ground, in the order of their dates.
  let scenes: [SceneSource]
  let context: JobContext

  /// Dates whose places a byte holds beside "no change" and "not observed".
  private static let mostDates = 255
  /// Values of all dates and channels that are held at once.
  private static let valuesAtOnce = 1 << 23

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  func run() throws -> JobResult {
    guard scenes.count <= Self.mostDates else {
      throw TooManyDates(scene: scenes[0].path, count: scenes.count, most: Self.mostDates)
    }
    let opening = SceneOpening(file)
    let dates = try scenes.map { try opening.scene($0) }
    let grid = dates[0].grid
    let readings = try dates.map { try ResampledScene.reading(of: $0, on: grid) }
    let unit = settings.backscatter ?? SceneMagnitude.backscatter(of: opening.sensor)!
    let channels = file.bands.indices.map { band in
      readings.map { SceneBand(width: grid.width, height: grid.height, band: band, unit: unit, read: $0) }
    }
    // One test needs one number: that of the date that knows least.
    let looks = try settings.looks ?? channels.joined().compactMap { try equivalentLooks(of: $0) }.min() ?? 1
    let changes = ChangeDates(channels, looks: looks, level: settings.falseAlarms)
    try write(changes, grid: grid)
    let picture = SceneDates(
      scene: try opening.scene(of: SceneEntry(scenes.last!, before: scenes[0])))
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(grid)
    artifact.layers = [
      .changeMask, date, .changeSignificance,
      try ChangePicture(titles: [scenes[0], scenes[scenes.count - 1]].map(\.title)).write(
        pair: picture, change: Layer.changeMask.file, grid: grid, bands: file.bands, of: opening.sensor,
        in: context.directory),
    ]
    let counts = try counts(grid: grid)
    artifact.findings = findings(counts, grid: grid, looks: looks)
    artifact.notes = dates.flatMap(\.notes)
    if counts.allSatisfy({ $0 == 0 }) { artifact.notes.append(ChangeDetectionStage.nothingObserved) }
    return try context.leave(artifact)
  }

  /// The map of the dates that show the change first.
  private var date: Layer { .firstChange(on: scenes.map(\.name)) }

  /// Writes mask, significance and date.
  private func write(_ changes: ChangeDates, grid: Grid) throws {
    let significance = try raster(
      Layer.changeSignificance.file, .float32, "probability of dates so different where nothing changed",
      noData: .nan, grid)
    let (all, large) = (".all-dates.tif", ".large.tif")
    let date = try raster(all, .byte, "date of change", noData: Double(Self.unseen), grid)
    let mask = try raster(large, .byte, "change", noData: Double(Self.unseen), grid)
    context.progress.begin(grid.height, unit: "rows")
    let height = max(1, Self.valuesAtOnce / (grid.width * scenes.count * file.bands.count))
    for strip in grid.bounds.strips(ofHeight: min(RasterWriter.tileSize, height)) {
      try context.checkCancellation()
      let found = try changes.read(rows: strip.rows)
      try significance.write(strip, band: 1, found.significance.values)
      let dates = found.date.values.map { $0.isNaN ? Self.unseen : UInt8($0) }
      try date.write(strip, band: 1, dates)
      try mask.write(strip, band: 1, dates.map { $0 == Self.unseen ? Self.unseen : min($0, 1) })
      context.progress.advance(by: strip.height)
    }
    for writer in [mask, date, significance] { try writer.close() }
    if settings.smallest > 1 { try Sieve.apply(to: path(large), smallest: settings.smallest) }
    try keepLarge(of: all, within: large, grid: grid)
    for name in [all, large] { try FileManager.default.removeItem(atPath: path(name)) }
  }

  /// Writes the mask and the dates of the regions that the sieve has left; holes that it has filled have no
  /// date, and stay unchanged.
  private func keepLarge(of all: String, within large: String, grid: Grid) throws {
    let (dates, kept) = (try RasterFile(path: path(all)), try RasterFile(path: path(large)))
    let mask = try raster(Layer.changeMask.file, .byte, "change", noData: Double(Self.unseen), grid)
    let date = try raster(self.date.file, .byte, "date of change", noData: Double(Self.unseen), grid)
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      var values: [UInt8] = try dates.readValues(strip, band: 1)
      for (place, state) in (try kept.readValues(strip, band: 1) as [UInt8]).enumerated()
      where state == PostClassification.Mask.unchanged.rawValue && values[place] != Self.unseen {
        values[place] = 0
      }
      try date.write(strip, band: 1, values)
      try mask.write(strip, band: 1, values.map { $0 == Self.unseen ? Self.unseen : min($0, 1) })
    }
    for writer in [mask, date] { try writer.close() }
  }

  private static let unseen = PostClassification.Mask.notObserved.rawValue

  private func raster(_ name: String, _ type: PixelType, _ band: String, noData: Double, _ grid: Grid) throws
    -> RasterWriter
  {
    try RasterWriter(
      path: path(name), grid: grid,
      options: .init(type: type, bandNames: [band], noData: noData, compression: 1))
  }

  /// Counts the pixels of each date; index 0 are those that never changed.
  private func counts(grid: Grid) throws -> [Int] {
    let date = try RasterFile(path: path(date.file))
    var counts = [Int](repeating: 0, count: 256)
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      for value: UInt8 in try date.readValues(strip, band: 1) { counts[Int(value)] += 1 }
    }
    return Array(counts.prefix(scenes.count))
  }

  private func findings(_ counts: [Int], grid: Grid, looks: Double) -> [Finding] {
    let rows = (1..<scenes.count).map { index -> [JSONValue?] in
      [.string(scenes[index].name)] + GroundArea(of: counts[index], on: grid).cells
    }
    let observed = counts.reduce(0, +)
    return [
      Finding(.changeMethod, settings.method.rawValue), Finding(.looks, looks),
      Finding(.firstChanges, .table(FindingTable([.init("date")] + GroundArea.columns, rows))),
    ].compactMap(\.self)
      + GroundArea.ofComparison(observed: observed, changed: observed - counts[0], on: grid)
  }
}
