/// Up to 256 pixels of a pair in Double, a row for each of the 2 C bands (the earlier date's first), around a
/// given origin.
///
/// Eight pixels lie in one vector; rows of pixels that are not valid, or past the end, are 0.
struct PixelTile {
  typealias Vector = SIMD8<Double>
  static let pixels = 256
  static let vectors = pixels / Vector.scalarCount

  /// 2 C.
  let variables: Int
  /// `[2 C, 32]` vectors.
  private(set) var rows: [Vector]
  /// `[32]` vectors, 1 where a pixel is valid, otherwise 0.
  private(set) var valid: [Vector]

  init(variables: Int) {
    self.variables = variables
    rows = Array(repeating: .zero, count: variables * Self.vectors)
    valid = Array(repeating: .zero, count: Self.vectors)
  }

  /// Takes the pixels from `start` on.
  mutating func fill(_ block: PairBlock, from start: Int, around origin: [Double]) {
    let count = min(Self.pixels, block.count - start)
    let bands = variables / 2
    block.valid.withUnsafeBufferPointer { flags in
      valid.withUnsafeMutableBytes { valid in
        let valid = valid.bindMemory(to: Double.self)
        for index in 0..<Self.pixels { valid[index] = index < count && flags[start + index] ? 1 : 0 }
        rows.withUnsafeMutableBytes { rows in
          let rows = rows.bindMemory(to: Double.self)
          for variable in 0..<variables {
            let row = rows.baseAddress! + variable * Self.pixels
            (variable < bands ? block.before : block.after).withUnsafeBufferPointer { values in
              let values = values.baseAddress! + (variable % bands) * block.count + start
              let centre = origin[variable]
              for index in 0..<count { row[index] = valid[index] == 0 ? 0 : Double(values[index]) - centre }
              for index in count..<Self.pixels { row[index] = 0 }
            }
          }
        }
      }
    }
  }
}
