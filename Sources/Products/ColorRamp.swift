import Foundation
import Rasters

/// The colours of measured values: some values have one each, and those between are mixed.
package struct ColorRamp: Sendable {
  /// A way to show values, before the values are known.
  package enum Kind: Sendable, Hashable {
    /// The colours go from no change to the largest, with another hue from the threshold on, where there is
    /// one.
    case magnitude(threshold: Double?)
    /// The angle of a change.
    case direction
    /// The probability of dates so different where nothing changed.
    case significance
  }

  struct Stop: Sendable {
    package let value: Double
    package let color: String
    package let label: String
  }

  let stops: [Stop]

  private init(_ stops: [(Double, String, String)]) {
    self.stops = stops.map { Stop(value: $0.0, color: $0.1, label: $0.2) }
  }

  /// The colours of 0 to 100 percent, dark to light (viridis).
  package static let percentages = ColorRamp(
    zip([0.0, 25, 50, 75, 100], ["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"]).map {
      ($0, $1, "\(Int($0)) %")
    })

  /// The colours of whole percentages as they are stored.
  package static let percentagePalette = Dictionary(
    uniqueKeysWithValues: (0...100).map { (UInt8($0), percentages.color(at: Double($0))) })

  /// Returns the colour of a value, mixed from those of the stops around it.
  package func color(at value: Double) -> Color {
    func mixed(_ one: UInt8, _ other: UInt8, _ share: Double) -> UInt8 {
      UInt8((Double(one) + (Double(other) - Double(one)) * share).rounded())
    }
    let next = stops.firstIndex { $0.value >= value } ?? stops.count - 1
    let (low, high) = (stops[max(0, next - 1)], stops[next])
    let share = high.value > low.value ? min(1, max(0, (value - low.value) / (high.value - low.value))) : 1
    let (from, to) = (Color(low.color)!, Color(high.color)!)
    return Color(
      red: mixed(from.red, to.red, share), green: mixed(from.green, to.green, share),
      blue: mixed(from.blue, to.blue, share))
  }

  /// The angle between a change and a rise that is alike in all bands. Its ends are opposites, so that they
  /// have different colours: it does not go round.
  package static let direction = ColorRamp([
    (0, "#2166ac", "0 degrees: a rise"), (45, "#92c5de", "45 degrees"), (90, "#f7f7f7", "90 degrees"),
    (135, "#f4a582", "135 degrees"), (180, "#b2182b", "180 degrees: a fall"),
  ])

  /// The probability of dates so different where nothing changed: what is small means change.
  package static let significance = ColorRamp([
    (0, "#67000d", "0"), (0.001, "#cb181d", "0.001"), (0.01, "#fb6a4a", "0.01"), (0.05, "#fcbba1", "0.05"),
    (0.2, "#f0f0f0", "0.2"), (1, "#ffffff", "1: nothing changed"),
  ])

  /// Creates a ramp from no change to the largest, with another hue from the threshold on.
  package static func magnitude(to largest: Double, threshold: Double?) -> ColorRamp {
    func shown(_ value: Double) -> String {
      let digits = value < 10 ? 1000.0 : 10
      return "\((value * digits).rounded() / digits)"
    }
    guard let threshold, threshold.isFinite, threshold > 0 else {
      let top = largest > 0 ? largest : 1
      return ColorRamp([
        (0, "#f7f7f7", "0"), (top / 2, "#9e9ac8", shown(top / 2)), (top, "#3f007d", shown(top)),
      ])
    }
    let top = max(largest, threshold * 2)
    return ColorRamp([
      (0, "#f7f7f7", "0"), (threshold * 0.999, "#bdbdbd", "just below the threshold"),
      (threshold, "#fdae61", "\(shown(threshold)): change begins"), (top, "#a50026", shown(top)),
    ])
  }

  /// Creates the ramp of a kind for some of the values that are shown.
  package init(_ kind: Kind, of values: [Float]) {
    self =
      switch kind {
      case .magnitude(let threshold): .magnitude(to: Self.largest(of: values), threshold: threshold)
      case .direction: .direction
      case .significance: .significance
      }
  }

  /// Creates a ramp from dark to light over the values between which 96 of 100 lie.
  package static func brightness(of values: [Float]) -> ColorRamp {
    let sorted = values.filter(\.isFinite).sorted()
    func place(_ percent: Int) -> Double {
      sorted.isEmpty ? 0 : Double(sorted[(sorted.count - 1) * percent / 100])
    }
    let low = place(2)
    let high = max(place(98), low.nextUp)
    return ColorRamp([
      (low, "#000000", String(format: "%.3g", low)), (high, "#ffffff", String(format: "%.3g", high)),
    ])
  }

  /// Returns the value below which 99 of 100 lie, 0 where none is finite.
  package static func largest(of values: [Float]) -> Double {
    let sorted = values.filter(\.isFinite).sorted()
    return sorted.isEmpty ? 0 : Double(sorted[(sorted.count - 1) * 99 / 100])
  }
}

extension ColorRamp.Kind {
  /// The word for it in files.
  var word: String {
    switch self {
    case .magnitude: "magnitude"
    case .direction: "direction"
    case .significance: "significance"
    }
  }

  /// The value from which on the hue is another; nil for one hue.
  var threshold: Double? { if case .magnitude(let threshold) = self { threshold } else { nil } }

  /// Reads the kind from its word; nil for an unknown word.
  init?(_ word: String, threshold: Double?) {
    switch word {
    case "magnitude": self = .magnitude(threshold: threshold)
    case "direction": self = .direction
    case "significance": self = .significance
    default: return nil
    }
  }
}
