import Rasters
import Settings

/// How much ground some pixels cover.
package struct GroundArea {
  package let pixels: Int
  /// Rounded to a square metre; nil where the grid is not in metres.
  let hectares: Double?

  package init(of pixels: Int, on grid: Grid) {
    self.pixels = pixels
    hectares = grid.pixelAreaInSquareMetres.map { (Double(pixels) * $0).rounded() / 10_000 }
  }

  /// `{"pixels": 12, "hectares": 0.12}`.
  package var json: JSONValue { ["pixels": .int(pixels), "hectares": hectaresJSON] }

  private var hectaresJSON: JSONValue { hectares.map(JSONValue.number) ?? .null }

  /// The figures of a comparison: the pixels that all dates observed, those of them that changed, and both in
  /// hectares.
  package static func ofComparison(observed: Int, changed: Int, on grid: Grid) -> [String: JSONValue] {
    let (observed, changed) = (GroundArea(of: observed, on: grid), GroundArea(of: changed, on: grid))
    return [
      "observed pixels": .int(observed.pixels), "changed pixels": .int(changed.pixels),
      "observed hectares": observed.hectaresJSON, "changed hectares": changed.hectaresJSON,
    ]
  }
}
