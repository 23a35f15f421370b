/// The way into Winograd's domain: tiles of an image in channel blocks become rows of 36 (or 25) matrices.
struct WinogradInput {
  /// Rows and columns of the source; half of what the convolution sees where it is doubled.
  let height, width: Int
  /// Channels, filled up to whole blocks, and how many are in a block.
  let channels, block: Int
  /// Outputs of a tile along an axis: the distance of two tiles.
  let step: Int
  /// Zeros before the first row and column.
  let padding: Int
  /// Whether the source is read as if doubled by nearest neighbour; 4 outputs a tile and 1 of padding then.
  let isDoubled: Bool

  /// The number of matrices that the tiles become.
  var productCount: Int { isDoubled ? Winograd.countOfDoubled : Winograd.count }

  /// Transforms some rows of tiles.
  ///
  /// - Parameters:
  ///   - source: `[channels / block, height, width, block]`.
  ///   - rows: which rows of tiles.
  ///   - columns: how many tiles a row has.
  ///   - products: `[36 or 25, tiles, channels]`, each matrix `stride` floats after the one before.
  func transform(
    _ source: UnsafePointer<Float>, rows: Range<Int>, columns: Int,
    into products: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let offsets = Winograd.order.map { $0 * stride }
    offsets.withUnsafeBufferPointer { offsets in
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: Winograd.count) { scratch in
        let (offsets, scratch) = (offsets.baseAddress!, scratch.baseAddress!)
        // Along a row of one block of channels: what is read lies together. (All channels of a tile, then the
        // next tile, took a tenth longer.)
        for (line, row) in rows.enumerated() {
          for first in Swift.stride(from: 0, to: channels, by: Lanes.scalarCount) {
            let plane = source + first / block * height * width * block + first % block
            var target = products + line * columns * channels + first
            for column in 0..<columns {
              if isDoubled {
                doubledTile(plane, row: row, column: column, scratch, target, offsets)
              } else {
                tile(plane, row: row, column: column, scratch, target, offsets)
              }
              target += channels
            }
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
    let (top, left) = (row * step - padding, column * step - padding)
    let isInside =
      top >= 0 && left >= 0 && top + Winograd.side <= height && left + Winograd.side <= width
    for x in 0..<Winograd.side {
      // Nothing but the bounds differs: most tiles need no check.
      let points =
        isInside
        ? sixPoints { pixel(plane, top + $0, left + x) }
        : sixPoints { checkedPixel(plane, top + $0, left + x) }
      store(points, to: scratch + x, every: Winograd.side)
    }
    for y in 0..<Winograd.side {
      let line = scratch + y * Winograd.side
      let points = sixPoints { line[$0] }
      let places = offsets + y * Winograd.side
      scatter(points, from: target, to: places)
    }
  }

  @inline(__always)
  private func doubledTile(
    _ plane: UnsafePointer<Float>, row: Int, column: Int, _ scratch: UnsafeMutablePointer<Lanes>,
    _ target: UnsafeMutablePointer<Float>, _ offsets: UnsafePointer<Int>
  ) {
    let (top, left) = (2 * row - 1, 2 * column - 1)
    let isInside = top >= 0 && left >= 0 && top + 4 <= height && left + 4 <= width
    for x in 0..<4 {
      let points =
        isInside
        ? fivePoints { pixel(plane, top + $0, left + x) }
        : fivePoints { checkedPixel(plane, top + $0, left + x) }
      scratch[x] = points.0
      scratch[4 + x] = points.1
      scratch[8 + x] = points.2
      scratch[12 + x] = points.3
      scratch[16 + x] = points.4
    }
    for y in 0..<5 {
      let line = scratch + 4 * y
      let points = fivePoints { line[$0] }
      let places = offsets + (y < 2 ? y : y + 1) * Winograd.side
      write(points.0, target + places[0])
      write(points.1, target + places[1])
      write(points.2, target + places[3])
      write(points.3, target + places[4])
      write(points.4, target + places[5])
    }
  }

  @inline(__always)
  private func pixel(_ plane: UnsafePointer<Float>, _ row: Int, _ column: Int) -> Lanes {
    read(plane + (row &* width &+ column) &* block)
  }

  @inline(__always)
  private func checkedPixel(_ plane: UnsafePointer<Float>, _ row: Int, _ column: Int) -> Lanes {
    row >= 0 && column >= 0 && row < height && column < width ? pixel(plane, row, column) : Lanes.zero
  }

  /// B^T d for six inputs.
  @inline(__always)
  private func sixPoints(_ d: (Int) -> Lanes) -> (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (d0, d1, d2, d3, d4, d5) = (d(0), d(1), d(2), d(3), d(4), d(5))
    let (even, odd) = (d4 - 4 * d2, d3 - 4 * d1)
    let (difference, twice) = (d4 - d2, 2 * (d3 - d1))
    return (
      4 * d0 - 5 * d2 + d4, even + odd, even - odd, difference + twice, difference - twice,
      4 * d1 - 5 * d3 + d5
    )
  }

  /// Transforms a, b, b, c, c, d, without the point that vanishes.
  @inline(__always)
  private func fivePoints(_ d: (Int) -> Lanes) -> (Lanes, Lanes, Lanes, Lanes, Lanes) {
    let (a, b, c, d) = (d(0), d(1), d(2), d(3))
    let difference = b - c
    return (4 * a - 5 * b + c, 2 * c - 8 * b, -3 * difference, difference, 4 * b - 5 * c + d)
  }
}

/// Six points down a column of a tile's scratch.
@inline(__always)
func store(
  _ points: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes), to target: UnsafeMutablePointer<Lanes>, every: Int
) {
  target[0] = points.0
  target[every] = points.1
  target[2 * every] = points.2
  target[3 * every] = points.3
  target[4 * every] = points.4
  target[5 * every] = points.5
}

/// Six points of a tile to the matrices of their products, `places` floats after `target`.
@inline(__always)
func scatter(
  _ points: (Lanes, Lanes, Lanes, Lanes, Lanes, Lanes), from target: UnsafeMutablePointer<Float>,
  to places: UnsafePointer<Int>
) {
  write(points.0, target + places[0])
  write(points.1, target + places[1])
  write(points.2, target + places[2])
  write(points.3, target + places[3])
  write(points.4, target + places[4])
  write(points.5, target + places[5])
}

/// Eight floats at an address that is a multiple of 32.
@inline(__always)
func read(_ address: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(address).load(as: Lanes.self)
}

/// Stores eight floats at an address that is a multiple of 32.
@inline(__always)
func write(_ lanes: Lanes, _ address: UnsafeMutablePointer<Float>) {
  UnsafeMutableRawPointer(address).storeBytes(of: lanes, as: Lanes.self)
}
