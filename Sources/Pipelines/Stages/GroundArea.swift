import Rasters

/// How much ground some pixels cover.
struct GroundArea {
  let pixels: Int
  /// Rounded to a square metre; nil where the grid is not in metres.
  let hectares: Double?

  init(of pixels: Int, on grid: Grid) {
    self.pixels = pixels
    hectares = grid.pixelAreaInSquareMetres.map { (Double(pixels) * $0).rounded() / 10_000 }
  }

  /// `{"pixels": 12, "hectares": 0.12}`.
  var json: JSONValue { ["pixels": .int(pixels), "hectares": hectaresJSON] }

  var hectaresJSON: JSONValue { hectares.map(JSONValue.number) ?? .null }
}
