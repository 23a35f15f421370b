import Classes
import Foundation
import Products
import Rasters
import Runs
import Settings

/// The two rasters of a map of classes: the class of each pixel, and its confidence.
package final class ClassMapFiles: AnswerFiles, @unchecked Sendable {
  private let grid: Grid
  private let names: [String]
  private let layers: [Layer]
  // Used by the thread that hands out the parts, and after it has ended by whoever closes the files.
  private let classWriter, confidenceWriter: RasterWriter
  private var counts = [Int](repeating: 0, count: 256)

  init(in directory: URL, for map: MapDescription) throws {
    (grid, names) = (map.grid, map.legend.entries.map(\.name))
    func raster(_ layer: Layer, _ band: String) throws -> RasterWriter {
      try RasterWriter(
        path: directory.appendingPathComponent(layer.file).path, grid: map.grid,
        options: .init(type: .byte, bandNames: [band], noData: layer.noData, compression: 1))
    }
    let classes = Layer(map.name, file: "classes.tif", .classIndices, noData: Double(ClassIndex.none))
    let confidence = Layer(
      "confidence", file: "confidence.tif", .percent, noData: Double(Layer.noPercentage))
    layers = [classes, confidence]
    classWriter = try raster(classes, "class index")
    confidenceWriter = try raster(confidence, "confidence in percent")
  }

  package func write(_ part: ClassMapPart) throws {
    try classWriter.write(part.window, band: 1, part.classes)
    try confidenceWriter.write(part.window, band: 1, part.confidence)
    for index in part.classes { counts[Int(index)] += 1 }
  }

  package func close() throws -> (layers: [Layer], grid: Grid, findings: [Finding]) {
    try classWriter.close()
    try confidenceWriter.close()
    return (layers, grid, [shares])
  }

  /// Pixels, hectares and share of each class.
  private var shares: Finding {
    let total = Double(max(1, counts.prefix(names.count).reduce(0, +)))
    let rows = names.enumerated().map { index, name -> [JSONValue?] in
      [.string(name)] + GroundArea(of: counts[index], on: grid).cells + [
        .number(Double(counts[index]) / total)
      ]
    }
    return Finding(
      .classAreas, .table(FindingTable([.init("class")] + GroundArea.columns + [.init("share")], rows)))
  }
}
