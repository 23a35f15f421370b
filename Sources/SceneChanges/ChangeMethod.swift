import ChangeDetection
import Settings

/// The method by which two dates are compared.
package enum ChangeMethod: String, CaseIterable, Sendable {
  case postClassification = "post-classification"
  case irMAD = "ir-mad"
  case mad
  case cva
  case pcaKMeans = "pca-kmeans"
  case logRatio = "log-ratio"
  case meanRatio = "mean-ratio"
  case imageRatio = "image-ratio"
  case omnibus

  /// Whether the scenes themselves are compared, not maps of them.
  package var comparesScenes: Bool { self != .postClassification }

  /// Whether the method compares backscatter whatever the sensor.
  package var isRatio: Bool { [.logRatio, .meanRatio, .imageRatio, .omnibus].contains(self) }

  /// Whether the method's statistic has a known distribution where nothing changed.
  var isCalibrated: Bool { self == .irMAD || self == .mad }

  /// Returns the multiple of the threshold that the largest value of a region must reach, to be change.
  ///
  /// - Parameter isResampled: whether one date was brought to the other's grid, and lost detail.
  func standardCore(isResampled: Bool) -> Double {
    switch self {
    case .irMAD, .mad:
      isResampled
        ? MultivariateAlterationDetection.resampledCore : MultivariateAlterationDetection.standardCore
    case .pcaKMeans: 1
    case .cva, .logRatio, .meanRatio, .imageRatio, .postClassification, .omnibus:
      HysteresisThreshold.standardCore
    }
  }
}

/// The rule for the threshold from which on values are change.
package enum ChangeThreshold: String, CaseIterable, Sendable {
  case automatic
  case otsu
  case kittlerIllingworth = "kittler-illingworth"
  case kittlerIllingworthTiles = "kittler-illingworth-tiles"
  case twoMeans = "two-means"
  case chiSquare = "chi-square"

  /// Returns the rule that stands for `automatic`; nil where the method has a border of its own.
  package func resolved(for method: ChangeMethod) -> ChangeThreshold? {
    guard self == .automatic else { return self }
    switch method {
    case .irMAD, .mad, .cva: return .kittlerIllingworth
    case .logRatio, .meanRatio, .imageRatio: return .otsu
    case .pcaKMeans, .postClassification, .omnibus: return nil
    }
  }
}

