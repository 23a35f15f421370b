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

  /// How much of the smaller one's ground two grids have in common, from 0 to 1, by the boxes around their corners in degrees; nil
  /// where a position is not known. Pictures without georeferencing have all in common where their sizes are the same.
  public func commonGround(with other: Grid) -> Double? {
    if transform == nil && other.transform == nil { return isSame(as: other) ? 1 : nil }
    guard let mine = degrees, let theirs = other.degrees else { return nil }
    let width = min(mine.east, theirs.east) - max(mine.west, theirs.west)
    let height = min(mine.north, theirs.north) - max(mine.south, theirs.south)
    guard width > 0, height > 0 else { return 0 }
    func area(_ box: (west: Double, south: Double, east: Double, north: Double)) -> Double {
      (box.east - box.west) * (box.north - box.south)
    }
    return min(1, width * height / min(area(mine), area(theirs)))
  }

  private var degrees: (west: Double, south: Double, east: Double, north: Double)? {
    guard let corners = geographicCorners, let first = corners.first else { return nil }
    var box = (west: first.longitude, south: first.latitude, east: first.longitude, north: first.latitude)
    for corner in corners {
      box.west = min(box.west, corner.longitude)
      box.east = max(box.east, corner.longitude)
      box.south = min(box.south, corner.latitude)
      box.north = max(box.north, corner.latitude)
    }
    return box
  }
}
