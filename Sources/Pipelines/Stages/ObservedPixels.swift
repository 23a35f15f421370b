import Classes
import Foundation
import Products
import Rasters
import Runs
import Scenes
import Settings

/// The raster of what a map shows of its scene: clear pixels, and what the others were left out for.
enum ObservedPixels {
  /// The name of the layer, and of the file of the product.
  static let layerName = "observed"

  /// The value of clear pixels; 0 is that of pixels without data.
  private static let clear: UInt8 = 1

  /// The meaning of the values: clear, then the words of masks, the weightiest first.
  static let legend = Legend(
    entries: [Legend.Entry(value: clear, name: "clear", color: Color("#4daf4a")!)]
      + zip(MaskWords.all, colors).enumerated().map { index, pair in
        Legend.Entry(value: UInt8(index) + 2, name: pair.0.name, color: Color(pair.1)!)
      }, noData: 0)

  private static let colors = [
    "#ffffff", "#d9d9d9", "#bcd7f0", "#404040", "#7a6a53", "#c9b8d8", "#74e0e8", "#2b6cb0", "#e41a1c",
    "#ff7f00", "#f781bf", "#54278f", "#999999",
  ]

  /// Writes the raster of a map's scene.
  ///
  /// - Parameters:
  ///   - map: a raster of indices of classes, ``ClassIndex/none`` where nothing is mapped.
  ///   - hidden: what hides each pixel of a window, as ``Scene/hiddenWords(in:)`` says it.
  /// - Returns: the layer, and the share of each value's name of all pixels, those without data as `outside`.
  static func write(
    of map: URL, to file: URL, hidden: (Window) throws -> [UInt8]
  ) throws -> (layer: Layer, shares: FindingTable) {
    let classes = try RasterFile(path: map.path)
    let grid = classes.grid
    let writer = try RasterWriter(
      path: file.path, grid: grid,
      options: .init(type: .byte, bandNames: [layerName], noData: 0, legend: legend, compression: 1))
    var counts = [Int](repeating: 0, count: 256)
    let height = max(1, (1 << 22) / grid.width)
    for strip in grid.bounds.strips(ofHeight: height) {
      let indices: [UInt8] = try classes.readValues(strip, band: 1)
      let words = try hidden(strip)
      let values = indices.indices.map { pixel -> UInt8 in
        if words[pixel] != 0 { return words[pixel] + 1 }
        return indices[pixel] == ClassIndex.none ? 0 : clear
      }
      for value in values { counts[Int(value)] += 1 }
      try writer.write(strip, band: 1, values)
    }
    try writer.close()
    let names = [(UInt8(0), "outside")] + legend.entries.map { ($0.value, $0.name) }
    let rows: [[JSONValue?]] = names.filter { counts[Int($0.0)] > 0 }.map { value, name in
      [.string(name), .number(Double(counts[Int(value)]) / Double(grid.bounds.pixelCount))]
    }
    let layer = Layer(layerName, file: file.lastPathComponent, .classes(legend), noData: 0)
    return (layer, FindingTable([.init("pixels"), .init("share")], rows))
  }
}
