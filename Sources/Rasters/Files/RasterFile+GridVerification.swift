extension RasterFile {
  /// Opens a file that was just written and compares size, position and system with those that it was to
  /// have.
  ///
  /// A format that cannot express a system leaves it out without an error.
  ///
  /// - Throws: `unsupported` naming the file and the system that it lost, `notVerified` naming what else
  ///   differs; what opening throws.
  package static func verify(_ path: String, liesOn grid: Grid) throws(RasterError) {
    let found = try RasterFile(path: path).grid
    guard let difference = found.differenceOnGround(from: grid) else { return }
    let isPlaced =
      found.width == grid.width && found.height == grid.height && found.transform == grid.transform
    throw RasterError(
      isPlaced ? .unsupported : .notVerified, "keep the scene's grid in the raster", path: path,
      cause: difference
        + (isPlaced
          ? "; GeoTIFF cannot express it: bring the scene to another coordinate reference system" : ""))
  }
}

extension Grid {
  /// Describes how a grid that was read back differs from the one that was written; nil where each pixel lies
  /// where it should. Systems may be spelt otherwise, as long as corners are the same places.
  func differenceOnGround(from wanted: Grid) -> String? {
    if let geolocation = wanted.geolocation, !geolocation.isKept(in: self.geolocation) {
      return "its control points, their coordinate reference system or its rational functions are lost"
    }
    let unplaced = { (grid: Grid) in
      Grid(width: grid.width, height: grid.height, transform: grid.transform, crs: grid.crs)
    }
    guard let difference = unplaced(self).difference(from: unplaced(wanted)) else { return nil }
    guard width == wanted.width, height == wanted.height, let mine = crs, let theirs = wanted.crs else {
      return difference
    }
    let respelt = Grid(width: width, height: height, transform: transform, crs: theirs)
    if let other = respelt.difference(from: unplaced(wanted)) { return other }
    return mine.placesAlike(theirs, wanted) ? nil : difference
  }
}

extension Geolocation {
  /// Returns whether what was written came back; arrays are not written.
  fileprivate func isKept(in other: Geolocation?) -> Bool {
    guard let other else { return controlPoints.isEmpty && rationalFunctions.isEmpty }
    return other.controlPoints == controlPoints && hasSystem(of: other)
      && rationalFunctions.allSatisfy { name, value in
        name == "ERR_BIAS" || name == "ERR_RAND" || Self.isSame(value, other.rationalFunctions[name])
      }
  }

  /// Returns whether the control points are the same places, in whatever spelling of their system.
  private func hasSystem(of other: Geolocation) -> Bool {
    guard let crs, let theirs = other.crs else { return crs == nil && other.crs == nil }
    if crs.isSame(as: theirs) || crs.name == theirs.name { return true }
    guard let degrees = try? CRS.epsg(4326), let mine = try? MapProjection(from: crs, to: degrees, path: ""),
      let its = try? MapProjection(from: theirs, to: degrees, path: "")
    else { return false }
    return controlPoints.allSatisfy { point in
      guard let own = mine.apply((point.x, point.y)), let other = its.apply((point.x, point.y)) else {
        return false
      }
      return abs(own.x - other.x) < 1e-7 && abs(own.y - other.y) < 1e-7
    }
  }

  /// Returns whether two lists of numbers are the same to the digits that writers keep; what is no number is
  /// no coefficient.
  private static func isSame(_ one: String, _ other: String?) -> Bool {
    let numbers = one.split(separator: " ").compactMap { Double($0) }
    let others = (other ?? "").split(separator: " ").compactMap { Double($0) }
    return numbers.isEmpty
      || numbers.count == others.count
        && zip(numbers, others).allSatisfy { abs($0 - $1) <= 1e-9 * max(abs($0), abs($1)) }
  }
}

extension CRS {
  /// Returns whether the corners of a grid are the same places in both systems, to 1/100 pixel; of systems
  /// without a place on Earth, whether they have one name.
  fileprivate func placesAlike(_ other: CRS, _ grid: Grid) -> Bool {
    guard let transform = grid.transform else { return name == other.name }
    guard let degrees = try? CRS.epsg(4326), let mine = try? MapProjection(from: self, to: degrees, path: ""),
      let theirs = try? MapProjection(from: other, to: degrees, path: ""),
      let back = try? MapProjection(from: degrees, to: other, path: ""), let inverse = transform.inverse
    else { return name == other.name }
    let corners = [(0, 0), (grid.width, 0), (0, grid.height), (grid.width, grid.height)]
    return corners.allSatisfy { column, row in
      let place = transform.apply(column: Double(column), row: Double(row))
      guard let own = mine.apply(place), let its = theirs.apply(place) else { return false }
      if own == its { return true }
      guard let ownAgain = back.apply(own), let itsAgain = back.apply(its) else { return false }
      let (first, second) = (
        inverse.apply(column: ownAgain.x, row: ownAgain.y), inverse.apply(column: itsAgain.x, row: itsAgain.y)
      )
      return abs(first.x - second.x) < 0.01 && abs(first.y - second.y) < 0.01
    }
  }
}
