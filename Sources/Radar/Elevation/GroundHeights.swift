import Rasters

/// Heights above the ellipsoid: an elevation model's own, or its heights above the sea and the geoid's
/// together.
package struct GroundHeights {
  /// The model of the ground.
  package let model: ElevationModel
  /// The model of the geoid; nil where heights are above the ellipsoid already.
  package let geoid: ElevationModel?

  package init(_ model: ElevationModel, geoid: ElevationModel? = nil) {
    (self.model, self.geoid) = (model, geoid)
  }

  /// Returns the heights above the ellipsoid at places in degrees of WGS 84; NaN where none is known.
  ///
  /// - Throws: what reading the models throws.
  func heights(at places: [(longitude: Double, latitude: Double)]) throws(RasterError) -> [Double] {
    let degrees = try CRS.epsg(4326)
    var sums = try Self.heights(of: model, at: places, degrees)
    if let geoid {
      let undulations = try Self.heights(of: geoid, at: places, degrees)
      for index in sums.indices { sums[index] += undulations[index] }
    }
    return sums
  }

  private static func heights(
    of model: ElevationModel, at places: [(longitude: Double, latitude: Double)], _ degrees: CRS
  ) throws(RasterError) -> [Double] {
    var heights = [Double](repeating: .nan, count: places.count)
    for sheet in model.sheets {
      let cells = try SheetCells(sheet, from: degrees)
      let (columns, rows) = cells.places(places.map(\.longitude), places.map(\.latitude))
      for index in places.indices
      where heights[index].isNaN && columns[index].isFinite && rows[index].isFinite {
        let (column, row) = (columns[index], rows[index])
        guard abs(column) < 1e9, abs(row) < 1e9 else { continue }
        let window = Window(
          column: Int((column - 1.5).rounded(.down)), row: Int((row - 1.5).rounded(.down)), width: 4,
          height: 4)
        heights[index] = try model.patch(window, of: sheet).height(column: column, row: row)
      }
    }
    return heights
  }
}

/// The way from map coordinates to the cells of a sheet of heights.
struct SheetCells {
  private let projection: MapProjection
  private let inverse: GeoTransform
  private let turn: Int?

  /// - Throws: `noCRS` where PROJ knows no way between the systems.
  init(_ sheet: ElevationSheet, from crs: CRS) throws(RasterError) {
    projection = try MapProjection(from: crs, to: sheet.crs, path: sheet.tiles[0].path)
    inverse = sheet.transform.inverse!
    turn = sheet.turn
  }

  /// Returns columns and rows for map coordinates, NaN where PROJ finds none; around the globe those near the
  /// first.
  func places(_ xs: [Double], _ ys: [Double]) -> (columns: [Double], rows: [Double]) {
    var (xs, ys) = (xs, ys)
    projection.apply(to: &xs, &ys)
    for index in xs.indices { (xs[index], ys[index]) = inverse.apply(column: xs[index], row: ys[index]) }
    if let turn, let first = xs.first(where: \.isFinite) {
      for index in xs.indices where xs[index].isFinite {
        xs[index] -= ((xs[index] - first) / Double(turn)).rounded() * Double(turn)
      }
    }
    return (xs, ys)
  }
}
