import ChangeDetection
import Runs
import Scenes
import Settings

/// The shift between two dates, as findings and warnings.
package struct Misregistration {
  /// The shift between the dates as they came; nil where it could not be measured.
  package let found: PhaseCorrelation?
  /// The shift that is left after the later scene was moved; nil where it was not.
  private var rest: PhaseCorrelation?

  /// The shift, in pixels, from which on dates lie too badly on each other for a comparison.
  private static let worstShift = 0.5

  package init(of pair: any ImagePair) throws { found = try PhaseCorrelation(of: pair) }

  /// Measures again, after the later date was moved.
  mutating func measureRest(of pair: any ImagePair) throws { rest = try PhaseCorrelation(of: pair) }

  /// Returns the shifts that were measured, and how the later date came to the grid.
  ///
  /// - Parameter resampling: how the later date came to the grid; nil where it lay on it.
  package func findings(resampling: ResampledScene.Kernel?) -> [Finding] {
    let rows = [("as-they-came", found), ("aligned", rest)].compactMap { dates, shift in
      shift.map { shift -> [JSONValue?] in
        [
          .string(dates), .number(hundredths(shift.down)), .number(hundredths(shift.right)),
          .number(shift.agreement),
        ]
      }
    }
    let columns: [FindingTable.Column] = [
      .init("dates"), .init("down", unit: "px"), .init("right", unit: "px"), .init("agreement"),
    ]
    let shifts = rows.isEmpty ? [] : [Finding(.misregistration, .table(FindingTable(columns, rows)))]
    return shifts + [Finding(.resampling, .text(resampling?.rawValue ?? "none"))]
  }

  /// Returns a sentence where they lie too badly on each other.
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
