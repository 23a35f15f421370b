import CGDAL

/// Brings geometries to the kinds that GDAL rasterises: points, lines and polygons of straight edges, in two
/// dimensions.
///
/// Of others it burns nothing and says nothing: GDAL learned to rasterise arcs in 3.14.
enum PlainGeometry {
  /// Degrees of an arc that one straight edge stands for: at a radius of 10 km it leaves the arc by 0.4 m.
  private static let step = 1.0

  /// Returns the plain form of a geometry, which it takes over; nil where there is none.
  static func make(from geometry: OGRGeometryH) -> OGRGeometryH? {
    var plain: OGRGeometryH? = geometry
    switch OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) {
    case wkbGeometryCollection: plain = collection(geometry)
    case wkbPolyhedralSurface, wkbTIN, wkbTriangle: plain = OGR_G_ForceToMultiPolygon(geometry)
    default:
      if OGR_G_HasCurveGeometry(geometry, 0) != 0 {
        plain = OGR_G_GetLinearGeometry(geometry, step, nil)
        OGR_G_DestroyGeometry(geometry)
      }
    }
    // Heights and measures decide no pixel, and a height system may ask for grids that are not there.
    if let plain { OGR_G_FlattenTo2D(plain) }
    return plain
  }

  private static func collection(_ geometry: OGRGeometryH) -> OGRGeometryH? {
    defer { OGR_G_DestroyGeometry(geometry) }
    guard let parts = OGR_G_CreateGeometry(wkbGeometryCollection) else { return nil }
    for index in 0..<OGR_G_GetGeometryCount(geometry) {
      guard let part = OGR_G_GetGeometryRef(geometry, index), let copy = OGR_G_Clone(part),
        let plain = make(from: copy)
      else { continue }
      if OGR_G_AddGeometryDirectly(parts, plain) != OGRERR_NONE { OGR_G_DestroyGeometry(plain) }
    }
    return parts
  }

  /// Returns whether a plain geometry has an inside, so that it may lie between the centres of pixels.
  static func isPolygon(_ geometry: OGRGeometryH) -> Bool {
    switch OGR_GT_Flatten(OGR_G_GetGeometryType(geometry)) {
    case wkbPolygon, wkbMultiPolygon: return true
    case wkbGeometryCollection:
      return (0..<OGR_G_GetGeometryCount(geometry)).allSatisfy { index in
        OGR_G_GetGeometryRef(geometry, index).map(isPolygon) ?? true
      }
    default: return false
    }
  }
}
