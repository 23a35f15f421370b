import Checkpoints
import Chips
import Foundation
import Layers
import Rasters

/// Opens scenes, labels and training regions as a pipeline file describes them.
struct SceneOpening: Sendable {
  private let file: PipelineFile

  init(_ file: PipelineFile) { self.file = file }

  /// The sensor of the file.
  ///
  /// - Throws: `TaskFailure`, exit 78, for a name that no list knows.
  func sensor() throws -> Sensor {
    if file.sensor == "custom" { return .custom(bands: file.bandOrder ?? file.bands) }
    guard let sensor = Sensor.named(file.sensor) else {
      let names = (Sensor.all.map(\.name) + ["custom"]).joined(separator: ", ")
      throw TaskFailure("unknown sensor '\(file.sensor)'; there are \(names)", exitCode: .badPipelineFile)
    }
    return sensor
  }

  /// The wanted bands with their wavelengths.
  func bands() throws -> [(name: String, wavelength: Double?)] {
    let sensor = try sensor()
    return file.bands.map { name in
      (name, sensor.bandIndex(matching: name).flatMap { sensor.bands[$0].wavelength })
    }
  }

  /// The classes of the file as a card holds them.
  var classes: [ModelCard.Class] { file.classes.map { ModelCard.Class(value: $0.value, name: $0.name) } }

  /// The legend of class maps: colours by value; no-data is 0, or 255 where a class has value 0.
  var legend: Legend {
    Legend(
      entries: file.classes.map { entry in
        Legend.Entry(
          value: entry.value, name: entry.name,
          color: Color(red: entry.rgb.red, green: entry.rgb.green, blue: entry.rgb.blue))
      }, noData: noDataValue)
  }

  /// The value of unobserved pixels in class maps.
  var noDataValue: UInt8 { file.classes.contains { $0.value == 0 } ? 255 : 0 }

  /// Opens a scene with the wanted bands.
  func scene(at url: URL) throws -> Scene {
    try Scene(
      SceneSource(path: url.path), sensor: try sensor(), bands: file.bands, bandOrder: file.bandOrder)
  }

  /// The labels of a scene on its grid; class indices follow the file's classes.
  func labels(of labelled: LabelledScene, on grid: Grid) throws -> Labels? {
    guard let labels = labelled.labels else { return nil }
    return try Labels(
      LabelSource(path: labels.path, field: labelled.field, layer: labelled.layer),
      classes: file.classes.map { LabelClass(value: $0.value, name: $0.name) }, on: grid)
  }

  /// The labelled parts of scenes, in memory.
  func regions(_ scenes: [LabelledScene]) throws -> [LabelledRegion] {
    try scenes.compactMap { labelled in
      let scene = try scene(at: labelled.scene)
      guard let labels = try labels(of: labelled, on: scene.grid) else { return nil }
      return try LabelledRegion(scene, labels: labels, margin: file.chips.size)
    }
  }

  /// At most 400 chips spread evenly over scenes, each a region of its own, mostly valid and without labels.
  ///
  /// Large chips are fewer: together they take about 1 GiB at most.
  func unlabelledRegions(_ scenes: [URL]) throws -> [LabelledRegion] {
    let chipBytes = file.chips.size * file.chips.size * file.bands.count * MemoryLayout<Float>.stride
    let limit = max(1, min(400, (1 << 30) / chipBytes))
    var regions: [LabelledRegion] = []
    for url in scenes {
      let scene = try scene(at: url)
      let windows = Self.grid(of: scene.grid, size: file.chips.size, stride: file.chips.stride)
      let share = max(1, limit / scenes.count)
      let picked = (0..<min(share, windows.count)).map {
        windows[$0 * windows.count / min(share, windows.count)]
      }
      for window in picked {
        let pixels = try scene.read(window)
        guard pixels.validCount * 2 >= window.pixelCount else { continue }
        regions.append(
          LabelledRegion(
            window: window, pixels: pixels, labels: Array(repeating: ignored, count: window.pixelCount)))
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

  /// Mean and deviation of each wanted band over regions; 0 and 1 where there are none.
  func bandCards(from regions: [LabelledRegion]) throws -> [ModelCard.Band] {
    var statistics = BandStatistics(bandCount: file.bands.count)
    for region in regions { statistics.add(region.pixels) }
    return zip(try bands(), statistics.result).map { band, result in
      ModelCard.Band(
        name: band.name, wavelength: band.wavelength, mean: result.mean, deviation: result.deviation)
    }
  }

  /// Scenes of the place to map that may be looked at without their labels.
  var targetScenes: [URL] {
    file.data.unlabelled.isEmpty ? file.data.target.map(\.scene) : file.data.unlabelled
  }
}

extension PipelineFile {
  /// Whether a directory is itself a scene, not a place for scenes: a file for each wanted band, all of one ground.
  public func isScene(_ directory: URL) -> Bool {
    guard let source = try? SceneSource(path: directory.path), source.files.count > 1 else { return false }
    return (try? SceneOpening(self).scene(at: directory)) != nil
  }
}
