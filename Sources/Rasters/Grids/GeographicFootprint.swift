extension Grid {
  /// The outer corners in degrees (WGS 84), from the top left one clockwise; nil without a CRS or where PROJ cannot tell.
  public var geographicCorners: [(longitude: Double, latitude: Double)]? {
    guard let transform, let crs, let degrees = try? CRS.epsg(4326),
      let projection = try? MapProjection(from: crs, to: degrees, path: "footprint")
    else { return nil }
    let (right, bottom) = (Double(width), Double(height))
    let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)].compactMap { column, row in
      projection.apply(transform.apply(column: column, row: row))
    }
    return corners.count == 4 ? corners.map { (longitude: $0.x, latitude: $0.y) } : nil
  }
}
