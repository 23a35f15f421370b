import Synchronization

extension Grid {
  /// The ground on the globe; nil without a system, or where PROJ cannot tell an edge's place.
  ///
  /// Edges are straight on the grid: where they are not in degrees they get as many places as keep them
  /// within a pixel.
  public var footprint: GeographicFootprint? {
    if let known = Self.footprints.withLock({ $0[self] }) { return known }
    let found = outlinedFootprint
    Self.footprints.withLock { footprints in
      if footprints.count >= Self.mostFootprints { footprints = [:] }
      footprints[self] = .some(found)
    }
    return found
  }

  /// The footprints that were found: among many scenes each is compared with all others.
  private static let footprints = Mutex<[Grid: GeographicFootprint?]>([:])
  private static let mostFootprints = 1 << 14

  private var outlinedFootprint: GeographicFootprint? {
    guard let transform, let inverse = transform.inverse, let crs, let degrees = try? CRS.epsg(4326),
      let projection = try? MapProjection(from: crs, to: degrees, path: "footprint"),
      let back = try? MapProjection(from: degrees, to: crs, path: "footprint")
    else { return nil }
    let outline = Outline(
      grid: self, transform: transform, inverse: inverse, projection: projection, back: back)
    guard let ring = outline.places else { return nil }
    return GeographicFootprint(ring, pole: outline.pole)
  }

  /// Measures the share of the smaller grid's ground that two grids have in common, from 0 to 1, by the boxes
  /// around them in degrees; nil where a position is not known. Pictures without georeferencing have all in
  /// common where their sizes are the same, unless one says by control points or the like where it lies and
  /// the other does not say the same.
  public func commonGround(with other: Grid) -> Double? {
    if transform == nil && other.transform == nil {
      return geolocation == other.geolocation && isSame(as: other) ? 1 : nil
    }
    guard let mine = footprint, let theirs = other.footprint else { return nil }
    return mine.commonGround(with: theirs)
  }
}

/// The edge of a grid in degrees.
private struct Outline {
  package let grid: Grid
  package let transform, inverse: GeoTransform
  /// The projections to degrees and back.
  package let projection, back: MapProjection

  /// Halvings of an edge at most, so that an edge gets 64 places.
  private static let mostHalvings = 6
  /// The largest distance, in pixels, of a straight line in degrees from the edge that it stands for.
  private static let tolerance = 1.0

  typealias Place = (longitude: Double, latitude: Double)

  /// The places along the edge, clockwise from the top left corner of the grid; nil where one of them cannot
  /// be told.
  package var places: [Place]? {
    let (right, bottom) = (Double(grid.width), Double(grid.height))
    let corners = [(0, 0), (right, 0), (right, bottom), (0, bottom)]
    // Two places half the globe apart are joined either way round: what is as large is looked at more
    // closely.
    let isHuge = isHuge(corners)
    var ring: [Place] = []
    for (index, corner) in corners.enumerated() {
      let next = corners[(index + 1) % corners.count]
      guard let own = place(corner), let its = place(next),
        let between = places(between: corner, own, and: next, its, halvings: 0, isHuge: isHuge)
      else { return nil }
      ring += [own] + between
    }
    return ring
  }

  /// The latitude of the pole within the grid.
  var pole: Double? {
    [90.0, -90].first { latitude in
      // What a geographic grid ends at is on its edge.
      guard grid.crs?.isGeographic == false, let map = back.apply((0, latitude)),
        let again = projection.apply(map), abs(again.y - latitude) < 1e-6
      else { return false }
      let pixel = inverse.apply(column: map.x, row: map.y)
      return pixel.x >= 0 && pixel.x <= Double(grid.width) && pixel.y >= 0 && pixel.y <= Double(grid.height)
    }
  }

  private func isHuge(_ corners: [(Double, Double)]) -> Bool {
    let found = corners.compactMap(place)
    guard found.count == corners.count, pole == nil else { return true }
    let latitudes = found.map(\.latitude)
    let longitudes = found.map { $0.longitude - 360 * (($0.longitude - found[0].longitude) / 360).rounded() }
    return longitudes.max()! - longitudes.min()! > 30 || latitudes.max()! - latitudes.min()! > 30
  }

  private func place(_ pixel: (Double, Double)) -> Place? {
    let map = transform.apply(column: pixel.0, row: pixel.1)
    return projection.apply(map).map { (longitude: $0.x, latitude: $0.y) }
  }

  private func places(
    between start: (Double, Double), _ first: Place, and end: (Double, Double), _ last: Place, halvings: Int,
    isHuge: Bool
  ) -> [Place]? {
    guard halvings < Self.mostHalvings else { return [] }
    let middle = ((start.0 + end.0) / 2, (start.1 + end.1) / 2)
    guard let own = place(middle) else { return nil }
    // Large ground gets eight parts an edge, however straight they are.
    if !(isHuge && halvings < 3), isStraight(first, last, through: middle) { return [] }
    guard
      let before = places(between: start, first, and: middle, own, halvings: halvings + 1, isHuge: isHuge),
      let after = places(between: middle, own, and: end, last, halvings: halvings + 1, isHuge: isHuge)
    else { return nil }
    return before + [own] + after
  }

  /// Returns whether the middle of the line in degrees lies where that of the edge does.
  private func isStraight(_ first: Place, _ last: Place, through middle: (Double, Double)) -> Bool {
    let turns = ((first.longitude - last.longitude) / 360).rounded()
    let line = (
      (first.longitude + last.longitude + 360 * turns) / 2, (first.latitude + last.latitude) / 2
    )
    guard let map = back.apply(line) else { return false }
    let pixel = inverse.apply(column: map.x, row: map.y)
    return abs(pixel.x - middle.0) < Self.tolerance && abs(pixel.y - middle.1) < Self.tolerance
  }
}
