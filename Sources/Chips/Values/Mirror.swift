/// Continues an axis beyond its ends by reflection, as often as needed.
package enum Mirror {
  /// Returns the pixel in `0 ..< extent` that stands for `index`; the edge pixel is not repeated.
  package static func place(_ index: Int, extent: Int) -> Int {
    guard extent > 1 else { return 0 }
    let period = 2 * (extent - 1)
    let place = ((index % period) + period) % period
    return place < extent ? place : period - place
  }

  /// Returns the pixels in `0 ..< extent` that stand for a range of them.
  static func places(_ range: Range<Int>, extent: Int) -> Range<Int> {
    if range.lowerBound >= 0 && range.upperBound <= extent { return range }
    let places = range.lazy.map { place($0, extent: extent) }
    return places.min()!..<places.max()! + 1
  }
}
