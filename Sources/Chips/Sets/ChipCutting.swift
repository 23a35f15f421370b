import Classes
import Rasters
import Scenes

/// Cuts chips out of a region, normalised.
///
/// A chip may reach beyond the region: there it shows the region mirrored, unlabelled.
struct ChipCutting {
  let region: LabelledRegion
  package let normalization: Normalization

  /// Fills a chip with the pixels of `window`, in the region's coordinates, moved by `geometry`.
  func cut(_ window: Window, _ geometry: ChipGeometry, into chip: ChipPixels) {
    let part = Part(
      of: region, geometry.sources(size: chip.size).offset(columns: window.column, rows: window.row))
    if geometry.isSymmetry {
      copy(part, window, geometry.symmetry, into: chip)
    } else {
      interpolate(part, window, geometry, into: chip)
    }
  }

  /// The part of a region that a chip is made of.
  private struct Part {
    /// The window of the part in the region.
    let window: Window
    let pixels: PixelBlock

    /// Creates the pixels of a window that may reach beyond the region, or those that stand for them.
    init(of region: LabelledRegion, _ wanted: Window) {
      let rows = Mirror.places(wanted.rows, extent: region.window.height)
      let columns = Mirror.places(wanted.columns, extent: region.window.width)
      window = Window(
        column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
      pixels = region.pixels.read(window)
    }

    /// Returns the place of a pixel of the region in the part.
    @inline(__always)
    func place(_ row: Int, _ column: Int) -> Int {
      (row - window.row) * window.width + column - window.column
    }
  }

  /// Pixels that fall on pixels.
  private func copy(_ part: Part, _ window: Window, _ symmetry: SquareSymmetry, into chip: ChipPixels) {
    let (width, height, size) = (region.window.width, region.window.height, chip.size)
    let plane = part.window.pixelCount
    for row in 0..<size {
      for column in 0..<size {
        let source = symmetry.source(row: row, column: column, size: size)
        let (y, x) = (window.row + source.row, window.column + source.column)
        let isInside = x >= 0 && y >= 0 && x < width && y < height
        let place = part.place(Mirror.place(y, extent: height), Mirror.place(x, extent: width))
        let target = row * size + column
        chip.targets[target] = isInside ? region.labels[y * width + x] : ClassIndex.none
        let isValid = part.pixels.valid[place]
        chip.valid[target] = isValid
        for band in 0..<chip.bands {
          let value = normalization(part.pixels.values[band * plane + place], band: band)
          chip.values[band * size * size + target] = isValid ? value : 0
        }
      }
    }
  }

  /// Fills a chip whose pixels fall between those of the region: values are bilinear among the valid of the
  /// four neighbours, label and validity those of the nearest. The sensor's values are interpolated, and kept
  /// within a band's limits afterwards.
  private func interpolate(
    _ part: Part, _ window: Window, _ geometry: ChipGeometry, into chip: ChipPixels
  ) {
    let size = chip.size
    let plane = part.window.pixelCount
    part.pixels.values.withUnsafeBufferPointer { values in
      for row in 0..<size {
        for column in 0..<size {
          let source = geometry.source(row: row, column: column)
          let point = neighbourhood(
            part, row: Double(window.row) + source.row, column: Double(window.column) + source.column)
          let target = row * size + column
          chip.valid[target] = point.isValid
          chip.targets[target] = point.label
          let (places, weights) = (point.places, point.weights)
          for band in 0..<chip.bands {
            guard point.isValid else {
              chip.values[band * size * size + target] = 0
              continue
            }
            let first = band * plane
            let value =
              values[first + places.0] * weights.0 + values[first + places.1] * weights.1
              + values[first + places.2] * weights.2 + values[first + places.3] * weights.3
            chip.values[band * size * size + target] = normalization(value, band: band)
          }
        }
      }
    }
  }

  /// The four pixels around a point: the two above, the two below.
  private struct Neighbourhood {
    package var places: (Int, Int, Int, Int)
    /// The weights of the places, which add up to 1 where the point is valid; an invalid pixel has none.
    package var weights: (Float, Float, Float, Float)
    let isValid: Bool
    let label: UInt8
  }

  @inline(__always)
  private func neighbourhood(_ part: Part, row: Double, column: Double) -> Neighbourhood {
    let (width, height) = (region.window.width, region.window.height)
    let (above, left) = (row.rounded(.down), column.rounded(.down))
    let (y, x) = (Int(above), Int(left))
    let (down, right) = (Float(row - above), Float(column - left))
    let (nearestY, nearestX) = (down < 0.5 ? y : y + 1, right < 0.5 ? x : x + 1)
    let isInside = nearestX >= 0 && nearestY >= 0 && nearestX < width && nearestY < height
    let nearest = part.place(
      Mirror.place(nearestY, extent: height), Mirror.place(nearestX, extent: width))
    let (top, bottom) = (Mirror.place(y, extent: height), Mirror.place(y + 1, extent: height))
    let (first, second) = (Mirror.place(x, extent: width), Mirror.place(x + 1, extent: width))
    let valid = part.pixels.valid
    var result = Neighbourhood(
      places: (
        part.place(top, first), part.place(top, second), part.place(bottom, first), part.place(bottom, second)
      ),
      weights: ((1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right),
      isValid: valid[nearest],
      label: isInside ? region.labels[nearestY * width + nearestX] : ClassIndex.none)
    guard result.isValid,
      !(valid[result.places.0] && valid[result.places.1] && valid[result.places.2]
        && valid[result.places.3])
    else { return result }
    // The nearest pixel, a quarter of the weight at least, stands in for those without data: 0 times NaN is
    // NaN.
    func leaveOut(_ place: inout Int, _ weight: inout Float) {
      if !valid[place] { (place, weight) = (nearest, 0) }
    }
    leaveOut(&result.places.0, &result.weights.0)
    leaveOut(&result.places.1, &result.weights.1)
    leaveOut(&result.places.2, &result.weights.2)
    leaveOut(&result.places.3, &result.weights.3)
    let sum = result.weights.0 + result.weights.1 + result.weights.2 + result.weights.3
    result.weights = (
      result.weights.0 / sum, result.weights.1 / sum, result.weights.2 / sum, result.weights.3 / sum
    )
    return result
  }
}
