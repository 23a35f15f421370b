import ChangeDetection
import Foundation
import Products
import Rasters
import Scenes

/// The picture of a comparison: before, after, and what changed, side by side, with their dates and the
/// meaning of colours.
package struct ChangePicture {
  /// The titles above the two dates.
  private let titles: [String]

  /// Creates the picture of a comparison.
  ///
  /// - Parameter titles: what stands over the two dates, the earlier one first.
  package init(titles: [String]) { self.titles = titles }

  /// The longest side of each of the three in pixels.
  private static let side = 512

  /// The colours of a mask.
  package static let legend = Legend(
    entries: [
      .init(
        value: PostClassification.Mask.unchanged.rawValue, name: "no change",
        color: Color(red: 0xd9, green: 0xd9, blue: 0xd9)),
      .init(
        value: PostClassification.Mask.changed.rawValue, name: "change",
        color: Color(red: 0xd7, green: 0x30, blue: 0x1f)
      ),
    ], noData: PostClassification.Mask.notObserved.rawValue)

  /// Writes the picture of two class maps and the mask of their change.
  ///
  /// - Parameter change: the file of the mask in the folder.
  /// - Returns: the picture as a layer.
  package func write(maps: [String], change: String, legend colors: Legend, in folder: URL) throws -> Layer {
    let dates = try maps.map { try Preview(classes: $0, legend: colors, side: Self.side) }
    return try write(dates, change: change, legends: [colors, Self.legend], in: folder)
  }

  /// Writes the picture of two scenes on one grid and the mask of their change, in natural colours where the
  /// sensor has them, else in the first band.
  package func write(
    pair: any ImagePair, change: String, grid: Grid, bands: [String], of sensor: Sensor, in folder: URL
  ) throws -> Layer {
    try write(
      Self.pictures(of: pair, grid: grid, bands: bands, of: sensor), change: change,
      legends: [Self.legend], in: folder)
  }

  /// Writes the picture of two dates and the classes that a network found in them, whose indices lie in the
  /// folder.
  package func write(
    of dates: SceneDates, change: String, legend: Legend, bands: [String], sensor: Sensor, in folder: URL
  ) throws -> Layer {
    try write(
      Self.pictures(of: dates, grid: dates.scene.grid, bands: bands, of: sensor), change: change,
      legends: [legend], in: folder)
  }

  private static func pictures(of pair: any ImagePair, grid: Grid, bands: [String], of sensor: Sensor) throws
    -> [Preview]
  {
    let shown = PictureBands.natural(of: bands, by: sensor) ?? [0]
    let size = Preview.size(of: grid, side: side)
    var dates = [[[Float]]](repeating: [[Float]](repeating: [], count: shown.count), count: 2)
    for row in 0..<size.height {
      let source = row * grid.height / size.height
      let block = try pair.read(rows: source..<source + 1)
      for (place, band) in shown.enumerated() {
        for column in 0..<size.width {
          let pixel = column * grid.width / size.width
          for (date, values) in [block.before, block.after].enumerated() {
            dates[date][place].append(block.valid[pixel] ? values[band * grid.width + pixel] : .nan)
          }
        }
      }
    }
    return dates.map { Preview(width: size.width, height: size.height, bands: $0) }
  }

  /// - Parameter legends: those of the panels; the last one is that of the change.
  private func write(_ dates: [Preview], change: String, legends: [Legend], in folder: URL) throws -> Layer {
    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
    let map = try Preview(classes: path(change), legend: legends.last!, side: Self.side)
    let panels = zip(titles, dates).map { PictureSheet.Panel($0, $1) }
    let sheet = PictureSheet(
      panels + [.init("change", map)], legends: legends,
      metres: map.metresOfPixel(of: try RasterFile(path: path(change)).grid))
    try sheet.picture.write(to: path(MapProduct.preview))
    return Layer("preview", file: MapProduct.preview, .picture)
  }
}
