import Foundation
import Host
import Rasters
import Runs
import Scenes
import Settings

/// The files of one product: COGs, their styles, a picture, and a STAC item that describes them.
package struct MapProduct {
  package let context: TaskContext
  package let pipeline: String
  package let style: Bool
  /// What it is made of.
  package let scenes: ProductScenes

  package init(_ context: TaskContext, of scenes: ProductScenes, pipeline: String, style: Bool) {
    (self.context, self.scenes, self.pipeline, self.style) = (context, scenes, pipeline, style)
  }

  private func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  /// The figure of a map's task that says which weights made it.
  package static let modelDigest = "model sha256"
  /// The figure of a map's task that says in what precision it was computed.
  package static let precision = "precision"

  /// The figure of a map's task that says how far its scene is from what the model has learned from.
  package static let drift = "drift"

  /// A scene's name, and the day that it shows where the name does not say it plainly.
  ///
  /// - Parameter day: the day; the one in the name where nil.
  package static func title(of scene: String, day: Day? = nil) -> String {
    guard let day = (day ?? Acquisition(name: scene)?.day)?.description, !scene.contains(day) else {
      return scene
    }
    return "\(scene), \(day)"
  }

  /// The name of a product's picture.
  package static let preview = "preview.png"

  /// What made the product: tags of each file, the same for the same input.
  private var provenance: [String: String] {
    var tags = [
      "TERRANE_PIPELINE": pipeline, "TERRANE_KEY": context.key, "TERRANE_INPUT_KEY": context.inputs[0].key,
    ]
    tags["TERRANE_MODEL_SHA256"] = context.inputs[0].metrics[Self.modelDigest]?.text
    tags[ProductScenes.tag] = scenes.tagValue
    tags["TERRANE_PRECISION"] = context.inputs[0].metrics[Self.precision]?.text
    return tags
  }

  /// Writes a class map with palette, names and overviews.
  ///
  /// - Parameters:
  ///   - source: the byte raster that an earlier stage left.
  ///   - values: the value on the map for each value of the source.
  package func writeClasses(
    from source: String, named name: String, values: [UInt8], legend: Legend, preview: Bool
  ) throws {
    let plain = path(".\(name).plain.tif")
    let input = try RasterFile(path: context.file(named: source, of: context.inputs[0]).path)
    let writer = try RasterWriter(
      path: plain, grid: input.grid,
      options: .init(
        type: .byte, bandNames: [name], noData: Double(legend.noData), legend: legend, compression: 1))
    try copy(input, to: writer) { (indices: [UInt8]) in indices.map { values[Int($0)] } }
    try CloudOptimizedGeoTIFF.write(
      source: plain, to: path("\(name).tif"), legend: legend, overviews: .mode, metadata: provenance,
      noData: Double(legend.noData))
    if preview {
      let map = try Preview(classes: plain, legend: legend)
      try PictureSheet(
        [.init(Self.title(of: context.inputs[0].subject, day: scenes.days?.first), map)], legends: [legend],
        metres: map.metresOfPixel(of: input.grid)
      ).picture.write(to: path(Self.preview))
    }
    try FileManager.default.removeItem(atPath: plain)
    if style { try QGISStyle.write(QGISStyle.text(for: legend), beside: path("\(name).tif")) }
  }

  /// Takes over the picture that an earlier stage left.
  package func copyPreview() throws {
    let picture = try context.file(named: Self.preview, of: context.inputs[0])
    try RegularFile.write(RegularFile.contents(of: picture.path), to: path(Self.preview))
  }

  /// Writes a map of percentages, averaged in its overviews.
  package func writePercentages(from source: String, named name: String) throws {
    try writeContinuous(from: source, named: name, type: .byte, unit: "percent", as: UInt8.self) { _ in
      .percentages
    }
  }

  /// Writes a map of measured values, averaged in its overviews; its band keeps its name, which says what they mean.
  ///
  /// - Parameter ramp: how values are shown, by the largest one that is not rare.
  package func writeMeasurements(from source: String, named name: String, ramp: (Double) -> ColorRamp) throws
  {
    try writeContinuous(from: source, named: name, type: .float32, unit: nil, as: Float.self) {
      (values: [Float]) in ramp(ColorRamp.largest(of: values))
    }
  }

  private func writeContinuous<Value: RasterElement>(
    from source: String, named name: String, type: PixelType, unit: String?, as value: Value.Type,
    ramp: ([Value]) -> ColorRamp
  ) throws {
    let plain = path(".\(name).plain.tif")
    let input = try RasterFile(path: context.file(named: source, of: context.inputs[0]).path)
    let noData = input.bands[0].noData
    let band = unit == nil ? input.bands[0].description ?? name : name
    let writer = try RasterWriter(
      path: plain, grid: input.grid,
      options: .init(type: type, bandNames: [band], noData: noData, unit: unit, compression: 1))
    var sample = EverySoMany<Value>(of: input.grid.width * input.grid.height)
    try copy(input, to: writer) { (values: [Value]) in
      sample.add(values)
      return values
    }
    try CloudOptimizedGeoTIFF.write(
      source: plain, to: path("\(name).tif"), overviews: .average, metadata: provenance, noData: noData)
    try FileManager.default.removeItem(atPath: plain)
    if style { try QGISStyle.write(QGISStyle.text(for: ramp(sample.values)), beside: path("\(name).tif")) }
  }

  private func copy<Value: RasterElement>(
    _ input: RasterFile, to writer: RasterWriter, _ change: ([Value]) -> [Value]
  ) throws {
    let grid = input.grid
    for row in stride(from: 0, to: grid.height, by: RasterWriter.tileSize) {
      try context.checkCancellation()
      // In parts of whole tiles, so that a scene may be as wide as it likes.
      for column in stride(from: 0, to: grid.width, by: 256 * RasterWriter.tileSize) {
        let window = Window(
          column: column, row: row, width: min(256 * RasterWriter.tileSize, grid.width - column),
          height: min(RasterWriter.tileSize, grid.height - row))
        try writer.write(window, band: 1, change(try input.readValues(window, band: 1)))
      }
    }
    try writer.close()
  }

  /// Writes `item.json`, a STAC item over the product's rasters, where the days are known that it shows: STAC
  /// asks for them.
  ///
  /// - Parameter assets: the rasters, and the legends of those that hold classes.
  /// - Returns: why there is no item, for the warnings of the task.
  package func writeItem(assets: [(name: String, legend: Legend?)]) throws -> [String] {
    guard let days = scenes.days else {
      let names = scenes.places.isEmpty ? "the scene" : scenes.places.joined(separator: " and ")
      return [
        "no item.json: no day in the name or the metadata of \(names)"
      ]
    }
    let rasters = try assets.map { try RasterFile(path: path("\($0.name).tif")) }
    let item = STACItem(
      id: context.inputs[0].subject, pipeline: pipeline, key: context.key, grid: rasters[0].grid,
      assets: zip(assets, rasters).map { .init(name: $0.name, band: $1.bands[0], legend: $0.legend) },
      days: days, scenes: scenes.places,
      picture: FileManager.default.fileExists(atPath: path(Self.preview)) ? Self.preview : nil,
      drift: context.inputs[0].metrics[Self.drift]?["largest"]?.double)
    try RegularFile.write(Data(item.json.pretty.utf8), to: path("item.json"))
    return []
  }
}
