import Classes
import Foundation
import Products
import Rasters
import Runs
import Settings

/// The rasters of a map of classes: the class of each pixel, its confidence, and the probabilities of all
/// classes where they are kept.
package final class ClassMapFiles: AnswerFiles, @unchecked Sendable {
  private let grid: Grid
  private let names: [String]
  private let layers: [Layer]
  // Used by the thread that hands out the parts, and after it has ended by whoever closes the files.
  private let classWriter, confidenceWriter: RasterWriter
  private let probabilityWriter: RasterWriter?
  private var counts = [Int](repeating: 0, count: 256)

  init(in directory: URL, for map: MapDescription, keepsProbabilities: Bool = false) throws {
    (grid, names) = (map.grid, map.legend.entries.map(\.name))
    func raster(_ layer: Layer, _ bands: [String]) throws -> RasterWriter {
      try RasterWriter(
        path: directory.appendingPathComponent(layer.file).path, grid: map.grid,
        options: .init(type: .byte, bandNames: bands, noData: layer.noData, compression: 1))
    }
    let classes = Layer(map.name, file: "classes.tif", .classIndices, noData: Double(ClassIndex.none))
    let confidence = Layer(
      "confidence", file: "confidence.tif", .percent, noData: Double(Layer.noPercentage))
    let probabilities = Layer(
      "probabilities", file: "probabilities.tif", .probabilities, noData: Double(Layer.noPercentage))
    layers = [classes, confidence] + (keepsProbabilities ? [probabilities] : [])
    classWriter = try raster(classes, ["class index"])
    confidenceWriter = try raster(confidence, ["confidence in percent"])
    probabilityWriter = keepsProbabilities ? try raster(probabilities, names) : nil
  }

  package func write(_ part: ClassMapPart) throws {
    try classWriter.write(part.window, band: 1, part.classes)
    try confidenceWriter.write(part.window, band: 1, part.confidence)
    if let probabilityWriter {
      let count = part.classes.count
      for band in names.indices {
        try probabilityWriter.write(
          part.window, band: band + 1, Array(part.percentages[band * count..<(band + 1) * count]))
      }
    }
    for index in part.classes { counts[Int(index)] += 1 }
  }

  package func close() throws -> (layers: [Layer], grid: Grid, findings: [Finding]) {
    try classWriter.close()
    try confidenceWriter.close()
    try probabilityWriter?.close()
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
