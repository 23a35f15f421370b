import Rasters

/// Finds places through the coarse grid of the annotation, which knows the ground's height every few
/// kilometres only.
struct GridPlaces: PlaceFinder {
  private let image: ImageGeometry
  private let grid: GeolocationGrid
  private let toDegrees: MapProjection

  /// - Throws: `noCRS` where PROJ knows no way to degrees.
  init(_ image: ImageGeometry, _ grid: GeolocationGrid, on crs: CRS) throws(RasterError) {
    (self.image, self.grid) = (image, grid)
    toDegrees = try MapProjection(from: crs, to: CRS.epsg(4326), path: "the map")
  }

  func places(in window: Window, of transform: GeoTransform) throws(RasterError) -> TilePlaces? {
    // A tenth of a pixel: the grid itself is no better.
    let lattice = try MapLattice(window, of: transform, tolerances: [0.1, 0.1]) { xs, ys in
      var (longitudes, latitudes) = (xs, ys)
      toDegrees.apply(to: &longitudes, &latitudes)
      var start = (line: Double(image.lines) / 2, sample: Double(image.samples) / 2)
      var fields = [[Double](), [Double]()]
      for (longitude, latitude) in zip(longitudes, latitudes) {
        let place =
          longitude.isFinite && latitude.isFinite
          ? grid.place(ofLongitude: longitude, latitude: latitude, from: start) : nil
        if let place { start = place }
        fields[0].append(place?.line ?? .nan)
        fields[1].append(place?.sample ?? .nan)
      }
      return fields
    }
    let blank = [Float](repeating: .nan, count: window.pixelCount)
    var places = TilePlaces(window: window, padded: window, lines: blank, samples: blank)
    for row in 0..<window.height {
      let nodes = lattice.row(row)
      for column in 0..<window.width {
        let node = column / lattice.step * 2
        let share = Double(column % lattice.step) / Double(lattice.step)
        let line = nodes[node] + (nodes[node + 2] - nodes[node]) * share
        let sample = nodes[node + 1] + (nodes[node + 3] - nodes[node + 1]) * share
        guard image.contains(line: line, sample: sample) else { continue }
        places.lines[row * window.width + column] = Float(line)
        places.samples[row * window.width + column] = Float(sample)
        places.inImage += 1
      }
    }
    return places.inImage > 0 ? places : nil
  }
}
