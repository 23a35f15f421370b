import Foundation
import Host
import Rasters
import Runs
import Scenes
import Settings

/// The files of one product: the rasters of an artifact as COGs, its vectors and tables, their styles, a
/// picture, and a STAC item that describes them.
package struct MapProduct {
  let context: JobContext
  private let pipeline: String
  /// The style files beside each raster and vector file.
  let style: StyleFiles
  /// Whether a raster of classes is outlined in polygons as well.
  private let outlines: (Layer) -> Bool
  /// The class map that is published in the place of the artifact's own; nil for that.
  var cleaned: String?
  /// The scenes that the product is made of.
  private let scenes: ProductScenes
  private let artifact: Artifact
  /// The job that has left the artifact; nil where the job that publishes has made it itself.
  private let source: JobOutput?
  /// The name of the STAC item.
  private let item: String
  /// The name of the STAC item of a subject's maps, whose id is the subject; another's ends in its own name.
  private static let itemOfMaps = "item.json"

  /// Creates a product of the artifact that the job's first dependency has left.
  ///
  /// - Parameters:
  ///   - style: which styles lie beside each raster and vector file.
  ///   - outlines: whether the classes of a raster become polygons as well.
  /// - Throws: what reading the artifact throws.
  package init(
    _ context: JobContext, of scenes: ProductScenes, pipeline: String, style: StyleFiles,
    outlines: @escaping (Layer) -> Bool = { _ in false }
  ) throws {
    (self.context, self.scenes, self.pipeline, self.style) = (context, scenes, pipeline, style)
    self.outlines = outlines
    let source = context.inputs[0]
    artifact = try context.artifact(of: source)
    (self.source, item) = (source, Self.itemOfMaps)
  }

  /// Creates a product of an artifact whose files the job itself has written into its directory, with
  /// styles.
  ///
  /// - Parameter item: the name of the STAC item: `item.json` is that of the subject's maps, which lie in
  ///   the same directory.
  package init(
    _ artifact: Artifact, by context: JobContext, of scenes: ProductScenes, pipeline: String, item: String
  ) {
    (self.context, self.scenes, self.pipeline, style) = (context, scenes, pipeline, StyleFiles.qml)
    outlines = { _ in false }
    (self.artifact, source, self.item) = (artifact, nil, item)
  }

  /// The layers of the artifact.
  package var layers: [Layer] { artifact.layers }

  func path(_ name: String) -> String { context.directory.appendingPathComponent(name).path }

  /// Returns the file of a layer.
  func file(of layer: Layer) throws -> String {
    if layer.content == .classIndices, let cleaned { return cleaned }
    return try source.map { try context.url(of: layer, in: $0).path } ?? path(layer.file)
  }

  /// Returns a scene's name, and the day that it shows where the name does not say it plainly.
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

  /// Publishes the rasters, vectors, tables and the picture of the artifact. Where it has no picture, the
  /// first raster of classes is drawn.
  ///
  /// - Parameters:
  ///   - classes: the pipeline's classes in their order, for rasters of their indices.
  ///   - scene: the picture of the scene that the product is of; nil where it is of several, or none is to be
  ///     had.
  ///   - tags: further items of the raster of a layer that holds a scene.
  ///   - publishes: whether a layer becomes a part of the product.
  /// - Returns: what there is no file for, for the warnings of the job.
  package func publish(
    classes: Legend, scene: ScenePicture? = nil, tags: (Layer) -> [String: String] = { _ in [:] },
    where publishes: (Layer) -> Bool
  ) throws -> [String] {
    let layers = artifact.layers.filter(publishes)
    var lacksPicture = !layers.contains { $0.content == .picture }
    var assets: [STACItem.Asset] = []
    var lacks: [String] = []
    for layer in layers {
      switch layer.content {
      case .classIndices, .classes:
        let legend = try writeClasses(layer, pipelineClasses: classes, draws: lacksPicture)
        lacksPicture = false
        assets.append(try rasterAsset(layer, legend))
        guard outlines(layer) else { continue }
        if let polygons = try writePolygons(of: layer.name, legend) {
          assets.append(polygons)
        } else {
          lacks.append("no \(layer.name).gpkg: the map has no position")
        }
      case .probabilities:
        try writeContinuous(layer, type: .byte, bands: classes.entries.map(\.name), unit: "percent") {
          (_: [UInt8]) in .percentages
        }
        assets.append(.init(name: layer.name, content: .scene(try bands(of: layer))))
      case .percent:
        try writeContinuous(layer, type: .byte, bands: [layer.name], unit: "percent") { (_: [UInt8]) in
          .percentages
        }
        assets.append(try rasterAsset(layer))
      case .measurement(let measurement):
        try writeContinuous(layer, type: .float32, bands: [measurement.meaning], unit: nil) {
          ColorRamp(measurement.ramp, of: $0)
        }
        assets.append(try rasterAsset(layer))
      case .scene(let scene):
        try writeContinuous(
          layer, type: .float32, bands: scene.bands, unit: scene.unit, tags: tags(layer)
        ) {
          ColorRamp.brightness(of: $0)
        }
        assets.append(.init(name: layer.name, content: .scene(try bands(of: layer))))
      case .table:
        try copy(layer, to: "\(layer.name).csv")
        assets.append(.init(name: layer.name, content: .table))
      case .vectors(let legend):
        try copy(layer, to: "\(layer.name).gpkg")
        if let legend {
          try style.write(
            .polygons(legend, field: ClassPolygons.classField), beside: path("\(layer.name).gpkg"))
        }
        assets.append(.init(name: layer.name, content: .vectors))
      case .picture: try copy(layer, to: Self.preview)
      case .model, .document: continue
      }
    }
    if let scene {
      try scene.picture.write(to: path(ScenePicture.file))
      assets.append(.init(name: ScenePicture.file, content: .overview(scene.words)))
    }
    return try lacks + writeItem(assets: assets)
  }

  /// The provenance of the product: tags of each file, the same for the same input.
  private var provenance: [String: String] {
    var tags = ["TERRANE_PIPELINE": pipeline, "TERRANE_KEY": context.key]
    tags["TERRANE_INPUT_KEY"] = source?.key
    tags["TERRANE_MODEL_SHA256"] = artifact.findings[.modelSHA256]?.text
    tags[ProductScenes.tag] = scenes.tagValue
    tags["TERRANE_PRECISION"] = artifact.findings[.precision]?.text
    return tags
  }

  /// Writes a class map with palette, names and overviews.
  ///
  /// - Returns: the legend of its values.
  private func writeClasses(_ layer: Layer, pipelineClasses: Legend, draws: Bool) throws -> Legend {
    let (name, legend): (String, Legend)
    let values: [UInt8]
    if case .classes(let own) = layer.content {
      (name, legend, values) = (layer.name, own, Array(UInt8.min...UInt8.max))
    } else {
      (name, legend) = (layer.name, pipelineClasses)
      let rest = [UInt8](repeating: legend.noData, count: 256 - legend.entries.count)
      values = legend.entries.map(\.value) + rest
    }
    let plain = path(".\(name).plain.tif")
    let input = try RasterFile(path: file(of: layer))
    let writer = try RasterWriter(
      path: plain, grid: input.grid,
      options: .init(
        type: .byte, bandNames: [name], noData: Double(legend.noData), legend: legend, compression: 1))
    try copy(input, to: writer) { (indices: [UInt8], _) in indices.map { values[Int($0)] } }
    try CloudOptimizedGeoTIFF.write(
      source: plain, to: path("\(name).tif"), legend: legend, overviews: .mode, metadata: provenance,
      noData: Double(legend.noData))
    if draws {
      let map = try Preview(classes: plain, legend: legend)
      try PictureSheet(
        [.init(Self.title(of: artifact.subject, day: scenes.days?.first), map)], legends: [legend],
        metres: map.metresOfPixel(of: input.grid)
      ).picture.write(to: path(Self.preview))
    }
    try FileManager.default.removeItem(atPath: plain)
    if layer.content == .classIndices, let cleaned { try? FileManager.default.removeItem(atPath: cleaned) }
    try style.write(.classes(legend), beside: path("\(name).tif"))
    return legend
  }

  /// Writes a raster of measured values, averaged in its overviews.
  ///
  /// - Parameters:
  ///   - bands: the meaning of the values of each band.
  ///   - ramp: how values of the first band are shown, by some of them.
  private func writeContinuous<Value: RasterElement>(
    _ layer: Layer, type: PixelType, bands: [String], unit: String?, tags: [String: String] = [:],
    ramp: ([Value]) -> ColorRamp
  ) throws {
    let (name, noData) = (layer.name, layer.noData)
    let input = try RasterFile(path: file(of: layer))
    guard source != nil else {
      return try publish(own: input, as: layer, tags: tags, ramp: ramp)
    }
    let plain = path(".\(name).plain.tif")
    let writer = try RasterWriter(
      path: plain, grid: input.grid,
      options: .init(type: type, bandNames: bands, noData: noData, unit: unit, compression: 1))
    var sample = ThinnedValues<Value>(of: input.grid.width * input.grid.height)
    try copy(input, to: writer) { (values: [Value], band) in
      if band == 1 { sample.add(values) }
      return values
    }
    try CloudOptimizedGeoTIFF.write(
      source: plain, to: path("\(name).tif"), overviews: .average,
      metadata: provenance, noData: noData)
    try FileManager.default.removeItem(atPath: plain)
    try style.write(.values(ramp(sample.values)), beside: path("\(name).tif"))
  }

  /// Publishes a raster of measured values that the job has written by itself: it is not copied before.
  private func publish<Value: RasterElement>(
    own input: RasterFile, as layer: Layer, tags: [String: String], ramp: ([Value]) -> ColorRamp
  ) throws {
    var sample = ThinnedValues<Value>(of: input.grid.width * input.grid.height)
    try forEachWindow(of: input.grid) { sample.add(try input.readValues($0, band: 1)) }
    let product = path("\(layer.name).tif")
    try CloudOptimizedGeoTIFF.write(
      source: input.path, to: product, overviews: .average,
      metadata: provenance.merging(tags) { own, _ in own }, noData: layer.noData)
    try style.write(.values(ramp(sample.values)), beside: product)
  }

  private func rasterAsset(_ layer: Layer, _ legend: Legend? = nil) throws -> STACItem.Asset {
    .init(name: layer.name, content: .raster(try bands(of: layer)[0], legend))
  }

  /// Returns the bands of a raster of the product.
  private func bands(of layer: Layer) throws -> [RasterBand] {
    try RasterFile(path: path("\(layer.name).tif")).bands
  }

  /// Copies a file as it is.
  private func copy(_ layer: Layer, to name: String) throws {
    try RegularFile.write(
      RegularFile.contents(of: file(of: layer)), to: path(name))
  }

  /// Copies the bands of a raster, one after the other.
  private func copy<Value: RasterElement>(
    _ input: RasterFile, to writer: RasterWriter, _ change: ([Value], _ band: Int) -> [Value]
  ) throws {
    for band in 1...input.bands.count { try copy(input, band: band, to: writer) { change($0, band) } }
    try writer.close()
  }

  private func copy<Value: RasterElement>(
    _ input: RasterFile, band: Int, to writer: RasterWriter, _ change: ([Value]) -> [Value]
  ) throws {
    try forEachWindow(of: input.grid) { window in
      try writer.write(window, band: band, change(try input.readValues(window, band: band)))
    }
  }

  /// Calls `body` with parts of whole tiles, so that a scene may be as wide as it likes.
  private func forEachWindow(of grid: Grid, _ body: (Window) throws -> Void) throws {
    for row in stride(from: 0, to: grid.height, by: RasterWriter.tileSize) {
      try context.checkCancellation()
      for column in stride(from: 0, to: grid.width, by: 256 * RasterWriter.tileSize) {
        try body(
          Window(
            column: column, row: row, width: min(256 * RasterWriter.tileSize, grid.width - column),
            height: min(RasterWriter.tileSize, grid.height - row)))
      }
    }
  }

  /// Writes the STAC item over the product's files, where the days are known that it shows: STAC asks for
  /// them. Without a raster it lies where the artifact's grid does.
  ///
  /// - Returns: why there is no item.
  private func writeItem(assets: [STACItem.Asset]) throws -> [String] {
    guard let days = scenes.days else {
      let names = scenes.places.isEmpty ? "the scene" : scenes.places.joined(separator: " and ")
      return ["no \(item): no day in the name or the metadata of \(names)"]
    }
    let raster = assets.first(where: \.isRaster)
    let grid = try raster.map { try RasterFile(path: path("\($0.name).tif")).grid } ?? artifact.grid?.grid()
    guard let grid else { return ["no \(item): nothing says where the product lies"] }
    let description = STACItem(
      id: artifact.subject + (item == Self.itemOfMaps ? "" : "-" + item.dropLast(".json".count)),
      pipeline: pipeline, key: context.key, grid: grid, assets: assets,
      days: days, scenes: scenes.places,
      picture: FileManager.default.fileExists(atPath: path(Self.preview)) ? Self.preview : nil,
      drift: artifact.findings[.drift]?.number, observed: artifact.findings[.observed]?.table)
    try RegularFile.write(Data(description.json.pretty.utf8), to: path(item))
    return []
  }
}
