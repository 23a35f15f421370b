import CGDAL

/// Labels from polygons, lines or points: features of a class, reprojected once, burnt window by window.
final class VectorLabels: LabelLayer {
  private struct Feature {
    let geometry: OGRGeometryH
    let classIndex: UInt8
    let window: Window
  }
  private var features: [Feature] = []
  private let path: String
  /// From map to pixel coordinates of the grid.
  private let toPixels: GeoTransform
  private(set) var extent: Window?

  init(_ source: LabelSource, key: LabelKey, on grid: Grid) throws(RasterError) {
    path = source.path
    let pixels = GeoTransform(originX: 0, columnX: 1, rowX: 0, originY: 0, columnY: 0, rowY: 1)
    toPixels = grid.transform?.inverse ?? pixels
    let file = try VectorFile(path: source.path)
    let layer = try file.layer(named: source.layer)
    let field = try layer.field(named: source.field)
    let projection = try MapProjection(from: layer.crs, to: grid.crs, path: source.path)
    var unknown = Set<String>()
    var outside = 0
    try layer.forEachFeature(field: field) { value, geometry in
      guard let classIndex = value.number.flatMap(key.index(of:)) ?? key.index(of: value.text) else {
        unknown.insert(value.text)
        return false
      }
      guard projection.apply(to: geometry), let window = self.window(of: geometry, on: grid) else {
        outside += 1
        return false
      }
      features.append(Feature(geometry: geometry, classIndex: classIndex, window: window))
      extent = extent?.union(window) ?? window
      return true
    }
    guard features.isEmpty else { return }
    let values = unknown.sorted().prefix(12).joined(separator: ", ")
    throw RasterError(
      .noLabels, "find labels by the field '\(field.name)'", path: source.path,
      cause: outside > 0
        ? "\(outside) features of the classes lie outside the scene"
        : "no feature has a class; the field holds \(values.isEmpty ? "nothing" : values)")
  }

  deinit {
    for feature in features { OGR_G_DestroyGeometry(feature.geometry) }
  }

  func read(_ window: Window) throws(RasterError) -> [UInt8] {
    let blank = [UInt8](repeating: Labels.unlabelled, count: window.pixelCount)
    let near = features.filter { $0.window.intersection(window) != nil }
    guard !near.isEmpty else { return blank }
    let target = try Dataset.inMemory(width: window.width, height: window.height, bands: 1, type: GDT_Byte)
    let band = target.band(1)
    var shifted = toPixels.coefficients
    shifted[0] -= Double(window.column)
    shifted[3] -= Double(window.row)
    return try GDALErrors.attempt("rasterise the features of \(window)", path: path, code: .unreadable) {
      var values = blank
      var geometries: [OGRGeometryH?] = near.map(\.geometry)
      var classes = near.map { Double($0.classIndex) }
      var bands: [Int32] = [1]
      guard GDALFillRaster(band, Double(Labels.unlabelled), 0) == CE_None,
        GDALRasterizeGeometries(
          target.handle, 1, &bands, Int32(near.count), &geometries, Self.mapToPixels, &shifted, &classes, nil,
          nil,
          nil) == CE_None,
        GDALRasterIO(
          band, GF_Read, 0, 0, Int32(window.width), Int32(window.height), &values, Int32(window.width),
          Int32(window.height), GDT_Byte, 0, 0) == CE_None
      else { return nil }
      return values
    }
  }

  /// GDAL hands over map coordinates to be turned, in place, into pixels of the raster that is burnt:
  /// applying the six numbers directly serves rotated grids and grids without a system alike.
  private static let mapToPixels: GDALTransformerFunc = { argument, _, count, x, y, _, success in
    guard let argument, let x, let y, let success else { return 0 }
    let c = argument.assumingMemoryBound(to: Double.self)
    for index in 0..<Int(count) {
      let (mapX, mapY) = (x[index], y[index])
      x[index] = c[0] + mapX * c[1] + mapY * c[2]
      y[index] = c[3] + mapX * c[4] + mapY * c[5]
      success[index] = 1
    }
    return 1
  }

  /// The pixels that a geometry's envelope covers.
  private func window(of geometry: OGRGeometryH, on grid: Grid) -> Window? {
    var envelope = OGREnvelope()
    OGR_G_GetEnvelope(geometry, &envelope)
    var columns: [Double] = []
    var rows: [Double] = []
    for x in [envelope.MinX, envelope.MaxX] {
      for y in [envelope.MinY, envelope.MaxY] {
        let place = toPixels.apply(column: x, row: y)
        columns.append(place.x)
        rows.append(place.y)
      }
    }
    return Window.covering(columns: columns, rows: rows, spare: 0.5, within: grid.bounds)
  }
}
