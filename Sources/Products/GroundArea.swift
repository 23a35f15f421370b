import Rasters
import Runs
import Settings

/// The area of ground that some pixels cover.
package struct GroundArea {
  package let pixels: Int
  /// The area in hectares, rounded to a square metre; nil where the grid is not in metres.
  let hectares: Double?

  package init(of pixels: Int, on grid: Grid) {
    self.pixels = pixels
    hectares = grid.pixelAreaInSquareMetres.map { (Double(pixels) * $0).rounded() / 10_000 }
  }

  /// The pixels and hectares, as the cells of a table.
  package var cells: [JSONValue?] { [.int(pixels), hectares.map(JSONValue.number)] }

  /// The columns of these cells.
  package static let columns: [FindingTable.Column] = [.init("pixels"), .init("hectares", unit: "ha")]

  /// Returns the findings of a comparison: the pixels that all dates observed, those of them that changed,
  /// and both in hectares.
  package static func ofComparison(observed: Int, changed: Int, on grid: Grid) -> [Finding] {
    let (observed, changed) = (GroundArea(of: observed, on: grid), GroundArea(of: changed, on: grid))
    return [
      Finding(.observedPixels, observed.pixels), Finding(.changedPixels, changed.pixels),
      Finding(.observedHectares, observed.hectares), Finding(.changedHectares, changed.hectares),
    ].compactMap(\.self)
  }
}
