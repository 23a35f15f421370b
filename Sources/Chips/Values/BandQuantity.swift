import Checkpoints

/// The quantity that a band measures, which decides what happens to it between ground and file.
enum BandQuantity: Hashable, Sendable {
  /// Sunlight that the ground reflects, at a wavelength in nanometres where that is known.
  case reflectedLight(wavelength: Double?)
  /// Radar backscatter in decibels.
  case backscatterDecibels
  /// Radar backscatter as power.
  case backscatterIntensity
  /// Radar backscatter as the square root of power.
  case backscatterAmplitude
  /// Something else: emitted heat, a height, an index, an embedding.
  case other

  /// Beyond it, in nanometres, the ground emits more than it reflects.
  private static let longestReflected = 3000.0

  /// Returns the quantities of bands by their units and wavelengths, which are never guessed from names or
  /// values.
  ///
  /// Units, in any case of letters: `dB`; `intensity`, `power`, `linear`; `amplitude`; `kelvin`;
  /// `embedding`. Of
  /// other bands those up to 3 µm are reflected light. Where no band has a wavelength all others are taken
  /// for
  /// reflected light; where some have, those without are something else, such as heights beside a picture.
  static func quantities(of bands: [ModelCard.Band]) -> [BandQuantity] {
    let knowsWavelengths = bands.contains { $0.wavelength != nil }
    return bands.map { band in
      switch band.unit?.lowercased() {
      case "db": .backscatterDecibels
      case "intensity", "power", "linear": .backscatterIntensity
      case "amplitude": .backscatterAmplitude
      case "kelvin", "embedding": .other
      default:
        if let wavelength = band.wavelength {
          wavelength <= longestReflected ? .reflectedLight(wavelength: wavelength) : .other
        } else {
          knowsWavelengths ? .other : .reflectedLight(wavelength: nil)
        }
      }
    }
  }

  /// Whether sunlight is measured.
  var isReflectedLight: Bool {
    if case .reflectedLight = self { true } else { false }
  }

  /// Whether a radar measures it.
  var isBackscatter: Bool {
    switch self {
    case .backscatterDecibels, .backscatterIntensity, .backscatterAmplitude: true
    case .reflectedLight, .other: false
    }
  }
}
