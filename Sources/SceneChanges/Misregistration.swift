import ChangeDetection
import Scenes
import Settings

/// How far two dates lie apart, as figures and warnings.
package struct Misregistration {
  /// The shift between the dates as they came; nil where it could not be measured.
  package let found: PhaseCorrelation?
  /// What is left of it after the later scene was moved; nil where it was not.
  private var rest: PhaseCorrelation?

  /// Pixels from which on dates lie too badly on each other for a comparison.
  private static let worstShift = 0.5

  package init(of pair: any ImagePair) throws { found = try PhaseCorrelation(of: pair) }

  /// Measures again, after the later date was moved.
  mutating func measureRest(of pair: any ImagePair) throws { rest = try PhaseCorrelation(of: pair) }

  /// The figures.
  ///
  /// - Parameter resampling: how the later date came to the grid; nil where it lay on it.
  package func metrics(resampling: ResampledScene.Kernel?) -> [String: JSONValue] {
    func json(_ shift: PhaseCorrelation?) -> JSONValue {
      guard let shift else { return .null }
      return [
        "down": .number(hundredths(shift.down)), "right": .number(hundredths(shift.right)),
        "agreement": .number(shift.agreement),
      ]
    }
    return [
      "misregistration in pixels": json(found), "misregistration after alignment": json(rest),
      "resampling": .string(resampling?.rawValue ?? "none"),
    ]
  }

  /// A sentence where they lie too badly on each other.
  ///
  /// - Parameter remedy: what the user can do about dates that were not moved.
  package func warnings(remedy: String) -> [String] {
    guard let last = rest ?? found, last.distance > Self.worstShift else { return [] }
    let text = { (value: Double) in JSONValue.number(hundredths(value)).canonical }
    return [
      "the dates lie \(text(last.distance)) pixels apart (\(text(last.down)) down, \(text(last.right)) right)"
        + (rest == nil ? "; \(remedy)" : " although it was moved")
    ]
  }
}

private func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
