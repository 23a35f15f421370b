import Rasters

/// What the annotation of an image says of its geometry.
package struct ImageAnnotation: Sendable {
  package let geometry: ImageGeometry
  package let places: GeolocationGrid

  /// Reads an annotation.
  ///
  /// - Throws: `unreadable` naming the file and the element that is missing or strange; `unsupported` where
  ///   the image is no ground range image.
  package init(_ file: String) throws(RasterError) {
    let annotation = try Annotation(file)
    let kind = annotation.text("adsHeader/productType") ?? "unknown"
    guard kind == "GRD" else {
      throw RasterError(
        .unsupported, "read the annotation", path: file,
        cause: "it is of a product of type \(kind), where GRD is wanted")
    }
    let image = "imageAnnotation/imageInformation"
    let lines = try annotation.count(image + "/numberOfLines", in: 2...1_000_000)
    let samples = try annotation.count(image + "/numberOfSamples", in: 2...1_000_000)
    let start = try annotation.time(image + "/productFirstLineUtcTime")
    let interval = try annotation.number(image + "/azimuthTimeInterval")
    let spacing = try annotation.number(image + "/rangePixelSpacing")
    guard interval > 0, interval < 1 else {
      throw annotation.unreadable("azimuthTimeInterval is \(interval) s")
    }
    guard spacing >= 0.1, spacing < 1000 else {
      throw annotation.unreadable("rangePixelSpacing is \(spacing) m")
    }
    let states = try Self.states(annotation, since: start)
    guard let orbit = Orbit(states, over: 0...Double(lines - 1) * interval) else {
      throw annotation.unreadable(
        "its \(states.count) state vectors of the orbit do not reach over the image, or are fewer than \(Orbit.fewest)"
      )
    }
    geometry = ImageGeometry(
      lines: lines, samples: samples, lineInterval: interval, sampleSpacing: spacing, orbit: orbit,
      groundRange: GroundRange(try Self.conversions(annotation, since: start)))
    places = try Self.places(annotation)
  }

  private static func states(
    _ annotation: Annotation, since start: AnnotationTime
  ) throws(RasterError) -> [StateVector] {
    var states: [StateVector] = []
    for orbit in annotation.all("generalAnnotation/orbitList/orbit") {
      func vector(_ name: String) throws(RasterError) -> EarthFixed {
        EarthFixed(
          try annotation.number(name + "/x", in: orbit), try annotation.number(name + "/y", in: orbit),
          try annotation.number(name + "/z", in: orbit))
      }
      if let frame = orbit.first("frame")?.text, frame != "Earth Fixed" {
        throw annotation.unreadable("its orbit is in the frame '\(frame)', where 'Earth Fixed' is wanted")
      }
      states.append(
        StateVector(
          time: try annotation.time("time", in: orbit).seconds(since: start),
          position: try vector("position"), velocity: try vector("velocity")))
    }
    return states
  }

  private static func conversions(
    _ annotation: Annotation, since start: AnnotationTime
  ) throws(RasterError) -> [GroundRange.Record] {
    var records: [GroundRange.Record] = []
    for element in annotation.all("coordinateConversion/coordinateConversionList/coordinateConversion") {
      let coefficients = try annotation.numbers("srgrCoefficients", in: element)
      guard (2...32).contains(coefficients.count) else {
        throw annotation.unreadable("srgrCoefficients has \(coefficients.count) numbers")
      }
      records.append(
        GroundRange.Record(
          time: try annotation.time("azimuthTime", in: element).seconds(since: start),
          origin: try annotation.number("sr0", in: element), first: try annotation.number("gr0", in: element),
          coefficients: coefficients))
    }
    guard !records.isEmpty, Set(records.map(\.time)).count == records.count else {
      throw annotation.unreadable("it has no conversions to ground range, or two of one time")
    }
    return records
  }

  private static func places(_ annotation: Annotation) throws(RasterError) -> GeolocationGrid {
    var points: [GeolocationGrid.Point] = []
    for element in annotation.all("geolocationGrid/geolocationGridPointList/geolocationGridPoint") {
      func number(_ name: String, in range: ClosedRange<Double>) throws(RasterError) -> Double {
        let number = try annotation.number(name, in: element)
        guard range.contains(number) else { throw annotation.unreadable("\(name) of a place is \(number)") }
        return number
      }
      points.append(
        GeolocationGrid.Point(
          line: try number("line", in: -1e6...1e6), sample: try number("pixel", in: -1e6...1e6),
          longitude: try number("longitude", in: -360...360), latitude: try number("latitude", in: -90...90),
          height: try number("height", in: -1_000...10_000),
          incidence: try number("incidenceAngle", in: 0...90)))
    }
    guard let grid = GeolocationGrid(points) else {
      throw annotation.unreadable("its \(points.count) places on the ground are no grid of lines and samples")
    }
    return grid
  }
}
