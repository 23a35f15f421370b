import Chips
import Numerics
import Tensors

/// Some of a batch's pixels, for terms whose cost grows with their number: all that hold data, or so many of
/// them drawn at random without repetition.
///
/// Places are those of a grid of features, which may be coarser than the chips.
package struct PixelSample {
  private struct Place {
    let image, row, column: Int

    /// Returns the element of the first channel in maps of another grid over the same chips.
    func first(in maps: Shape, from grid: Shape) -> Int {
      (image * maps.channels * maps.height + Self.moved(row, from: grid.height, to: maps.height)) * maps.width
        + Self.moved(column, from: grid.width, to: maps.width)
    }

    /// Returns the pixel, of `to` along an axis, in which the centre of pixel `index` of `from` lies.
    private static func moved(_ index: Int, from: Int, to: Int) -> Int { (2 * index + 1) * to / (2 * from) }
  }

  private let places: [Place]
  private let grid: Shape

  /// Draws at most `count` pixels of features of shape `grid`, `[N, D, H, W]`, that a network made of
  /// `batch`.
  package init(of batch: ChipBatch, features grid: Shape, count: Int, random: inout RandomSource) {
    self.grid = grid
    let chips: Shape = [grid.batch, 1, batch.input.shape.height, batch.input.shape.width]
    var places: [Place] = []
    for image in 0..<grid.batch {
      for row in 0..<grid.height {
        for column in 0..<grid.width {
          let place = Place(image: image, row: row, column: column)
          if batch.valid[place.first(in: chips, from: grid)] { places.append(place) }
        }
      }
    }
    if places.count > count {
      for index in 0..<count { places.swapAt(index, index + random.index(below: places.count - index)) }
      places.removeLast(places.count - count)
    }
    self.places = places
  }

  /// The number of pixels.
  package var count: Int { places.count }

  /// Returns the pixels' values `[n, C]` in plain maps `[N, C, H', W']`.
  package func rows(of maps: Tensor) -> Tensor {
    let (shape, channels) = (maps.shape, maps.shape.channels)
    let plane = shape.height * shape.width
    return Tensor(shape: [count, channels]) { rows in
      maps.withValues { maps in
        for (index, place) in places.enumerated() {
          let first = place.first(in: shape, from: grid)
          for channel in 0..<channels { rows[index * channels + channel] = maps[first + channel * plane] }
        }
      }
    }
  }

  /// Rows `[n, D]` back at their places, plain `[N, D, H, W]`; 0 elsewhere.
  package func maps(of rows: Tensor) -> Tensor {
    let (channels, plane) = (grid.channels, grid.height * grid.width)
    return Tensor(shape: grid) { maps in
      maps.update(repeating: 0)
      rows.withValues { rows in
        for (index, place) in places.enumerated() {
          let first = place.first(in: grid, from: grid)
          for channel in 0..<channels { maps[first + channel * plane] = rows[index * channels + channel] }
        }
      }
    }
  }
}