/// The settings of a comparison of scenes.
package struct SceneComparisonSettings: Sendable {
  package let method: ChangeMethod
  package let threshold: ChangeThreshold
  /// The unit of radar bands; nil for the sensor's unit.
  package let backscatter: BackscatterUnit?
  /// The filter before scenes are compared.
  let despeckling: SpeckleFilter?
  package let looks: Double?
  package let falseAlarms: Double
  /// The multiple of the threshold that a region must reach somewhere; nil for what suits the method.
  private let core: Double?
  package let smallest: Int
  package let align: Bool
  /// Pixels to either side whose classes decide with a pixel's own; 0 for none.
  package let smoothing: Int
  package let normalization: RadiometricNormalization

  /// The smoothing and the smallest region for comparisons of maps: along each border of two maps lie pixels
  /// that only one of them gives to the other side, slivers, which are no change. In the demo 942 regions of
  /// change became 96, of which no true one is missing; docs/change-detection.md has the figures.
  private static let (smoothingOfMaps, smallestOfMaps) = (2, 9)

  package init(_ settings: SettingsReader) {
    method = settings.choice(
      "method", of: ChangeMethod.self, default: .postClassification,
      "how two dates are compared: their class maps, or the scenes themselves")
    threshold = settings.choice(
      "threshold", of: ChangeThreshold.self, default: .automatic,
      "where change begins; kittler-illingworth for mad and cva, otsu for ratios, its own border for pca-kmeans"
    )
    backscatter = settings.optionalWord(
      "backscatter", of: BackscatterUnit.allCases.map(\.rawValue),
      "what the numbers of radar bands are; the sensor's unit without it"
    ).flatMap(BackscatterUnit.init)
    despeckling = settings.optionalWord(
      "despeckle", of: SpeckleFilter.allCases.map(\.rawValue),
      "the filter of radar scenes before they are compared; log-ratio smooths its ratio besides"
    ).flatMap(SpeckleFilter.init)
    looks = settings.optionalDouble(
      "looks", in: 0.5...10_000,
      "equivalent number of looks for the filter, or the test; estimated from each scene without it")
    falseAlarms = settings.double(
      "false-alarms", default: 0.01, in: 1e-12...0.5,
      "the share of unchanged pixels that chi-square, or the omnibus test, calls changed")
    core = settings.optionalDouble(
      "core", in: 1...100,
      "how many times the threshold the largest value of a region must be, to be change; without it 1.75 for ir-mad and mad "
        + "(2 where a date was resampled), 1 for pca-kmeans and chi-square, 1.5 for others")
    smallest = settings.int(
      "minimum-mapping-unit", default: method.comparesScenes ? 1 : Self.smallestOfMaps, in: 1...1_000_000,
      "pixels of the smallest region, of change or within it, that stays; without it 9 where maps are compared, else 1"
    )
    align = settings.bool(
      "align", default: false, "move the later scene by the misregistration that was measured")
    normalization = settings.choice(
      "radiometric-normalisation", of: RadiometricNormalization.self, default: .none,
      "how the later date is brought to the earlier one's radiometry: by what IR-MAD is surest did not change, or by their histograms "
        + "(cva, pca-kmeans)")
    smoothing = settings.int(
      "smoothing", default: method.comparesScenes ? 0 : Self.smoothingOfMaps, in: 0...16,
      "pixels to either side whose classes at both dates decide together with a pixel's own (post-classification)"
    )
    checkWhatCounts(settings)
  }

  /// Returns the multiple of the threshold that the largest value of a region must reach, to be change.
  package func core(isResampled: Bool) -> Double {
    core ?? (threshold == .chiSquare ? 1 : method.standardCore(isResampled: isResampled))
  }

  /// Settings that change nothing beside the others.
  private func checkWhatCounts(_ settings: SettingsReader) {
    guard method.comparesScenes else {
      let keys = [
        "threshold", "backscatter", "despeckle", "looks", "false-alarms", "core", "align",
        "radiometric-normalisation",
      ]
      for key in keys where settings.has(key) {
        settings.problem(key, with: "method", "'\(key)' counts for methods that compare scenes only")
      }
      return
    }
    if settings.has("smoothing") {
      settings.problem(
        "smoothing", with: "method", "'smoothing' counts for 'method: post-classification' only")
    }
    let mayBeRadar = method.isRatio || method == .pcaKMeans
    if settings.has("radiometric-normalisation") && method != .cva && method != .pcaKMeans {
      settings.problem(
        "radiometric-normalisation", with: "method",
        "'radiometric-normalisation' counts for 'method: cva' or 'pca-kmeans' only")
    }
    for key in ["backscatter", "despeckle"] where settings.has(key) && !mayBeRadar {
      settings.problem(key, with: "method", "'\(key)' counts for ratios and 'method: pca-kmeans' only")
    }
    guard method != .omnibus else {
      for key in ["threshold", "despeckle", "core", "align"] where settings.has(key) {
        settings.problem(key, with: "method", "'\(key)' does not count for 'method: omnibus'")
      }
      return
    }
    if settings.has("looks") && despeckling?.needsLooks != true {
      settings.problem(
        "looks", with: "despeckle", "'looks' counts for 'despeckle: lee', 'refined-lee' or 'gamma-map' only")
    }
    if threshold == .chiSquare && !method.isCalibrated {
      settings.problem(
        "threshold", with: "method", "'threshold: chi-square' counts for 'method: ir-mad' or 'mad' only")
    }
    if settings.has("false-alarms") && threshold != .chiSquare {
      settings.problem(
        "false-alarms", with: "threshold", "'false-alarms' counts for 'threshold: chi-square' only")
    }
  }
}
