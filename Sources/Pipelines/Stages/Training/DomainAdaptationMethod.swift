import Tasks

extension DomainAdaptationStage {
  /// A method of domain adaptation.
  enum Method: String, CaseIterable {
    /// AdaBN: replaces batch-norm statistics by the target's.
    case adaBN = "adabn"

    // These adjust scenes, not the network.
    /// Brings each scene's centre and spread of each band to the source's.
    case standardise
    /// Brings each scene's quantiles of each band to the source's.
    case histogramMatching = "histogram-matching"
    /// Brings the bands of Sentinel-2 and Landsat 8 and 9 to those of the source's sensor.
    case sensorBands = "sensor-bands"
    /// Brings each scene to the source's by the pixels that did not change between scenes of one place.
    case invariantFeatures = "invariant-features"

    // These train on the source's labels.
    /// Fourier domain adaptation: trains on source chips under the target's low frequencies.
    case fourier
    /// CORAL: trains while pulling the features' covariances together.
    case coral
    /// Maximum mean discrepancy: trains while pulling the features' distributions together.
    case mmd
    /// Domain-adversarial training: trains while the features are to deceive a classifier of domains.
    case dann
    /// Conditional adversarial training: trains while features and classes together are to deceive a
    /// classifier of domains.
    case cdan
    /// Output-space adversarial training: trains while the maps are to deceive a discriminator.
    case outputAdversary = "output-adversary"
    /// Entropy minimisation: trains while becoming sure of the target.
    case entropy
    /// Self-training: trains on the surest of the network's own labels of the target as well.
    case selfTraining = "self-training"
    /// Mean teacher: trains as well on a moving average's labels of the target, mixed with the source.
    case meanTeacher = "mean-teacher"

    /// Whether the method trains, on the labels of the source.
    var isTrained: Bool {
      switch self {
      case .adaBN, .standardise, .histogramMatching, .sensorBands, .invariantFeatures: false
      case .fourier, .coral, .mmd, .dann, .cdan, .outputAdversary, .entropy, .selfTraining, .meanTeacher: true
      }
    }

    /// Says what the method works on that a task lacks; nil where it has all.
    func need(of task: TaskLimits) -> String? {
      switch self {
      case .outputAdversary: task.hasPixels ? nil : "compares maps"
      case .selfTraining, .meanTeacher: task.hasPixels ? nil : "labels pixels of the target"
      case .cdan, .entropy: task.hasOneClass ? nil : "needs probabilities that add up to 1"
      case .adaBN, .standardise, .histogramMatching, .sensorBands, .invariantFeatures, .fourier, .coral, .mmd,
        .dann:
        nil
      }
    }

    /// Whether training by the method sees chips of the target beside those of the source, and adds a loss of
    /// its own.
    var isJoint: Bool { isTrained && self != .fourier }

    /// Returns whether a setting of the stage changes what the method does.
    func counts(_ key: String) -> Bool {
      switch key {
      case "method": true
      case "satellite": self == .sensorBands
      case "beta": self == .fourier
      case "batch": isTrained || self == .adaBN
      case "blend": isJoint || self == .adaBN
      case "weight", "domain-norm": isJoint
      case "pixels": [.mmd, .dann, .cdan].contains(self)
      case "opponent-rate": [.dann, .cdan, .outputAdversary].contains(self)
      case "prior": self == .entropy
      case "rounds", "portion", "last-portion": self == .selfTraining
      case "confidence", "teacher-decay": self == .meanTeacher
      default: isTrained
      }
    }
  }
}
