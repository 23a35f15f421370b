import Foundation
import Layers
import Tensors

/// Positions of patches on the ground: sin and cos of the column, then of the row, each times frequencies
/// that hardly fall, from the size of a pixel in metres on; then zeros in the place of a time and a place
/// that nobody knows.
///
/// - Source: Clay Foundation, `posemb_sincos_2d_with_gsd` of model version 1.5: the k-th of n frequencies is
///   g / 10000^(2 k / ((n - 1) D)). The second D is not in the paper that it follows; the network was trained
///   with it.
struct GroundPositions: Sendable {
  /// Metres along a side of a pixel.
  let pixel: Double
  /// The channels of time and place.
  let unknown: Int

  /// Returns the positions `[1, h w, D]` of the tokens of a grid.
  func positions(of grid: TokenGrid, channels: Int) -> Value {
    let told = channels - unknown
    let frequencies = (0..<told / 4).map {
      pixel / pow(10_000, 2 * Double($0) / Double(told / 4 - 1) / Double(told))
    }
    func code(_ place: Int) -> [Float] {
      let angles = frequencies.map { Double(place) * $0 }
      return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
    }
    let columns = (0..<grid.columns).map(code)
    let nothing = Array(repeating: Float(0), count: unknown)
    var values: [Float] = []
    values.reserveCapacity(grid.rows * grid.columns * channels)
    for row in 0..<grid.rows {
      let rest = code(row) + nothing
      for column in columns { values += column + rest }
    }
    return Value(Tensor(values, shape: [1, grid.rows * grid.columns, channels]))
  }
}
