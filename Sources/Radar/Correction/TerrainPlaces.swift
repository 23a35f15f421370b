import Foundation
import Rasters

/// Finds places by range and Doppler: for each pixel of the map the height of the ground there, the time at
/// which it lay across the path, and its distance then.
///
/// - Source: Meier, Frei & Nüesch 1993, Precise terrain corrected geocoded images; the range-Doppler
///   equations as in Small & Schubert 2008, Guide to ASAR geocoding.
struct TerrainPlaces: PlaceFinder {
  private let image: ImageGeometry
  private let ground: GroundHeights
  private let cells, geoidCells: [SheetCells]
  private let toDegrees: MapProjection
  /// The height of what has none, to tell whether it would be in the image.
  private let meanHeight: Double
  private let mask: Set<HiddenTerrain>
  private let wantsIncidence: Bool

  /// Metres around a window in which ground is looked for that hides it; more is needed below the highest
  /// mountains only.
  private static let farthestReach = 8_000.0
  /// Metres around a window that are read to know how high the ground is.
  private static let firstReach = 1_500.0

  /// - Parameters:
  ///   - crs: the system of the map.
  ///   - meanHeight: of the image's ground.
  ///   - mask: what is looked for.
  /// - Throws: `noCRS` where PROJ knows no way to the system of heights or to degrees.
  init(
    _ image: ImageGeometry, over ground: GroundHeights, on crs: CRS, meanHeight: Double,
    mask: Set<HiddenTerrain>, wantsIncidence: Bool
  ) throws(RasterError) {
    (self.image, self.ground, self.meanHeight) = (image, ground, meanHeight)
    (self.mask, self.wantsIncidence) = (mask, wantsIncidence)
    toDegrees = try MapProjection(from: crs, to: CRS.epsg(4326), path: "the map")
    cells = try ground.model.sheets.map { sheet throws(RasterError) in try SheetCells(sheet, from: crs) }
    geoidCells = try (ground.geoid?.sheets ?? []).map { sheet throws(RasterError) in
      try SheetCells(sheet, from: crs)
    }
  }

  func places(in window: Window, of transform: GeoTransform) throws(RasterError) -> TilePlaces? {
    let pixel = transform.pixelArea.squareRoot()
    guard let sight = try sight(in: window, of: transform) else { return nil }
    var margin = wantsIncidence ? 1 : 0
    var patches: [ElevationPatch?]
    if mask.isEmpty {
      patches = try heights(in: window.grown(by: margin), of: transform)
    } else {
      patches = try heights(in: window.grown(by: Int(Self.firstReach / pixel)), of: transform)
      // Of ground that is higher by h what is h / tan(incidence) before it lies over it, h tan(incidence)
      // behind it in its shadow.
      let heights = patches.compactMap { $0?.heights }
      let low = heights.map(\.lowerBound).min() ?? 0
      let relief = (heights.map(\.upperBound).max() ?? 0) - low
      let tangent = tan(sight.incidence)
      let reach = min(relief * max(tangent, 1 / tangent), Self.farthestReach)
      margin = max(margin, Int((reach / pixel).rounded(.up)))
      patches = try self.heights(in: window.grown(by: margin + 1), of: transform)
    }
    let known = patches.compactMap { $0?.heights }
    let low = min(meanHeight, known.map(\.lowerBound).min() ?? meanHeight)
    let high = max(meanHeight, known.map(\.upperBound).max() ?? meanHeight)
    // Lines run across the radar's look direction for the most part: less is needed along them.
    let aside = (
      Int((Double(margin) * abs(sight.direction.x)).rounded(.up)) + 1,
      Int((Double(margin) * abs(sight.direction.y)).rounded(.up)) + 1
    )
    let padded =
      margin == 0
      ? window
      : Window(
        column: window.column - aside.0, row: window.row - aside.1, width: window.width + 2 * aside.0,
        height: window.height + 2 * aside.1)
    let lattice = try lattice(padded, of: transform)
    guard mayShow(lattice, low...high) else { return nil }
    let solution = TerrainSolution(
      image: image, arc: image.orbit.arc(at: sight.time), lattice: lattice, patches: patches,
      fallback: meanHeight, window: window, padded: padded)
    return solution.solved(mask: mask, direction: sight.direction, wantsIncidence: wantsIncidence)
  }

  // MARK: - What is needed for it

  /// The view from the satellite in the middle of a window.
  private struct Sight {
    /// Seconds from the first line.
    let time: Double
    /// Radians from the vertical.
    let incidence: Double
    /// The way on which slant range grows, in columns and rows.
    let direction: (x: Double, y: Double)
  }

  /// Finds the view in the middle of a window; nil where PROJ does not know the place, or the satellite is
  /// near none.
  private func sight(in window: Window, of transform: GeoTransform) throws(RasterError) -> Sight? {
    let middle = (
      Double(window.column) + Double(window.width) / 2, Double(window.row) + Double(window.height) / 2
    )
    let offsets = [(0.0, 0.0), (-8, 0), (8, 0), (0, -8), (0, 8)]
    let points = offsets.map { transform.apply(column: middle.0 + $0.0, row: middle.1 + $0.1) }
    var (xs, ys) = (points.map(\.x), points.map(\.y))
    toDegrees.apply(to: &xs, &ys)
    guard (xs + ys).allSatisfy(\.isFinite) else { return nil }
    let arc = image.orbit.arc(at: image.middle)
    var ranges: [Double] = []
    var (time, incidence) = (0.0, 0.0)
    for index in offsets.indices {
      let foot = Ellipsoid.foot(longitude: xs[index], latitude: ys[index])
      let seen = arc.zeroDoppler(of: foot.place + foot.up * meanHeight, from: image.middle)
      ranges.append(seen.sight.length)
      if index == 0 {
        time = seen.time
        incidence = acos(-seen.sight.dot(foot.up) / seen.sight.length)
      }
    }
    let (x, y) = (ranges[2] - ranges[1], ranges[4] - ranges[3])
    let length = (x * x + y * y).squareRoot()
    // Far from the image the path that its orbit was found for is none.
    guard length > 0, abs(time - image.middle) < image.middle + 60, incidence > 0.05, incidence < 1.5 else {
      return nil
    }
    return Sight(time: time, incidence: incidence, direction: (x / length, y / length))
  }

