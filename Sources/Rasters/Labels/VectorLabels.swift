import CGDAL
import Classes

/// Labels from polygons, lines or points: features of a class, reprojected once, burnt window by window.
final class VectorLabels: LabelLayer {
  private struct Feature {
    let geometry: OGRGeometryH
    let classIndex: UInt8
    let label: String
    package let window: Window
  }
  private var features: [Feature] = []
  private let path: String
  /// The transform from map to pixel coordinates of the grid.
  private let toPixels: GeoTransform
  package private(set) var extent: Window?

  private let grid: Grid
  private let classCount: Int
  private let listsLabels: Bool
  /// Pixels of each label of a class, where labels are listed for classes.
  private var taken: [String: (classIndex: UInt8, label: String, pixels: Int)] = [:]
  private var others = LabelTally()
  private var found: LabelSurvey
  /// Whether the polygon of each feature has won a pixel in a part that was examined.
  private var isSeen: [Bool] = []
  /// The place of the first feature outside of the grid, in the layer's own system.
  private var firstOutside: (x: Double, y: Double)?

  package init(
    _ source: LabelSource, key: LabelKey, on grid: Grid, refusing: ([LabelTally.Entry]) -> RasterError?
  ) throws(RasterError) {
    path = source.path
    self.grid = grid
    classCount = key.classes.count
    listsLabels = key.listsLabels
    found = LabelSurvey(.features, classes: classCount)
    let pixels = GeoTransform(originX: 0, columnX: 1, rowX: 0, originY: 0, columnY: 0, rowY: 1)
    toPixels = grid.transform?.inverse ?? pixels
    let file = try VectorFile(path: source.path)
    let layer = try file.layer(named: source.layer)
    let field = try layer.field(named: source.field)
    let projection = try MapProjection(from: layer.crs, to: grid.crs, path: source.path)
    try layer.forEachFeature([field]) { values, geometry in
      guard let value = values[0], !value.text.trimmed.isEmpty else {
        found.withoutValue += 1
        return
      }
      guard let classIndex = value.number.flatMap(key.index(of:)) ?? key.index(of: value.text) else {
        others.add(value.text)
        return
      }
      take(geometry, of: classIndex, labelled: value.text, by: projection)
    }
    found.others = others.entries
    isSeen = Array(repeating: false, count: features.count)
    if !found.others.isEmpty, let refusal = refusing(found.others) { throw refusal }
    guard features.isEmpty else { return }
    throw RasterError(
      .noLabels, "find labels by the field '\(field.name)'", path: source.path,
      cause: found.outside > 0
        ? outsideText(isUndeclaredGeoJSON: file.isUndeclaredGeoJSON)
        : "no feature has a class; the field holds \(Self.text(found.others))")
  }

  private func take(
    _ geometry: OGRGeometryH?, of classIndex: UInt8, labelled label: String, by projection: MapProjection
  ) {
    guard let geometry, OGR_G_IsEmpty(geometry) == 0, let copy = OGR_G_Clone(geometry),
      let plain = PlainGeometry.make(from: copy)
    else {
      found.withoutGeometry += 1
      return
    }
    var envelope = OGREnvelope()
    OGR_G_GetEnvelope(plain, &envelope)
    guard projection.apply(to: plain), let window = window(of: plain, on: grid) else {
      OGR_G_DestroyGeometry(plain)
      found.outside += 1
      firstOutside = firstOutside ?? (envelope.MinX, envelope.MinY)
      return
    }
    features.append(Feature(geometry: plain, classIndex: classIndex, label: label, window: window))
    extent = extent?.union(window) ?? window
  }

