import Foundation
import Products
import Rasters
import Runs
import Scenes
import Settings

/// The making of one composite.
package struct Composition {
  private let settings: CompositeSettings
  /// The scenes with their days, in the order of these; only a single one may have none.
  private let dates: [(scene: SceneSource, day: Day?)]
  /// The day that stands for the composite; nil where no day is known.
  private let middle: Day?
  private let grid: Grid
  private let bands: [String]
  private let sensor: Sensor
  private let memory: Int
  private let context: JobContext
  private let open: (SceneSource) throws -> Scene

  /// The name of the raster of the composite.
  package static let sceneFile = "\(layer).tif"
  private static let layer = "scene"

  /// Prepares the making of a composite.
  ///
  /// - Parameters:
  ///   - dates: the scenes with their days, in the order of these; only a single one may have none.
  ///   - bands: the bands that scenes are opened with.
  ///   - sensor: the sensor whose unit they have.
  ///   - memory: bytes that the process may take.
  package init(
    _ settings: CompositeSettings, of dates: [(scene: SceneSource, day: Day?)], standingFor middle: Day?,
    on grid: Grid, bands: [String], sensor: Sensor, memory: Int, _ context: JobContext,
    open: @escaping (SceneSource) throws -> Scene
  ) {
    precondition(dates.count == 1 || dates.allSatisfy { $0.day != nil }, "a date without a day")
    (self.settings, self.dates, self.middle, self.grid) = (settings, dates, middle, grid)
    (self.bands, self.sensor, self.memory, self.context, self.open) = (bands, sensor, memory, context, open)
  }

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  /// Writes the composite, and publishes it where it is kept.
  ///
  /// - Parameter sources: the delivered scenes that it goes back to.
  package func make(of sources: ProductScenes, pipeline: String) throws -> JobResult {
    let scenes = try CompositeScenes(count: dates.count, on: grid) { try open(dates[$0].scene) }
    var notes = scenes.notes
    let arithmetic = try arithmetic(of: scenes, &notes)
    let unit = sensor.unit
    var layers = [
      Layer(
        Self.layer, file: file(of: Self.layer),
        .scene(.init(bands, in: unit)), noData: .nan)
    ]
    if settings.keep {
      layers.append(
        Layer("count", file: file(of: "count"), .scene(.init(["count"], in: "dates")), noData: .nan))
      if arithmetic.method.choosesDate {
        layers.append(
          Layer(
            "day", file: file(of: "day"), .scene(.init(["day"], in: "days since 1970-01-01")),
            noData: .nan))
      }
    }
    let counts = try write(layers, of: arithmetic, scenes, tags: settings.keep ? [:] : tags(of: unit))
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(grid)
    artifact.layers = layers
    let pixels = Double(grid.bounds.pixelCount)
    let rows = dates.indices.map { index -> [JSONValue?] in
      [
        .string(dates[index].scene.name), dates[index].day.map { .string("\($0)") },
        .number(Double(counts.seen[index]) / pixels),
        arithmetic.method.choosesDate ? .number(Double(counts.taken[index]) / pixels) : nil,
      ]
    }
    artifact.findings = [
      Finding(.compositeMethod, .text(settings.method.rawValue)),
      Finding(.validShare, Double(counts.valid) / pixels),
      Finding(
        .compositeDates,
        .table(
          FindingTable([.init("scene"), .init("day"), .init("valid-share"), .init("taken-share")], rows))),
    ].compactMap(\.self)
    if counts.valid == 0 {
      notes.append(
        "no pixel has \(settings.minimum == 1 ? "a valid date" : "\(settings.minimum) valid dates")")
    }
    artifact.notes = notes
    guard settings.keep else { return try context.leave(artifact) }
    let said = try MapProduct(
      artifact, by: context, of: sources, pipeline: pipeline, item: "\(Self.layer).json"
    ).publish(classes: Legend(entries: [], noData: 0), tags: { $0.name == Self.layer ? tags(of: unit) : [:] })
    {
      _ in true
    }
    for layer in layers { try FileManager.default.removeItem(atPath: path(layer.file)) }
    return JobResult(findings: artifact.findings, warnings: notes + said)
  }

  /// Returns the name of the file that a layer is written to: products are made of it.
  private func file(of layer: String) -> String {
    settings.keep ? ".\(layer).made.tif" : "\(layer).tif"
  }

  /// The items by which the scene is read without the metadata of a product.
  private func tags(of unit: String) -> [String: String] {
    var tags = [SceneOrigin.unitItem: unit]
    tags["ACQUISITION_DATE"] = middle?.description
    return tags
  }

  private func arithmetic(of scenes: CompositeScenes, _ notes: inout [String])
    throws
    -> CompositeArithmetic
  {
    let count = dates.count
    func order(_ order: CompositeOrder, nearestTo day: Day?) throws -> [Int] {
      guard count > 1, let day else { return [0] }
      let hidden = order == .leastCloudy ? try hiddenShares(scenes, &notes) : dates.map { _ in 0 }
      return order.places(of: dates.compactMap(\.day), nearestTo: day, hidden: hidden)
    }
    switch settings.method {
    case .median: return CompositeArithmetic(.median, dates: count, minimum: settings.minimum)
    case .medoid:
      return CompositeArithmetic(
        .medoid, dates: count, minimum: settings.minimum, order: try order(.nearest, nearestTo: middle))
    case .firstClear:
      return CompositeArithmetic(
        .firstClear, dates: count, minimum: settings.minimum,
        order: try order(settings.order, nearestTo: settings.date ?? middle))
    case .maxNDVI:
      let places = settings.greenness(in: bands, of: sensor)!
      return CompositeArithmetic(
        .maxNDVI(red: places.red, nearInfrared: places.nearInfrared), dates: count,
        minimum: settings.minimum)
    }
  }

  /// Returns the share of clouds that the product of each date states; where one states none, what is hidden
  /// of each on the composite's grid.
  private func hiddenShares(_ scenes: CompositeScenes, _ notes: inout [String]) throws -> [Double] {
    let stated = dates.compactMap { $0.scene.delivery?.cloudShare }
    guard stated.count < dates.count else { return stated }
    notes.append(
      "not every product states its share of clouds: the dates are in the order of what is hidden of them here"
    )
    return try scenes.hiddenShares()
  }

  private func write(
    _ layers: [Layer], of arithmetic: CompositeArithmetic, _ scenes: CompositeScenes, tags: [String: String]
  ) throws -> (valid: Int, seen: [Int], taken: [Int]) {
    let writers = try layers.map { layer -> RasterWriter in
      guard case .scene(let content) = layer.content else {
        preconditionFailure("'\(layer.name)' is no raster")
      }
      return try RasterWriter(
        path: path(layer.file), grid: grid,
        options: .init(
          type: .float32, bandNames: content.bands, noData: layer.noData, unit: content.unit,
          compression: 1,
          metadata: tags))
    }
    var counts = (valid: 0, seen: dates.map { _ in 0 }, taken: dates.map { _ in 0 })
    let numbers = dates.map { $0.day.map { Float($0.since1970) } ?? .nan }
    context.progress.begin(grid.height, unit: "rows")
    for window in scenes.windows(memory: memory) {
      try context.checkCancellation()
      let blocks = try scenes.read(window)
      for (date, block) in blocks.enumerated() { counts.seen[date] += block?.validCount ?? 0 }
      let block = arithmetic(blocks, window: window, bandCount: bands.count)
      let pixels = window.pixelCount
      for band in bands.indices {
        try writers[0].write(
          window, band: band + 1, Array(block.values[band * pixels..<(band + 1) * pixels]))
      }
      counts.valid += block.counts.count { Int($0) >= arithmetic.minimum }
      for date in block.chosen where date >= 0 { counts.taken[Int(date)] += 1 }
      for (writer, layer) in zip(writers, layers).dropFirst() {
        let values =
          layer.name == "count"
          ? block.counts : block.chosen.map { $0 < 0 ? .nan : numbers[Int($0)] }
        try writer.write(window, values)
      }
      if window.columns.upperBound == grid.width { context.progress.advance(by: window.height) }
    }
    for writer in writers { try writer.close() }
    return counts
  }
}

/// Keys of the findings of composites.
extension FindingKey {
  /// The method of a composite, as the setting names it.
  package static let compositeMethod = FindingKey("composite-method", "method of the composite")
  /// A table with a row a date: `scene`, `day`, `valid-share`, and `taken-share` where dates are chosen.
  package static let compositeDates = FindingKey("composite-dates", "the dates of the composite")
}
