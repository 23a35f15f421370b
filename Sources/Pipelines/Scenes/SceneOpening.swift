import Checkpoints
import Chips
import Classes
import Foundation
import Products
import Rasters
import Scenes
import Tasks

/// Opens scenes, labels and training regions as a pipeline file describes them.
package struct SceneOpening: Sendable {
  private let file: PipelineFile
  private let fitted: FittedBandMaps

  /// Creates an opening of scenes as they are, or with a card as the model of it takes them.
  package init(_ file: PipelineFile, adjustingFor card: ModelCard? = nil) {
    self.file = file
    fitted = FittedBandMaps(card?.radiometry ?? [])
  }

  /// The sensor of the file.
  var sensor: Sensor { file.ownSensor }

  /// Returns the sensor that a scene is of.
  func sensor(of scene: SceneSource) -> Sensor {
    file.data.reading(of: scene)?.sensor(besides: sensor) ?? sensor
  }

  /// The wanted bands with their wavelengths.
  var bands: [(name: String, wavelength: Double?)] {
    let sensor = sensor
    return file.bands.map { name in
      (name, sensor.bandIndex(matching: name).flatMap { sensor.bands[$0].wavelength })
    }
  }

  /// The way in which the file's network compares two dates.
  var comparison: DateComparison? { file.comparison }

  /// The channels that the network is given: the bands of each date.
  var channelCount: Int { file.bands.count * (file.comparison == nil ? 1 : 2) }

  /// The task of the file's models, as cards name it.
  var taskName: String { file.taskName }

  /// The facts about the scenes that a card is checked against.
  var cardScenes: CardCheck.Scenes {
    CardCheck.Scenes(
      sensor: file.sensor, unit: sensor.unit, bands: file.bands, isAsStored: file.sensor == Sensor.customName)
  }

  /// The classes of the file.
  var classes: [LandClass] { file.classes.map(\.landClass) }

  /// The legend of class maps: colours by value.
  var legend: Legend { Legend(entries: file.classes, noData: noDataValue) }

  /// The value of unobserved pixels in class maps: 0, or the highest that no class has.
  var noDataValue: UInt8 {
    let used = Set(file.classes.map(\.value))
    return ([0] + (1...255).reversed()).first { !used.contains($0) }!
  }

  /// Opens a scene, or a part of it, with the wanted bands, adjusted as the card says; of two dates both as
  /// one.
  func scene(of entry: SceneEntry, within window: Window? = nil) throws -> Scene {
    let scene = try sceneAsItIs(of: entry, within: window)
    for maps in try maps(of: entry) { scene.adjust(by: maps) }
    return scene
  }

  /// Returns the grid of an entry's scene and the blocks that it is stored in; of one that a stage makes those
  /// that its file will have.
  func layout(of entry: SceneEntry) throws -> (grid: Grid, blocks: StoredBlocks) {
    // A pair lies on the grid of its earlier date.
    guard entry.scene.origin != nil, let grid = (entry.before ?? entry.scene).origin?.grid else {
      let scene = try scene(of: entry)
      return (scene.grid, scene.blocks)
    }
    let resampled = try file.resolution.flatMap { try grid.resampled(to: $0, path: entry.scene.path)?.grid }
    let side = CloudOptimizedGeoTIFF.blockSize
    return (
      resampled ?? grid,
      StoredBlocks(
        width: side, height: side, extent: grid.width, bytesPerPixel: channelCount * MemoryLayout<Float>.size)
    )
  }

  /// Opens those bands of a scene that a picture of it is made of: in natural colours also where the pipeline
  /// uses other bands; without its mask, as people want to see the clouds.
  func sceneForPicture(_ source: SceneSource) throws(RasterError) -> Scene {
    let isMade = source.origin != nil
    let (sensor, reading) = (sensor(of: source), isMade ? nil : file.data.reading(of: source))
    let isOwn = sensor == self.sensor
    let names = isMade ? file.bands : sensor.bands.map(\.name)
    let choices = PictureBands.choices(of: names, by: sensor) + [[isOwn ? file.bands[0] : names[0]]]
    for bands in choices.dropLast() {
      do throws(RasterError) { return try open(bands) } catch {
        guard error.code == .missingBand else { throw error }
      }
    }
    return try open(choices.last!)

    func open(_ bands: [String]) throws(RasterError) -> Scene {
      try Scene(
        source, sensor: sensor, bands: bands,
        bandOrder: isMade ? file.bands : reading?.bandOrder ?? (isOwn ? file.bandOrder : nil),
        numbers: isMade ? nil : reading?.numbers ?? (isOwn ? file.numbers : nil), masking: .none)
    }
  }

  /// Opens a scene of one date.
  package func scene(_ source: SceneSource) throws -> Scene { try scene(of: SceneEntry(source)) }

  private func sceneAsItIs(of entry: SceneEntry, within window: Window? = nil) throws -> Scene {
    guard let before = entry.before else { return try oneDate(entry.scene, within: window) }
    return try Scene(before: try oneDate(before), after: try oneDate(entry.scene), within: window)
  }

  private func oneDate(_ source: SceneSource, within window: Window? = nil) throws -> Scene {
    // A scene that a stage makes holds the pipeline's bands, and no pixel that is to be left out.
    let isMade = source.origin != nil
    let (order, masking) = (isMade ? file.bands : file.bandOrder, isMade ? .none : file.masking)
    let reading = file.data.reading(of: source)
    guard let found = file.correspondence(reading) else {
      return try Scene(
        source, sensor: sensor, bands: file.bands, bandOrder: reading?.bandOrder ?? order,
        numbers: isMade ? nil : reading?.numbers ?? file.numbers, resolution: file.resolution, within: window,
        masking: masking)
    }
    return try Scene(
      source, sensor: sensor(of: source), bands: found.bandsToRead, bandOrder: reading?.bandOrder,
      numbers: reading?.numbers, mixtures: found.mixtures, resolution: file.resolution, within: window,
      masking: masking)
  }

  /// Returns the maps by which the card has a scene adjusted, found from the whole of it.
  private func maps(of entry: SceneEntry) throws -> [[BandMap]] {
    try fitted.maps(of: entry, isReference: file.data.source.contains { $0.identities == entry.identities }) {
      try sceneAsItIs(of: entry)
    }
  }

  /// Returns a region of a scene that was read as it is, adjusted as the card says.
  func adjusted(_ region: LabelledRegion, of labelled: SceneEntry) throws -> LabelledRegion {
    let maps = try maps(of: labelled)
    return maps.isEmpty ? region : region.adjusted(by: maps)
  }

  /// Opens the labels of a scene on its grid; class indices follow the file's classes.
  func labels(of labelled: SceneEntry, on grid: Grid) throws -> Labels? {
    guard let labels = labelled.labels else { return nil }
    return try Labels(
      LabelSource(path: labels.path, field: labelled.field, layer: labelled.layer),
      classes: classes, on: grid,
      refusing: { others in
        labelled.ignoresOtherClasses ? nil : LabelReport.unknownClasses(others, in: labels, of: file)
      })
  }

  /// Reads the labels of a scene within the box that holds them, to hold a map against.
  ///
  /// - Throws: `RasterError`; `noLabels` where none falls on the scene.
  func reference(of labelled: SceneEntry, on grid: Grid) throws -> ReferenceLabels {
    if let shown = shown(by: labelled) {
      return ReferenceLabels(
        Array(repeating: shown.pixelLabel, count: grid.bounds.pixelCount), in: grid.bounds, annotations: shown
      )
    }
    let labels = try labels(of: labelled, on: grid)!
    guard let box = try labels.bounds()?.intersection(grid.bounds) else {
      throw RasterError(
        .noLabels, "read labels", path: labels.source.path,
        cause: "no labelled pixel of the pipeline's classes falls on \(labelled.scene.fileName)")
    }
    return ReferenceLabels(try labels.read(box), in: box)
  }

  /// Reads the labelled part of a scene; the whole scene where it has no labels. Of an image that shows
  /// classes as a whole, every pixel has the first of them.
  package func region(_ labelled: SceneEntry) throws -> LabelledRegion {
    let scene = try scene(of: labelled)
    var region = try LabelledRegion(
      scene, labels: try labels(of: labelled, on: scene.grid), margin: file.chips.size, in: file.pixels)
    if let shown = shown(by: labelled) {
      region = region.relabelled(Array(repeating: shown.pixelLabel, count: region.labels.count))
      region.annotations = shown
    }
    return region
  }

  /// Returns the classes that an image shows as a whole; nil of a scene whose labels are elsewhere.
  private func shown(by entry: SceneEntry) -> ShownClasses? {
    entry.shownClasses.map { names in
      ShownClasses(
        names.compactMap { name in file.classes.firstIndex { $0.name == name }.map(UInt8.init) })
    }
  }

  /// Reads about 400 chips spread evenly over scenes, each a region of its own, mostly valid and without
  /// labels; of more scenes than that, one chip each of 400 of them.
  ///
  /// Large chips are fewer: together they take about 1 GiB at most.
  func unlabelledRegions(_ scenes: [SceneEntry]) throws -> [LabelledRegion] {
    let chipBytes = file.chips.size * file.chips.size * channelCount * MemoryLayout<Float>.stride
    let limit = max(1, min(400, (1 << 30) / chipBytes))
    var regions: [LabelledRegion] = []
    let sample = EvenSample(scenes, most: limit).elements
    for entry in sample {
      let scene = try scene(of: entry)
      let windows = Self.grid(of: scene.grid, size: file.chips.size, stride: file.chips.stride)
      let ground = Ground(of: scene)
      for window in EvenSample(windows, most: limit / sample.count).elements {
        let pixels = try scene.read(window)
        guard pixels.validCount * 2 >= window.pixelCount else { continue }
        regions.append(
          LabelledRegion(
            window: window, pixels: try RegionPixels(pixels, in: file.pixels),
            labels: Array(repeating: ClassIndex.none, count: window.pixelCount),
            ground: ground))
      }
    }
    return regions
  }

  private static func grid(of grid: Grid, size: Int, stride: Int) -> [Window] {
    let columns = WindowPlan(extent: grid.width, size: size, overlap: max(0, size - stride))
    let rows = WindowPlan(extent: grid.height, size: size, overlap: max(0, size - stride))
    return rows.starts.flatMap { row in
      columns.starts.compactMap { column in
        Window(column: column, row: row, width: size, height: size).intersection(grid.bounds)
      }
    }
  }

  /// Computes mean and deviation of each wanted band over regions and their dates, 0 and 1 where there are
  /// none, in the sensor's unit, which nobody knows of bands that are used as they are stored.
  func bandCards(from regions: [LabelledRegion]) -> [ModelCard.Band] {
    var statistics = BandStatistics(bandCount: file.bands.count)
    for region in regions {
      for date in region.pixels.whole.dates(ofBands: file.bands.count) { statistics.add(date) }
    }
    let unit = file.sensor == Sensor.customName ? nil : sensor.unit
    return zip(bands, statistics.result).map { band, result in
      ModelCard.Band(
        name: band.name, wavelength: band.wavelength, mean: result.mean, deviation: result.deviation,
        unit: unit)
    }
  }

  /// Scenes of the place to map that may be looked at without their labels.
  var targetScenes: [SceneEntry] {
    file.data.unlabelled.isEmpty ? file.data.target.map(\.withoutLabels) : file.data.unlabelled
  }
}

extension PipelineFile {
  /// The colours of maps that hold the indices of classes.
  var indexLegend: Legend {
    Legend(
      entries: classes.enumerated().map { index, entry in
        Legend.Entry(value: UInt8(index), name: entry.name, color: entry.color)
      }, noData: ClassIndex.none)
  }

  /// Returns whether what was found in a directory is one scene, not several: a product, of whatever sensor,
  /// or a file for each wanted band, all of one ground.
  func isOneScene(_ directory: SceneSource) -> Bool {
    guard directory.files.count > 1 else { return false }
    if directory.refusal != nil { return true }
    let isNamed = directory.metadata != nil || ProductName(in: directory.fileName) != nil
    return isNamed && directory.product != nil || (try? SceneOpening(self).scene(directory)) != nil
  }
}
