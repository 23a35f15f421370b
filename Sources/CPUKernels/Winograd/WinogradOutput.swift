/// The way back from Winograd's domain, with everything that is done to a result before it is stored.
struct WinogradOutput {
  /// Rows and columns of the result.
  let height, width: Int
  /// Filters, filled up to whole blocks, and how many are in a block.
  let filters, block: Int
  /// Outputs of a tile along an axis, 3 or 4.
  let step: Int
  /// Whether the products at the vanishing point are there.
  let isWhole: Bool
  /// Whether negative results become 0.
  let relu: Bool

  /// Transforms some rows of tiles.
  ///
  /// - Parameters:
  ///   - products: `[36 or 25, tiles, filters]`, each matrix `stride` floats after the one before.
  ///   - rows: which rows of tiles.
  ///   - columns: how many tiles a row has.
  ///   - bias: one a filter.
  ///   - addend: what is added, as the result lies, or nil.
  ///   - result: `[filters / block, height, width, block]`.
  func transform(
    _ products: UnsafePointer<Float>, stride: Int, rows: Range<Int>, columns: Int,
    bias: UnsafePointer<Float>, addend: UnsafePointer<Float>?, into result: UnsafeMutablePointer<Float>
  ) {
    let offsets = Winograd.order.map { $0 * stride }
    offsets.withUnsafeBufferPointer { offsets in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: Winograd.side * 4) { scratch in
        let (offsets, scratch) = (offsets.baseAddress!, scratch.baseAddress!)
        var source = products
        for row in rows {
          for column in 0..<columns {
            for first in Swift.stride(from: 0, to: filters, by: Lanes.scalarCount) {
              gather(source + first, offsets, into: scratch)
              let plane = first / block * height * width * block + first % block
              finish(
                scratch, row: row, column: column, bias: read(bias + first),
                addend: addend.map { $0 + plane },
                into: result + plane)
            }
            source += filters
          }
        }
      }
    }
  }

  /// A^T down the columns of products: `step` lines of 6.
  @inline(__always)
  private func gather(
    _ source: UnsafePointer<Float>, _ offsets: UnsafePointer<Int>, into scratch: UnsafeMutablePointer<Lanes>
  ) {
    for x in 0..<Winograd.side where isWhole || x != 2 {
      let middle = isWhole ? read(source + offsets[2 * Winograd.side + x]) : Lanes.zero
      let outputs = outputs(
        read(source + offsets[x]), read(source + offsets[Winograd.side + x]), middle,
        read(source + offsets[3 * Winograd.side + x]), read(source + offsets[4 * Winograd.side + x]),
        read(source + offsets[5 * Winograd.side + x]))
      scratch[x] = outputs.0
      scratch[Winograd.side + x] = outputs.1
      scratch[2 * Winograd.side + x] = outputs.2
      scratch[3 * Winograd.side + x] = outputs.3
    }
  }

  /// A^T along each line, then bias, addend and ReLU; what lies beyond the image is dropped.
  @inline(__always)
  private func finish(
    _ scratch: UnsafeMutablePointer<Lanes>, row: Int, column: Int, bias: Lanes, addend: UnsafePointer<Float>?,
    into plane: UnsafeMutablePointer<Float>
  ) {
    let (top, left) = (row * step, column * step)
    for y in 0..<min(step, height - top) {
      let line = scratch + y * Winograd.side
      let middle = isWhole ? line[2] : Lanes.zero
      let outputs = outputs(line[0], line[1], middle, line[3], line[4], line[5])
      let first = ((top + y) * width + left) * block
      let count = min(step, width - left)
      put(outputs.0 + bias, first, addend, plane)
      if count > 1 { put(outputs.1 + bias, first + block, addend, plane) }
      if count > 2 { put(outputs.2 + bias, first + 2 * block, addend, plane) }
      if count > 3 { put(outputs.3 + bias, first + 3 * block, addend, plane) }
    }
  }

  @inline(__always)
  private func put(
    _ value: Lanes, _ place: Int, _ addend: UnsafePointer<Float>?, _ plane: UnsafeMutablePointer<Float>
  ) {
    var value = value
    if let addend { value += read(addend + place) }
    // NaN is not below 0 and stays.
    if relu { value.replace(with: 0, where: value .< 0) }
    write(value, plane + place)
  }

  /// A^T m; the fourth is meaningless where a tile has three.
  @inline(__always)
  private func outputs(_ m0: Lanes, _ m1: Lanes, _ m2: Lanes, _ m3: Lanes, _ m4: Lanes, _ m5: Lanes)
    -> (Lanes, Lanes, Lanes, Lanes)
  {
    let (sum1, difference1) = (m1 + m2, m1 - m2)
    let (sum2, difference2) = (m3 + m4, m3 - m4)
    let third = sum1 + 4 * sum2
    return (
      m0 + sum1 + sum2, difference1 + 2 * difference2, step == 4 ? third : third + m5,
      difference1 + 8 * difference2 + m5
    )
  }
}
