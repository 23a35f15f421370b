/// The adjoint of ``WinogradOutput``: tiles of 4 x 4 gradients become rows of 36 matrices.
///
/// The gradient of the filters is then one matrix product for each of the 36, `[C, tiles] x [tiles, K]`, like
/// the convolution itself in a quarter of the multiplications.
struct WinogradGradient {
  /// Rows and columns of the gradient.
  let height, width: Int
  /// Filters, filled up to whole blocks, and how many are in a block.
  let filters, block: Int

  private static let step = 4

  /// Transforms some rows of tiles; what lies beyond the image counts as 0.
  ///
  /// - Parameters:
  ///   - gradient: `[filters / block, height, width, block]`.
  ///   - rows: which rows of tiles.
  ///   - columns: how many tiles a row has.
  ///   - products: `[36, tiles, filters]`, each matrix `stride` floats after the one before.
  func transform(
    _ gradient: UnsafePointer<Float>, rows: Range<Int>, columns: Int,
    into products: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let offsets = Winograd.order.map { $0 * stride }
    offsets.withUnsafeBufferPointer { offsets in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: Winograd.side * Self.step) { scratch in
        let (offsets, scratch) = (offsets.baseAddress!, scratch.baseAddress!)
        var target = products
        for row in rows {
          for column in 0..<columns {
            for first in Swift.stride(from: 0, to: filters, by: Lanes.scalarCount) {
              let plane = gradient + first / block * height * width * block + first % block
              tile(plane, row: row, column: column, scratch, target + first, offsets)
            }
            target += filters
          }
        }
      }
    }
  }

  @inline(__always)
  private func tile(
    _ plane: UnsafePointer<Float>, row: Int, column: Int, _ scratch: UnsafeMutablePointer<Lanes>,
    _ target: UnsafeMutablePointer<Float>, _ offsets: UnsafePointer<Int>
  ) {
    let (top, left) = (row * Self.step, column * Self.step)
    for x in 0..<Self.step {
      let points = points { y in
        top + y < height && left + x < width
          ? read(plane + ((top + y) * width + left + x) * block) : Lanes.zero
      }
      store(points, to: scratch + x, every: Self.step)
    }
    for y in 0..<Winograd.side {
      let line = scratch + y * Self.step
      let points = points { line[$0] }
      let places = offsets + y * Winograd.side
      scatter(points, from: target, to: places)
    }
  }

  /// Returns A g, the transform of four gradients g.
  @inline(__always)
  private func points(_ g: (Int) -> Lanes) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (g0, g1, g2, g3) = (g(0), g(1), g(2), g(3))
    let (even, odd) = (g0 + g2, g1 + g3)
    let (even2, odd2) = (g0 + 4 * g2, 2 * g1 + 8 * g3)
    return (g0, even + odd, even - odd, even2 + odd2, even2 - odd2, g3)
  }
}
