import ChangeDetection
import Chips
import Foundation
import Rasters

/// Compares all dates of one ground by the omnibus test: where anything changed, and from which date on.
struct SeriesComparison {
  let file: PipelineFile
  let settings: SceneComparisonSettings
  /// In the order of their dates.
  let scenes: [SceneInput]
  let context: TaskContext

  /// Dates whose places a byte holds beside "no change" and "not observed".
  private static let mostDates = 255
  /// Values of all dates and channels that are held at once.
  private static let valuesAtOnce = 1 << 23

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  func run() throws -> TaskResult {
    guard scenes.count <= Self.mostDates else {
      throw TaskFailure(
        "\(scenes[0].path.path): \(scenes.count) dates; \(Self.mostDates) at most", exitCode: .badData)
    }
    let opening = SceneOpening(file)
    let dates = try scenes.map { try opening.scene(at: $0.path) }
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
    try SeriesDates(names: scenes.map(\.name)).write(to: context.directory)
    let picture = SceneDates(
      try opening.scene(of: LabelledScene(scenes.last!.path, before: scenes[0].path)),
      bandCount: file.bands.count)
    try ChangePicture.write(
      pair: picture, grid: grid, bands: file.bands, of: opening.sensor, in: context.directory)
    return try result(grid: grid, looks: looks)
  }

  /// Writes mask, significance and date; regions below the minimum mapping unit lose their change.
  private func write(_ changes: ChangeDates, grid: Grid) throws {
    func raster(_ name: String, _ type: PixelType, _ band: String, noData: Double) throws -> RasterWriter {
      try RasterWriter(
        path: path(name), grid: grid,
        options: .init(type: type, bandNames: [band], noData: noData, compression: 1))
    }
    let unseen = PostClassification.Mask.notObserved.rawValue
    let mask = try raster(ChangeDetectionStage.mask, .byte, "change", noData: Double(unseen))
    let date = try raster(ChangeDetectionStage.date, .byte, "date of change", noData: Double(unseen))
    let significance = try raster(
      ChangeDetectionStage.magnitude, .float32, "probability of dates so different where nothing changed",
      noData: .nan)
    context.progress.begin(grid.height, unit: "rows")
    let height = max(1, Self.valuesAtOnce / (grid.width * scenes.count * file.bands.count))
    for strip in grid.bounds.strips(ofHeight: min(RasterWriter.tileSize, height)) {
      try context.checkCancellation()
      let found = try changes.read(rows: strip.rows)
      try significance.write(strip, band: 1, found.significance.values)
      let dates = found.date.values.map { $0.isNaN ? unseen : UInt8($0) }
      try date.write(strip, band: 1, dates)
      try mask.write(strip, band: 1, dates.map { $0 == unseen ? unseen : min($0, 1) })
      context.progress.advance(by: strip.height)
    }
    for writer in [mask, date, significance] { try writer.close() }
    guard settings.smallest > 1 else { return }
    try Sieve.apply(to: path(ChangeDetectionStage.mask), smallest: settings.smallest)
  }

  private func result(grid: Grid, looks: Double) throws -> TaskResult {
    let (mask, date) = (
      try RasterFile(path: path(ChangeDetectionStage.mask)),
      try RasterFile(path: path(ChangeDetectionStage.date))
    )
    var counts = [Int](repeating: 0, count: 256)
    for strip in grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      let states: [UInt8] = try mask.readValues(strip, band: 1)
      for (state, date) in zip(states, try date.readValues(strip, band: 1) as [UInt8]) {
        counts[Int(state == PostClassification.Mask.changed.rawValue ? date : state)] += 1
      }
    }
    let hectares = grid.pixelAreaInSquareMetres.map { $0 / 10_000 }
    let changed = (1..<scenes.count).map { index -> (String, JSONValue) in
      (
        scenes[index].name,
        [
          "pixels": .int(counts[index]),
          "hectares": hectares.map { .number($0 * Double(counts[index])) } ?? .null,
        ]
      )
    }
    let observed = counts[0] + changed.indices.reduce(0) { $0 + counts[$1 + 1] }
    return TaskResult(
      metrics: [
        "method": .string(settings.method.rawValue), "looks": .number(looks),
        "observed pixels": .int(observed),
        "changed pixels": .int(observed - counts[0]),
        "changed first on": .object(Dictionary(changed, uniquingKeysWith: { first, _ in first })),
      ], warnings: observed == 0 ? [ChangeDetectionStage.nothingObserved] : [])
  }
}

/// The dates of a series, for the legend of its product.
struct SeriesDates: Codable {
  let names: [String]

  private static let file = "dates.json"

  func write(to directory: URL) throws {
    try JSONEncoder().encode(self).write(to: directory.appendingPathComponent(Self.file))
  }

  init(names: [String]) { self.names = names }

  init(of task: TaskOutput, _ context: TaskContext) throws {
    self = try JSONDecoder().decode(
      SeriesDates.self, from: Data(contentsOf: context.file(named: Self.file, of: task)))
  }

  /// The scene that shows the change first, from early (blue) to late (yellow).
  var legend: Legend {
    let unchanged = Legend.Entry(
      value: 0, name: "no change", color: Color(red: 0xd9, green: 0xd9, blue: 0xd9))
    let entries = (1..<names.count).map { index in
      let share = Double(index - 1) / Double(max(1, names.count - 2))
      func level(_ early: Double, _ late: Double) -> UInt8 { UInt8(early + share * (late - early)) }
      return Legend.Entry(
        value: UInt8(index), name: "changed by \(names[index])",
        color: Color(red: level(0x30, 0xfd), green: level(0x3f, 0xe0), blue: level(0x9f, 0x3f)))
    }
    return Legend(entries: [unchanged] + entries, noData: PostClassification.Mask.notObserved.rawValue)
  }
}
