import Foundation
import Rasters
import Runs
import Settings

extension MapProduct {
  /// Cleans the class map of the artifact, which is then published in the place of the network's own.
  ///
  /// - Parameter classes: the pipeline's classes in their order.
  /// - Returns: what cleaning has changed; nothing where the artifact has no class map.
  /// - Throws: `CleaningFailure` where the smallest region is an area and the map is not in metres;
  ///   `MissingLayer` where nobody knows how sure the map is that is to be smoothed.
  package mutating func clean(by cleaning: MapCleaning, classes: Legend) throws -> [Finding] {
    guard let layer = layers.first(where: { $0.content == .classIndices }) else { return [] }
    let input = try RasterFile(path: file(of: layer))
    let smallest = try cleaning.smallestRegion(on: input.grid, of: context.subject)
    let confidence = layers.first { $0.content == .percent }
    let place = path(".\(layer.name).clean.tif")
    try cleaning.write(
      input,
      confidence: {
        guard let confidence else { throw MissingLayer("confidence", job: context.subject) }
        return try RasterFile(path: file(of: confidence))
      }, classCount: classes.entries.count, to: place, smallest: smallest,
      isCancelled: context.checkCancellation)
    cleaned = place
    return try findings(of: RasterFile(path: place), beside: input, classes)
  }

  /// Compares the cleaned map with the network's own.
  private func findings(of cleaned: RasterFile, beside input: RasterFile, _ classes: Legend) throws
    -> [Finding]
  {
    var counts = [Int](repeating: 0, count: 256)
    var changed = 0
    for window in input.grid.bounds.strips(ofHeight: RasterWriter.tileSize) {
      let (own, clean): ([UInt8], [UInt8]) = (
        try input.readValues(window, band: 1), try cleaned.readValues(window, band: 1)
      )
      for (before, after) in zip(own, clean) {
        counts[Int(after)] += 1
        if before != after { changed += 1 }
      }
    }
    let mapped = Double(max(1, counts.prefix(classes.entries.count).reduce(0, +)))
    let rows = classes.entries.enumerated().map { index, entry -> [JSONValue?] in
      [.string(entry.name)] + GroundArea(of: counts[index], on: input.grid).cells + [
        .number(Double(counts[index]) / mapped)
      ]
    }
    return [
      Finding(
        .cleanedAreas, .table(FindingTable([.init("class")] + GroundArea.columns + [.init("share")], rows))),
      Finding(.cleanedShare, Double(changed) / mapped),
    ].compactMap(\.self)
  }
}