  private func outsideText(isUndeclaredGeoJSON: Bool) -> String {
    var text = "\(found.outside) features of the classes lie outside the scene"
    guard let place = firstOutside else { return text }
    text += "; the first one lies at (\(Self.plain(place.x)), \(Self.plain(place.y)))"
    if isUndeclaredGeoJSON { text += ", and GeoJSON without a 'crs' is read as longitude and latitude" }
    return text
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  private static func text(_ others: [LabelTally.Entry]) -> String {
    others.isEmpty ? "nothing" : others.map(\.value).sorted().prefix(12).joined(separator: ", ")
  }

  deinit {
    for feature in features { OGR_G_DestroyGeometry(feature.geometry) }
  }

  package func read(_ window: Window) throws(RasterError) -> [UInt8] {
    let near = features.filter { $0.window.intersection(window) != nil }
    return try burnt(
      near.map { ($0.geometry, Double($0.classIndex)) }, on: window,
      elsewhere: (ClassIndex.none, Double(ClassIndex.none)))
  }

  /// Burns the numbers of features in the place of their classes: what has won no pixel is looked at alone,
  /// in ``survey()``.
  func examine(_ window: Window) throws(RasterError) -> [UInt8] {
    let near = features.indices.filter { features[$0].window.intersection(window) != nil }
    let numbers: [Double] = try burnt(
      near.map { (features[$0].geometry, Double($0)) }, on: window, elsewhere: (-1, -1))
    return numbers.map { number in
      guard number >= 0 else { return ClassIndex.none }
      isSeen[Int(number)] = true
      let feature = features[Int(number)]
      if listsLabels {
        taken[
          LabelKey.compared(feature.label), default: (feature.classIndex, feature.label.trimmed, 0)
        ].pixels += 1
      }
      return feature.classIndex
    }
  }

  package func survey() throws(RasterError) -> LabelSurvey {
    var survey = found
    survey.origins = taken.values.map {
      LabelSurvey.Origin(classIndex: Int($0.classIndex), label: $0.label, pixels: $0.pixels)
    }.sorted { ($0.classIndex, $0.label) < ($1.classIndex, $1.label) }
    for index in features.indices where !isSeen[index] {
      let feature = features[index]
      // Later features may have covered it: that is no fault of its own.
      if PlainGeometry.isPolygon(feature.geometry), try !coversPixel(feature) {
        survey.uncovering[Int(feature.classIndex)] += 1
      }
    }
    return survey
  }

  private func coversPixel(_ feature: Feature) throws(RasterError) -> Bool {
    for strip in feature.window.strips(ofHeight: 256) {
      let values: [UInt8] = try burnt([(feature.geometry, 1)], on: strip, elsewhere: (0, 0))
      if values.contains(1) { return true }
    }
    return false
  }

  /// Burns a value for each geometry, the later ones on top, where a pixel's centre lies inside.
  ///
  /// - Parameter blank: the value where there is none, and the same as a Double.
  /// - Returns: `[H, W]`.
  private func burnt<Value: RasterElement>(
    _ shapes: [(geometry: OGRGeometryH, value: Double)], on window: Window,
    elsewhere blank: (value: Value, number: Double)
  ) throws(RasterError) -> [Value] {
    let empty = [Value](repeating: blank.value, count: window.pixelCount)
    guard !shapes.isEmpty else { return empty }
    let type = Value.gdalType
    let target = try Dataset.inMemory(width: window.width, height: window.height, bands: 1, type: type)
    let band = target.band(1)
    var shifted = toPixels.coefficients
    shifted[0] -= Double(window.column)
    shifted[3] -= Double(window.row)
    return try GDALErrors.attempt("rasterise the features of \(window)", path: path, code: .unreadable) {
      var values = empty
      var geometries: [OGRGeometryH?] = shapes.map(\.geometry)
      var numbers = shapes.map(\.value)
      var bands: [Int32] = [1]
      guard GDALFillRaster(band, blank.number, 0) == CE_None,
        GDALRasterizeGeometries(
          target.handle, 1, &bands, Int32(shapes.count), &geometries, Self.mapToPixels, &shifted, &numbers,
          nil, nil, nil) == CE_None,
        GDALRasterIO(
          band, GF_Read, 0, 0, Int32(window.width), Int32(window.height), &values, Int32(window.width),
          Int32(window.height), type, 0, 0) == CE_None
      else { return nil }
      return values
    }
  }

  /// The function that turns map coordinates from GDAL, in place, into pixels of the raster that is burnt:
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

  /// Returns the pixels that a geometry's envelope covers.
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
