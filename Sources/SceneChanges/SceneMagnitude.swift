import ChangeDetection
import Runs
import Scenes

/// The magnitude of change of each pixel of a pair by a method, and the least that is significant.
package struct SceneMagnitude {
  package let plane: any PlaneSource
  /// The meaning of the values, for the raster's band.
  package let meaning: String
  /// The border that the method itself has between change and no change.
  package var ownThreshold: Double?
  /// The value that unchanged pixels hardly reach: no automatic threshold lies below.
  package var floor: Double?
  /// The chi-square threshold.
  package var significance: Double?
  /// The direction of change, in degrees.
  package var direction: (any PlaneSource)?
  package var findings: [Finding] = []
  package var warnings: [String] = []

  /// - Returns: nil where the dates have no pixel in common, or the later one says nothing else than the
  ///   earlier.
  /// - Throws: what reading throws.
  package init?(of pair: any ImagePair, _ settings: SceneComparisonSettings, sensor: Sensor) throws {
    switch settings.method {
    case .irMAD, .mad:
      try self.init(alteration: pair, settings)
    case .cva:
      let dates = try NormalizedDates(pair, by: settings.normalization)
      guard let analysis = try ChangeVectorAnalysis(of: dates.pair, hasOneScale: dates.haveOneScale) else {
        return nil
      }
      self.init(
        plane: analysis.magnitude(of: dates.pair),
        meaning: "length of the change vector in standard deviations")
      direction = MappedPlane(analysis.direction(of: dates.pair)) { $0 * 180 / .pi }
      warnings = dates.warnings
    case .pcaKMeans:
      guard let (difference, notes) = try Self.difference(pair, settings, sensor: sensor),
        let clusters = try PrincipalComponentClusters(difference)
      else { return nil }
      self.init(
        plane: clusters, meaning: "place between the clusters of no change (0) and change (1)",
        ownThreshold: PrincipalComponentClusters.threshold)
      warnings = notes
    case .logRatio:
      let (pair, unit) = try Self.radar(pair, settings, sensor: sensor)
      guard let magnitude = try LogRatioMagnitude(pair, unit: unit) else { return nil }
      self.init(
        plane: magnitude, meaning: "size of the logarithm of the ratio of amplitudes",
        floor: magnitude.deviation)
    case .meanRatio, .imageRatio:
      let (pair, unit) = try Self.radar(pair, settings, sensor: sensor)
      let isMean = settings.method == .meanRatio
      let bands = try (0..<pair.bandCount).map { band in
        try BackscatterRatio(
          isMean ? .contrast : .larger, of: pair, band: band, unit: unit, radius: isMean ? 1 : 0)
      }
      self.init(
        plane: JointMagnitude(bands),
        meaning: isMean
          ? "1 - ratio of the smaller mean to the larger" : "ratio of the larger amplitude to the smaller")
    case .postClassification, .omnibus:
      preconditionFailure("\(settings.method.rawValue) compares no two scenes")
    }
  }

  private init(
    plane: any PlaneSource, meaning: String, ownThreshold: Double? = nil, floor: Double? = nil
  ) {
    (self.plane, self.meaning, self.ownThreshold, self.floor) = (plane, meaning, ownThreshold, floor)
  }

  /// The share of the floor for means of 3 x 3 pixels: those that are independent reach what a twentieth of
  /// the single pixels do in one of some millions.
  private static let floorShare = 0.95

  private init?(alteration pair: any ImagePair, _ settings: SceneComparisonSettings) throws {
    let most = settings.method == .mad ? 1 : MultivariateAlterationDetection.mostIterations
    guard let detection = try MultivariateAlterationDetection(of: pair, iterations: most),
      let inflation = try detection.inflation(of: pair)
    else { return nil }
    // Chi-square holds for single pixels.
    let isCalibrated = settings.threshold == .chiSquare
    self.init(
      plane: detection.magnitude(of: pair, radius: isCalibrated ? 0 : 1),
      meaning: isCalibrated ? "root of the MAD statistic" : "root of the mean MAD statistic of 3 x 3 pixels")
    func root(_ share: Double) -> Double { (inflation * detection.distribution.quantile(share)).squareRoot() }
    floor = root(Self.floorShare)
    significance = root(1 - settings.falseAlarms)
    findings = [
      Finding(.canonicalCorrelations, .series(detection.correlations.filter(\.isFinite))),
      Finding(.iterations, detection.iterations),
    ]
    if most > 1 && pair.bandCount >= 3 && !detection.converged {
      warnings = ["IR-MAD did not settle in \(detection.iterations) estimates"]
    }
    if most > 1 && pair.bandCount < 3 {
      warnings = ["IR-MAD needs three bands to settle; this is MAD without reweighting"]
    }
  }

  /// Returns the difference image of PCA-kmeans.
  private static func difference(
    _ pair: any ImagePair, _ settings: SceneComparisonSettings, sensor: Sensor
  ) throws -> (plane: any PlaneSource, warnings: [String])? {
    guard settings.backscatter != nil || backscatter(of: sensor) != nil else {
      let dates = try NormalizedDates(pair, by: settings.normalization)
      return try ChangeVectorAnalysis(of: dates.pair, hasOneScale: dates.haveOneScale)
        .map { ($0.magnitude(of: dates.pair), dates.warnings) }
    }
    let (pair, unit) = try radar(pair, settings, sensor: sensor)
    let ratios = try (0..<pair.bandCount).map {
      try BackscatterRatio(.logarithm, of: pair, band: $0, unit: unit)
    }
    return (JointMagnitude(ratios), [])
  }

  /// Returns the pair as ratios take it, and what its numbers are.
  private static func radar(
    _ pair: any ImagePair, _ settings: SceneComparisonSettings, sensor: Sensor
  ) throws -> (any ImagePair, BackscatterUnit) {
    guard let unit = settings.backscatter ?? backscatter(of: sensor) else {
      preconditionFailure("no unit of backscatter for \(sensor.name)")
    }
    guard let filter = settings.despeckling else { return (pair, unit) }
    return (try DespeckledPair(pair, unit: unit, filter: filter, looks: settings.looks), .intensity)
  }

  /// Returns the unit of a radar sensor's numbers; nil for a sensor that is no radar.
  package static func backscatter(of sensor: Sensor) -> BackscatterUnit? {
    BackscatterUnit(rawValue: sensor.unit)
  }

  /// Says where a unit that the user names contradicts the sensor, which brings numbers to its own.
  package static func problem(ofUnit unit: BackscatterUnit?, with sensor: Sensor) -> String? {
    guard let unit, unit != .decibels, sensor.convertsBackscatter else { return nil }
    return "'\(sensor.name)' brings power and amplitude to decibels itself: leave 'backscatter' out"
  }
}