  /// Reads the heights below a window, one patch a sheet; nil where a sheet has nothing there.
  private func heights(in window: Window, of transform: GeoTransform) throws(RasterError) -> [ElevationPatch?]
  {
    try Self.patches(of: ground.model, cells, in: window, of: transform)
  }

  private static func patches(
    of model: ElevationModel, _ cells: [SheetCells], in window: Window, of transform: GeoTransform
  ) throws(RasterError) -> [ElevationPatch?] {
    let steps = 16
    let points = (0...steps).flatMap { row in
      (0...steps).map { column in
        transform.apply(
          column: Double(window.column) + Double(window.width * column) / Double(steps),
          row: Double(window.row) + Double(window.height * row) / Double(steps))
      }
    }
    var patches: [ElevationPatch?] = []
    for (sheet, cells) in zip(model.sheets, cells) {
      let (columns, rows) = cells.places(points.map(\.x), points.map(\.y))
      let found = (columns.filter(\.isFinite), rows.filter(\.isFinite))
      guard let left = found.0.min(), let right = found.0.max(), let top = found.1.min(),
        let bottom = found.1.max(),
        max(abs(left), abs(right), abs(top), abs(bottom)) < 1e9
      else {
        patches.append(nil)
        continue
      }
      // Between the points that were looked at the edge is bent a little.
      let spare = 2 + (right - left + bottom - top) / 2000
      let wanted = Window(
        column: Int(left - spare), row: Int(top - spare), width: Int(right - left + 2 * spare) + 1,
        height: Int(bottom - top + 2 * spare) + 1)
      let parts = sheet.tiles(in: wanted).compactMap { $0.window.intersection(wanted) }
      guard let first = parts.first else {
        patches.append(nil)
        continue
      }
      patches.append(try model.patch(parts.dropFirst().reduce(first) { $0.union($1) }, of: sheet))
    }
    return patches
  }

  /// Computes places on the ellipsoid, the vertical there, the geoid's height, and the cells of each sheet.
  private func lattice(_ window: Window, of transform: GeoTransform) throws(RasterError) -> MapLattice {
    let geoidPatches =
      try ground.geoid.map { model throws(RasterError) in
        try Self.patches(of: model, geoidCells, in: window.grown(by: 64), of: transform)
      } ?? []
    // A centimetre on the ground, a hundredth of a cell; the geoid's own cells are far coarser.
    let tolerances = [0.01, 0.01, 0.01, 1e-7, 1e-7, 1e-7, 0.05] + cells.flatMap { _ in [0.01, 0.01] }
    return try MapLattice(window, of: transform, tolerances: tolerances) { xs, ys throws(RasterError) in
      var (longitudes, latitudes) = (xs, ys)
      toDegrees.apply(to: &longitudes, &latitudes)
      let feet = zip(longitudes, latitudes).map { Ellipsoid.foot(longitude: $0, latitude: $1) }
      var fields = [feet.map(\.place.x), feet.map(\.place.y), feet.map(\.place.z)]
      fields += [feet.map(\.up.x), feet.map(\.up.y), feet.map(\.up.z)]
      var undulations = [Double](repeating: ground.geoid == nil ? 0 : .nan, count: xs.count)
      for (patch, cells) in zip(geoidPatches, geoidCells) {
        guard let patch else { continue }
        let (columns, rows) = cells.places(xs, ys)
        for index in xs.indices
        where undulations[index].isNaN && columns[index].isFinite && rows[index].isFinite {
          undulations[index] = patch.height(column: columns[index], row: rows[index])
        }
      }
      fields.append(undulations)
      for cells in cells {
        let (columns, rows) = cells.places(xs, ys)
        fields += [columns, rows]
      }
      return fields
    }
  }

  /// Returns whether ground of such heights may be in the image anywhere on a lattice.
  private func mayShow(_ lattice: MapLattice, _ heights: ClosedRange<Double>) -> Bool {
    let arc = image.orbit.arc(at: image.middle)
    var (lines, samples): ([Double], [Double]) = ([], [])
    var hint = 0
    for node in lattice.nodes where node[0].isFinite {
      let (foot, up) = (EarthFixed(node[0], node[1], node[2]), EarthFixed(node[3], node[4], node[5]))
      for height in [heights.lowerBound - 100, heights.upperBound + 100] {
        let seen = arc.zeroDoppler(of: foot + up * height, from: image.middle)
        let range = image.groundRange.ground(seen.sight.length, at: seen.time, hint: &hint)
        lines.append(seen.time / image.lineInterval)
        samples.append(range / image.sampleSpacing)
      }
    }
    guard let top = lines.min(), let bottom = lines.max(), let near = samples.min(), let far = samples.max()
    else {
      return false
    }
    return top < Double(image.lines) && bottom > -1 && near < Double(image.samples) && far > -1
  }
}
