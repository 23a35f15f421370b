import ChangeDetection
import Foundation
import Rasters

/// Two scenes on the grid of the earlier one, and how well they lie on each other.
struct AlignedScenes {
  let pair: StoredPair
  let grid: Grid
  /// How the later scene was brought to the grid: `none`, `bilinear`, `cubic`.
  private(set) var resampling = "none"
  /// What the grids differ in, nil where they are the same.
  let difference: String?
  /// The shift between the dates as they came; nil where it could not be measured.
  let shift: PhaseCorrelation?
  /// What is left of it after the later scene was moved; nil where it was not.
  private(set) var rest: PhaseCorrelation?

  /// A shift that nobody sees, in pixels: the precision of the measurement.
  private static let leastShift = 0.1

  /// Reads both scenes, puts them on one grid, measures their shift, and moves the later one if `aligns`.
  ///
  /// - Parameter folder: where temporary files go; the pair's own stays there.
  /// - Throws: `gridMismatch` where the scenes lie on different grids and either has no position on the map.
  init(before: Scene, after: Scene, aligns: Bool, in folder: URL, _ context: TaskContext) throws {
    let filing = PairFiling(before: before, after: after, folder: folder, context: context)
    grid = before.grid
    difference = filing.difference
    let first: StoredPair
    if difference == nil {
      first = try filing.asItIs()
    } else {
      first = try filing.resampled(down: 0, right: 0, .bilinear)
      resampling = ResampledRaster.Kernel.bilinear.rawValue
    }
    shift = try PhaseCorrelation(of: first)
    guard aligns, let shift, shift.distance >= Self.leastShift else {
      pair = first
      return
    }
    pair = try filing.resampled(down: shift.down, right: shift.right, .cubic)
    resampling = ResampledRaster.Kernel.cubic.rawValue
    rest = try PhaseCorrelation(of: pair)
  }

  /// Pixels from which on dates lie too badly on each other for a comparison.
  private static let worstShift = 0.5

  /// The figures.
  var metrics: [String: JSONValue] {
    func hundredths(_ value: Double) -> JSONValue { .number((value * 100).rounded() / 100) }
    func json(_ shift: PhaseCorrelation?) -> JSONValue {
      guard let shift else { return .null }
      return [
        "down": hundredths(shift.down), "right": hundredths(shift.right),
        "agreement": .number(shift.agreement),
      ]
    }
    return [
      "resampling": .string(resampling), "grids differ in": difference.map(JSONValue.string) ?? .null,
      "misregistration in pixels": json(shift), "misregistration after alignment": json(rest),
    ]
  }

  /// What the user should know.
  var warnings: [String] {
    let last = rest ?? shift
    guard let last, last.distance > Self.worstShift else { return [] }
    let advice = rest == nil ? "; 'align: true' moves the later scene" : " although it was moved"
    let text = { (value: Double) in JSONValue.number((value * 100).rounded() / 100).canonical }
    return [
      "the dates lie \(text(last.distance)) pixels apart (\(text(last.down)) down, \(text(last.right)) right)\(advice)"
    ]
  }
}
