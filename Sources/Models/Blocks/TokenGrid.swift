import Layers
import Tensors

/// The grid in which the tokens `[N, L, C]` of an image lie, row by row.
struct TokenGrid {
  let rows, columns: Int

  /// Returns the place of a token; -1, which gathers zeros, outside.
  func place(_ row: Int, _ column: Int) -> Int {
    row < rows && column < columns ? row * columns + column : -1
  }

  /// Returns the pixels of `[N, C, H, W]` as tokens.
  func tokens(of map: Value, in pass: Pass) -> Value {
    let shape = map.tensor.shape
    return pass.tape.permuted(
      pass.tape.reshaped(map, to: [shape.batch, shape.channels, rows * columns]), axes: [0, 2, 1])
  }

  /// Tokens as an image `[N, C, H, W]`.
  func map(of tokens: Value, in pass: Pass) -> Value {
    let shape = tokens.tensor.shape
    return pass.tape.reshaped(
      pass.tape.permuted(tokens, axes: [0, 2, 1]), to: [shape[0], shape[2], rows, columns])
  }
}

/// Windows over a grid of tokens that is padded to whole windows, and where asked rolled by half a window
/// before.
struct WindowPartition {
  /// Windows of an image.
  let count: Int
  /// Window by window the token of the grid, -1 for padding.
  let places: [Int]
  /// The place of each token of the grid among the windows'.
  let inverse: [Int]
  /// `[count, 1, L, L]`: -100 between tokens of a window that rolling has brought together, else 0; nil where
  /// there are none.
  let mask: Tensor?

  /// Creates the partition; an axis with one window only is not rolled.
  init(_ grid: TokenGrid, window: Int, isShifted: Bool) {
    let (down, across) = ((grid.rows + window - 1) / window, (grid.columns + window - 1) / window)
    let (height, width) = (down * window, across * window)
    let shift = (
      rows: isShifted && down > 1 ? window / 2 : 0, columns: isShifted && across > 1 ? window / 2 : 0
    )
    count = down * across
    var places: [Int] = []
    var inverse = Array(repeating: 0, count: grid.rows * grid.columns)
    // Which of the parts that rolling puts side by side a token belongs to.
    var parts: [Int] = []
    for index in 0..<count * window * window {
      let (block, inner) = (index / (window * window), index % (window * window))
      let row = block / across * window + inner / window
      let column = block % across * window + inner % window
      let place = grid.place((row + shift.rows) % height, (column + shift.columns) % width)
      places.append(place)
      if place >= 0 { inverse[place] = index }
      parts.append((row + shift.rows >= height ? 2 : 0) + (column + shift.columns >= width ? 1 : 0))
    }
    (self.places, self.inverse) = (places, inverse)
    let area = window * window
    mask =
      shift == (0, 0)
      ? nil
      : Tensor(
        (0..<count * area * area).map { index in
          let (first, second) = (index / area, index / (area * area) * area + index % area)
          return parts[first] == parts[second] ? 0 : -100
        }, shape: [count, 1, area, area])
  }
}
