import Foundation
import Rasters
import Scenes
import Settings

/// The settings of `composite`.
package struct CompositeSettings: Sendable {
  /// What is put together.
  package let grouping: CompositeGrouping
  /// Of which dates.
  package let period: CompositePeriod
  let method: Method
  let order: CompositeOrder
  /// The day of `order: nearest`; the middle of the period where nil.
  let date: Day?
  let minimum: Int
  private let grid: (crs: String?, resolution: Double?)
  /// The raster whose grid the composites have; nil for that of the scenes.
  private let like: URL?
  /// Whether composites become products.
  package let keep: Bool

  /// The methods by their words.
  package enum Method: String, CaseIterable {
    case median, medoid
    case firstClear = "first-clear"
    case maxNDVI = "max-ndvi"
  }

  package init(_ settings: SettingsReader) {
    grouping = settings.choice(
      "by", of: CompositeGrouping.self, default: .ground,
      "what is put together: scenes of one ground (the tile of Sentinel-2 and HLS, path and row of Landsat, else where "
        + "they lie), neighbours of one day, or all scenes")
    let written = settings.optionalString(
      "period", matching: "day|month|year|P[1-9][0-9]{0,2}D", like: "P16D",
      "of which dates: day, month, year, or days counted from the first of January, P16D; month without it, and of "
        + "'by: day' day")
    period = written.flatMap(CompositePeriod.init) ?? (grouping == .day ? .day : .month)
    method = settings.choice(
      "method", of: Method.self, default: .median,
      "what stands for a pixel: the median of each band, the date with the least distances to the others, the first "
        + "valid one in an order, or that of the greatest NDVI")
    let order = settings.optionalWord(
      "order", of: CompositeOrder.allCases.map(\.rawValue),
      "which dates 'first-clear' prefers: those with the fewest clouds (also without it), the latest, or those nearest "
        + "to 'date'")
    self.order = order.flatMap(CompositeOrder.init) ?? .leastCloudy
    let date = settings.optionalString(
      "date", matching: "[0-9]{4}-[0-9]{2}-[0-9]{2}", like: "2023-06-15",
      "the day of 'order: nearest'; the middle of the period without it")
    self.date = date.flatMap { Day($0) }
    minimum = settings.int(
      "minimum", default: 1, in: 1...65_535, "valid dates below which a pixel has no value")
    grid = settings.mapping("grid", "the grid; that of most scenes without it") { grid in
      (
        grid.optionalString(
          "crs", matching: "\\S.*", like: "EPSG:32632", "its system; that of most scenes without it"),
        grid.optionalDouble(
          "resolution", in: 1e-9...1e9,
          "the side of a pixel in units of that system; that of most scenes without it")
      )
    }
    like = settings.optionalPath("like", "a raster whose grid the composites have")
    keep = settings.bool(
      "keep", default: true, "whether composites become products; they lie in cache/ without it")
    if let date, self.date == nil { settings.problem("date", "the calendar has no \(date)") }
    if date != nil && self.order != .nearest {
      settings.problem("date", with: "order", "'date' belongs to 'order: nearest'")
    }
    if order != nil && method != .firstClear {
      settings.problem("order", with: "method", "'order' counts for 'method: first-clear' only")
    }
    if grouping == .day && period != .day {
      settings.problem("period", with: "by", "'by: day' puts the scenes of one day together")
    }
    if like != nil && (grid.crs != nil || grid.resolution != nil) {
      settings.problem("like", with: "grid", "give 'grid' or 'like', not both")
    }
  }

  /// Says in phrases what of a pipeline's bands and resolution does not fit.
  package func problems(bands: [String], of sensor: Sensor, resolution: Double?) -> [String] {
    var problems: [String] = []
    if let resolution, let own = grid.resolution, own != resolution {
      problems.append("'grid.resolution' is not the 'resolution' that all scenes are brought to")
    }
    if method == .maxNDVI && greenness(in: bands, of: sensor) == nil {
      problems.append("'method: max-ndvi' needs the red and the near infrared band among 'bands'")
    }
    return problems
  }

  /// Returns the places of the red and the near infrared band; nil where one is not among the bands.
  func greenness(in bands: [String], of sensor: Sensor) -> (red: Int, nearInfrared: Int)? {
    func place(_ names: [String]) -> Int? {
      let own = bands.map { name in
        sensor.bandIndex(matching: name).flatMap { sensor.bands[$0].commonName } ?? name.lowercased()
      }
      return names.lazy.compactMap(own.firstIndex).first
    }
    guard let red = place(["red"]), let nearInfrared = place(["nir", "nir08"]) else { return nil }
    return (red, nearInfrared)
  }

  /// Returns the grid of all composites; nil where each has its own.
  ///
  /// - Throws: what opening the raster throws.
  package func fixedGrid() throws -> Grid? { try like.map { try RasterFile(path: $0.path).grid } }

  /// Returns the grid of a composite by those of its scenes, in the order of their days; nil where there is
  /// none.
  ///
  /// - Throws: as ``CompositeGrid``.
  package func grid(of grids: [Grid]) throws -> Grid? {
    if grid.crs != nil || grid.resolution != nil {
      return try CompositeGrid.covering(grids, crs: grid.crs.map { try CRS($0) }, resolution: grid.resolution)
    }
    return grouping.isMosaic ? try CompositeGrid.mosaic(of: grids) : CompositeGrid.common(of: grids)
  }
}
