import Chips
import Settings

/// The settings of Fourier domain adaptation.
struct FourierAdaptation {
  private let beta: Double

  init(_ settings: SettingsReader) {
    beta = settings.double(
      "beta", default: 0.01, in: 0...0.3,
      "the highest frequency whose amplitude comes from the target, as a share of the chip's size (fourier)")
  }

  /// Returns the style of the target's chips.
  func style(of target: ChipSet) -> FourierStyle { FourierStyle(of: target, beta: beta) }
}
