/// The pixels of a raster and where they lie on the map.
public struct Grid: Hashable, Sendable, CustomStringConvertible {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The transform from pixel to map coordinates; nil for a picture without georeferencing.
  public let transform: GeoTransform?
  /// The coordinate reference system; nil where the file names none.
  public let crs: CRS?
  /// The place that a file without a position states all the same; nil with a transform.
  public let geolocation: Geolocation?

  /// Creates a grid.
  public init(
    width: Int, height: Int, transform: GeoTransform? = nil, crs: CRS? = nil, geolocation: Geolocation? = nil
  ) {
    self.width = width
    self.height = height
    self.transform = transform
    self.crs = crs
    self.geolocation = transform == nil ? geolocation : nil
  }

  /// The window of all pixels.
  public var bounds: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// Returns the grid of a part of the raster.
  public func forWindow(_ window: Window) -> Grid {
    Grid(
      width: window.width, height: window.height, transform: transform?.forWindow(window), crs: crs,
      geolocation: geolocation?.forWindow(window))
  }

  /// Returns whether both grids have the same size and system, and no corner is further apart than 1/100
  /// pixel.
  ///
  /// Two grids without georeferencing are the same when their sizes are; so are two of which one says nothing
  /// of its place and the other has control points or the like, but not two that say another place each.
  public func isSame(as other: Grid) -> Bool { difference(from: other) == nil }

  /// Describes the difference between the grids, for an error message; nil where they are the same.
  public func difference(from other: Grid) -> String? {
    if width != other.width || height != other.height {
      return "\(width) x \(height) pixels against \(other.width) x \(other.height)"
    }
    switch (crs, other.crs) {
    case (let mine?, let theirs?) where !mine.isSame(as: theirs):
      return "coordinate reference system \(mine) against \(theirs)"
    case (.some(let mine), nil): return "coordinate reference system \(mine) against none"
    case (nil, .some(let theirs)): return "no coordinate reference system against \(theirs)"
    default: break
    }
    switch (transform, other.transform) {
    case (let mine?, let theirs?):
      let apart = largestOffset(mine, theirs)
      return apart <= 0.01 ? nil : "a position \(apart.rounded(toPlaces: 3)) pixels apart"
    case (nil, nil):
      return geolocation == nil || other.geolocation == nil ? nil : differenceOfPlace(from: other)
    default:
      let points = (geolocation ?? other.geolocation).map { ": \($0)" } ?? ""
      return "one of them has no position on the map\(points)"
    }
  }

  /// Describes the difference between the places that two dates without a position state, for an error
  /// message; nil where one of them has a position, and where both state the same or nothing.
  ///
  /// Of labels that state nothing the user says what they show. Of a date nobody does.
  public func differenceOfPlace(from other: Grid) -> String? {
    guard transform == nil, other.transform == nil else { return nil }
    switch (geolocation, other.geolocation) {
    case (let mine?, let theirs?) where mine != theirs:
      return "control points, rational functions or geolocation arrays that say another place each"
    case (let stated?, nil), (nil, let stated?):
      return "the position of one of them is \(stated), the other states no place"
    default: return nil
    }
  }

  /// Returns the largest distance of a corner between two transforms, in pixels of the second.
  private func largestOffset(_ mine: GeoTransform, _ theirs: GeoTransform) -> Double {
    guard let inverse = theirs.inverse else { return mine == theirs ? 0 : .infinity }
    var largest = 0.0
    for (column, row) in [(0, 0), (width, 0), (0, height), (width, height)] {
      let (x, y) = mine.apply(column: Double(column), row: Double(row))
      let back = inverse.apply(column: x, row: y)
      largest = max(largest, abs(back.x - Double(column)), abs(back.y - Double(row)))
    }
    return largest
  }

  /// The area of one pixel on the ground; nil without a transform or a projected system, and in degrees or a
  /// Mercator projection, where it changes from row to row.
  public var pixelAreaInSquareMetres: Double? {
    guard let transform, let unit = crs?.metresPerUnit else { return nil }
    return transform.pixelArea * unit * unit
  }

  /// "774 x 1177, EPSG:32636".
  public var description: String {
    "\(width) x \(height), \(crs.map(\.description) ?? "no coordinate reference system")"
  }
}

extension Double {
  /// Returns the number rounded to a few decimal places, for messages.
  package func rounded(toPlaces places: Int) -> Double {
    guard isFinite else { return self }
    var factor = 1.0
    for _ in 0..<places { factor *= 10 }
    return (self * factor).rounded() / factor
  }
}
