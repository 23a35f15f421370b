import Foundation

/// The unit of the numbers of a radar band.
package enum BackscatterUnit: String, CaseIterable, Sendable {
  /// The root of the intensity, as images of 8 bits usually hold.
  case amplitude
  /// Power, such as sigma nought in linear units.
  case intensity
  /// 10 log10 of the intensity.
  case decibels = "dB"

  /// Returns the intensity of a number; NaN for what is negative and not in decibels.
  package func intensity(_ value: Float) -> Float {
    switch self {
    case .amplitude: value < 0 ? .nan : value * value
    case .intensity: value < 0 ? .nan : value
    case .decibels: pow(10, value / 10)
    }
  }

  /// Returns the number that stands for an intensity.
  package func value(ofIntensity intensity: Float) -> Float {
    switch self {
    case .amplitude: intensity.squareRoot()
    case .intensity: intensity
    case .decibels: 10 * log10(intensity)
    }
  }

  /// Returns the amplitude of a number; NaN for what is negative and not in decibels.
  package func amplitude(_ value: Float) -> Float {
    switch self {
    case .amplitude: value < 0 ? .nan : value
    case .intensity: value.squareRoot()
    case .decibels: pow(10, value / 20)
    }
  }
}
