import Chips

/// The settings of Fourier domain adaptation.
struct FourierAdaptation {
  private let beta: Double

  init(_ settings: SettingsReader) {
    beta = settings.double(
      "beta", default: 0.01, in: 0...0.3,
      "the highest frequency whose amplitude comes from the target, as a share of the chip's size (fourier)")
  }

  /// The style of the target's chips.
  func style(of target: ChipSet) -> FourierStyle { FourierStyle(of: target, beta: beta) }
}

extension DomainAdaptationStage.Method {
  /// Whether a setting of the stage changes what the method does.
  func counts(_ key: String) -> Bool {
    switch self {
    case .adaBN: ["method", "blend", "batch"].contains(key)
    case .coral: !["beta", "satellite"].contains(key)
    case .fourier: !["blend", "weight", "satellite"].contains(key)
    case .sensorBands: ["method", "satellite"].contains(key)
    case .standardise, .histogramMatching, .invariantFeatures: key == "method"
    }
  }
}
