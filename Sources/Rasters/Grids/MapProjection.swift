import CGDAL

/// Carries coordinates of one system over to another; the identity where both are absent or the same.
package final class MapProjection {
  private let handle: OGRCoordinateTransformationH?

  /// - Throws: `noCRS` where only one side has a system, or PROJ knows no way between them.
  package init(from source: CRS?, to target: CRS?, path: String) throws(RasterError) {
    guard let source, let target else {
      guard source == nil, target == nil else {
        throw RasterError(
          .noCRS, "compare positions", path: path,
          cause: source == nil ? "it has no coordinate reference system, the scene has" : "the scene has none"
        )
      }
      handle = nil
      return
    }
    if source.isSame(as: target) {
      handle = nil
      return
    }
    for (crs, owner) in [(source, path), (target, "the scene")] {
      guard let outside = CRSDefinition.outsideFile(in: crs.wkt) else { continue }
      throw RasterError(
        .noCRS, "compare positions", path: owner,
        cause: "its coordinate reference system needs the file '\(outside)', which is not opened")
    }
    guard let from = SpatialReference(wkt: source.wkt), let to = SpatialReference(wkt: target.wkt) else {
      throw RasterError(.noCRS, "compare positions", path: path)
    }
    handle = try GDALErrors.attempt("go from \(source) to \(target)", path: path, code: .noCRS) {
      OCTNewCoordinateTransformation(from.handle, to.handle)
    }
  }

  deinit {
    if let handle { OCTDestroyCoordinateTransformation(handle) }
  }

  /// Reprojects a geometry in place; false where a point of it cannot be reached.
  package func apply(to geometry: OGRGeometryH) -> Bool {
    guard let handle else { return true }
    return GDALErrors.collect { OGR_G_Transform(geometry, handle) }.result == OGRERR_NONE
  }

  /// Reprojects a point; nil where it cannot be reached.
  package func apply(_ point: (x: Double, y: Double)) -> (x: Double, y: Double)? {
    guard let handle else { return point }
    var (x, y) = point
    let done = GDALErrors.collect { OCTTransform(handle, 1, &x, &y, nil) }.result != 0
    return done && x.isFinite && y.isFinite ? (x, y) : nil
  }

  /// Reprojects many points in place, which is far faster than one by one; those that cannot be reached
  /// become NaN.
  package func apply(to xs: inout [Double], _ ys: inout [Double]) {
    precondition(xs.count == ys.count, "\(xs.count) x for \(ys.count) y")
    guard let handle, !xs.isEmpty else { return }
    var isReached = [Int32](repeating: 0, count: xs.count)
    _ = GDALErrors.collect {
      OCTTransformEx(handle, Int32(xs.count), &xs, &ys, nil, &isReached)
    }
    for index in xs.indices where isReached[index] == 0 || !xs[index].isFinite || !ys[index].isFinite {
      (xs[index], ys[index]) = (.nan, .nan)
    }
  }

  /// Returns the window of `grid` that another raster covers, found by its outline with a pixel to spare; nil
  /// where it lies outside. Both need a transform; `path` is that of the labels, for messages.
  package static func extent(of other: Grid, on grid: Grid, path: String) throws(RasterError) -> Window? {
    let projection = try MapProjection(from: other.crs, to: grid.crs, path: path)
    guard let transform = other.transform, let inverse = grid.transform?.inverse else { return nil }
    var columns: [Double] = []
    var rows: [Double] = []
    let steps = 32
    for step in 0...steps {
      let across = Double(other.width) * Double(step) / Double(steps)
      let down = Double(other.height) * Double(step) / Double(steps)
      for (column, row) in [
        (across, 0), (across, Double(other.height)), (0, down), (Double(other.width), down),
      ] {
        guard let point = projection.apply(transform.apply(column: column, row: row)) else { continue }
        let place = inverse.apply(column: point.x, row: point.y)
        columns.append(place.x)
        rows.append(place.y)
      }
    }
    return Window.covering(columns: columns, rows: rows, spare: 2, within: grid.bounds)
  }
}

extension Window {
  /// Returns the part of `bounds` that covers the given positions and some pixels around them; nil where none
  /// does.
  package static func covering(columns: [Double], rows: [Double], spare: Double, within bounds: Window)
    -> Window?
  {
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max(),
      [left, right, top, bottom].allSatisfy(\.isFinite)
    else { return nil }
    // Clamped in Double first: a far-away feature would overflow Int.
    let clampColumn = { (value: Double) in Int(min(max(value, -8), Double(bounds.width) + 8)) }
    let clampRow = { (value: Double) in Int(min(max(value, -8), Double(bounds.height) + 8)) }
    let firstColumn = clampColumn((left - spare).rounded(.down))
    let firstRow = clampRow((top - spare).rounded(.down))
    return Window(
      column: firstColumn, row: firstRow,
      width: max(0, clampColumn((right + spare).rounded(.up)) - firstColumn),
      height: max(0, clampRow((bottom + spare).rounded(.up)) - firstRow)
    ).intersection(bounds)
  }
}
