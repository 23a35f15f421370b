/// The ground of a raster on the globe, in degrees of WGS 84, as GeoJSON has it (RFC 7946).
public struct GeographicFootprint: Sendable, Hashable {
  /// A place on the globe.
  public struct Place: Sendable, Hashable {
    /// Degrees east, -180...180.
    public let longitude: Double
    /// Degrees north, -90...90.
    public let latitude: Double
  }

  /// The western and eastern edge: `west` is greater where the ground lies across 180 degrees.
  public let west, east: Double
  /// The southern and northern edge.
  public let south, north: Double
  /// The outlines, counter-clockwise, the first place again at the end: one, or those on either side of 180
  /// degrees.
  public let polygons: [[Place]]

  /// `[west, south, east, north]`.
  public var box: [Double] { [west, south, east, north] }
  /// Degrees of longitude from west to east.
  private var width: Double { east >= west ? east - west : east - west + 360 }

  /// Returns the share of the smaller box's ground that two boxes have in common, from 0 to 1.
  func commonGround(with other: GeographicFootprint) -> Double {
    let height = min(north, other.north) - max(south, other.south)
    let shared = [-360.0, 0, 360].reduce(0) { sum, turn in
      sum + max(0, min(west + width, other.west + other.width + turn) - max(west, other.west + turn))
    }
    guard shared > 0, height > 0 else { return 0 }
    let smaller = min(width * (north - south), other.width * (other.north - other.south))
    return min(1, shared * height / smaller)
  }
}

extension GeographicFootprint {
  /// - Parameters:
  ///   - ring: the outline without its first place again, of which longitudes may be any number of turns; two
  ///     places that follow each other are less than half a turn apart.
  ///   - pole: the latitude of the pole within it, where one is.
  package init?(_ ring: [(longitude: Double, latitude: Double)], pole: Double?) {
    guard let first = ring.first else { return nil }
    var unwound = [first]
    for place in ring.dropFirst() + [first] {
      let turns = ((unwound.last!.longitude - place.longitude) / 360).rounded()
      unwound.append((place.longitude + 360 * turns, place.latitude))
    }
    let closes = abs(unwound.last!.longitude - first.longitude) < 180
    if closes { unwound.removeLast() }
    let latitudes = unwound.map(\.latitude) + (pole.map { [$0] } ?? [])
    (south, north) = (max(-90, latitudes.min()!), min(90, latitudes.max()!))
    if let pole {
      (west, east) = (-180, 180)
      // One turn around the pole, cut at 180 degrees and closed along the pole; an outline that makes no turn
      // has the pole on it.
      polygons = [
        closes
          ? Self.closed([(-180, south), (180, south), (180, north), (-180, north)])
          : Self.closed(Self.cap(unwound, pole: pole))
      ]
      return
    }
    guard closes else { return nil }
    let longitudes = unwound.map(\.longitude)
    let (low, high) = (longitudes.min()!, longitudes.max()!)
    guard high - low < 360 else {
      (west, east) = (-180, 180)
      polygons = [Self.closed([(-180, south), (180, south), (180, north), (-180, north)])]
      return
    }
    // The turn in which the western edge lies in -180..<180.
    let shift = -360 * ((low + 180) / 360).rounded(.down)
    let moved = unwound.map { (longitude: $0.longitude + shift, latitude: $0.latitude) }
    west = low + shift
    guard high + shift > 180 else {
      east = high + shift
      polygons = [Self.closed(moved)]
      return
    }
    east = high + shift - 360
    let parts = [
      Self.clipped(moved) { 180 - $0 }, Self.clipped(moved) { $0 - 180 }.map { ($0.0 - 360, $0.1) },
    ]
    polygons = parts.filter { $0.count > 2 }.map(Self.closed)
  }

  /// Returns the part of an outline where `inside` of its longitudes is not negative (Sutherland and Hodgman
  /// 1974).
  private static func clipped(
    _ ring: [(longitude: Double, latitude: Double)], _ inside: (Double) -> Double
  ) -> [(Double, Double)] {
    ring.indices.flatMap { index -> [(Double, Double)] in
      let (place, next) = (ring[index], ring[(index + 1) % ring.count])
      let (own, its) = (inside(place.longitude), inside(next.longitude))
      var places = own >= 0 ? [(place.longitude, place.latitude)] : []
      if own * its < 0 {
        let share = own / (own - its)
        places.append((180, place.latitude + share * (next.latitude - place.latitude)))
      }
      return places
    }
  }

  /// Returns a turn around a pole as an outline from -180 to 180 degrees that is closed along the pole.
  private static func cap(_ turn: [(longitude: Double, latitude: Double)], pole: Double) -> [(Double, Double)]
  {
    var edges = turn.dropLast().map { place in
      (place.longitude - 360 * ((place.longitude + 180) / 360).rounded(.down), place.latitude)
    }
    edges.sort { $0.0 < $1.0 }
    guard let first = edges.first, let last = edges.last else { return [] }
    let gap = first.0 + 360 - last.0
    let share = gap > 0 ? (180 - last.0) / gap : 0
    let latitude = last.1 + share * (first.1 - last.1)
    return [(-180, latitude)] + edges.filter { abs($0.0) < 180 } + [
      (180, latitude), (180, pole), (-180, pole),
    ]
  }

  /// Returns the ring counter-clockwise, and with the first place again at the end.
  private static func closed(_ ring: [(Double, Double)]) -> [Place] {
    let area = ring.indices.reduce(0.0) { sum, index in
      let (place, next) = (ring[index], ring[(index + 1) % ring.count])
      return sum + place.0 * next.1 - next.0 * place.1
    }
    let ordered = area < 0 ? [ring[0]] + ring.dropFirst().reversed() : ring
    return (ordered + [ordered[0]]).map { Place(longitude: $0.0, latitude: $0.1) }
  }
}
