import Foundation
import Rasters

/// All files of `sample-data`, made from one seed.
public struct SampleDataset {
  /// The seed of the committed files.
  public static let committedSeed: UInt64 = 2023

  /// The files that are written, relative to the directory, but for those of ``scenes``.
  public static let files = [
    "region-a/optical/s2_2023-06-14.tif", "region-a/radar/s1_2023-06-15.tif", "region-a/labels.tif",
    "region-b/optical/s2_2023-09-02.tif", "region-b/radar/s1_2023-09-03.tif",
    "region-b/optical/s2_2024-09-06.tif",
    "region-b/radar/s1_2024-09-07.tif", "region-b/few-labels.geojson", "region-b/truth_2023.tif",
    "region-b/truth_2024.tif", "region-b/truth_change.tif", "region-b/haze/s2_2023-05-12.tif",
    "region-b/truth_2023-05.tif", "region-b/landsat/l8_2023-08-27.tif", "region-b/truth_2023-08.tif",
    "region-c/aerial/west_2024-03-02.tif", "region-c/aerial/west_2024-04-11.tif",
    "region-c/aerial/east_2024-03-02.tif", "region-c/aerial/east_2024-04-11.tif",
    "region-c/damage_west.tif", "region-c/truth_damage_east.tif",
  ]

  /// The directory of the chips that show one class as a whole.
  public static let scenes = "scenes"

  private let seed: UInt64
  private let directory: String

  /// Creates the data set for a directory; nothing is written yet.
  public init(seed: UInt64, directory: String) {
    self.seed = seed
    self.directory = directory
  }

  /// Writes all files of the data set.
  ///
  /// - Throws: what creating directories and `Rasters` throw.
  public func write() throws {
    let regions = ["region-a", "region-b"]
    let others = ["region-b/haze", "region-b/landsat", "\(DamagedTown.name)/aerial"]
    for part in regions.flatMap({ ["\($0)/optical", "\($0)/radar"] }) + others {
      try FileManager.default.createDirectory(
        atPath: "\(directory)/\(part)", withIntermediateDirectories: true)
    }
    try writeRegionA()
    try writeRegionB()
    try writeRegionBInHaze()
    try writeRegionBByLandsat()
    try writeRegionC()
    try writeScenes()
  }

  private func writeRegionA() throws {
    let region = try Region.a(seed: seed)
    let truth = GroundTruth(Landscape(region, season: Season(year: 2023, progress: 0, drought: 0)))
    let picture = OpticalSensor(conditions: .june2023(seed: seed)).picture(of: truth)
    try write(picture, region, "optical/s2_2023-06-14")
    try write(
      radar: RadarSensor(seed: seed &+ 61, border: (0.3, -1, -318)), truth, region, "radar/s1_2023-06-15")
    try write(observed(truth.classes, picture), LandCover.legend, region, "labels")
  }

  private func writeRegionB() throws {
    let region = try Region.b(seed: seed)
    let before = Landscape(region, season: Season(year: 2023, progress: 1, drought: 0.15))
    let changes = LandChanges(in: before, seed: seed &+ 71)
    let after = Landscape(region, season: Season(year: 2024, progress: 1, drought: 0.45), changes: changes)
    let truths = [GroundTruth(before), GroundTruth(after)]
    let pictures = zip(truths, [.september2023(seed: seed), .september2024(seed: seed)]).map {
      OpticalSensor(conditions: $1).picture(of: $0)
    }
    let dates = ["2023-09-02", "2024-09-06"]
    let radarDates = ["2023-09-03", "2024-09-07"]
    var seen: [[UInt8]] = []
    for (index, truth) in truths.enumerated() {
      try write(pictures[index], region, "optical/s2_\(dates[index])")
      let radar = RadarSensor(
        seed: seed &+ 62 &+ UInt64(index), border: (-0.25, -1, -452 + 12 * Double(index)))
      try write(radar: radar, truth, region, "radar/s1_\(radarDates[index])")
      seen.append(observed(truth.classes, pictures[index]))
      try write(seen[index], LandCover.legend, region, "truth_\(dates[index].prefix(4))")
    }
    let change = zip(seen[0], seen[1]).map { before, after -> UInt8 in
      before == 0 || after == 0 ? 0 : before == after ? 1 : 2
    }
    try write(change, LandCover.changeLegend, region, "truth_change")
    let few = FewLabels(truth: seen[0], seed: seed &+ 81)
    try ClassPolygons.write(
      few.labels(from: seen[0]), grid: region.grid, legend: LandCover.legend, field: "class",
      to: path(region, "few-labels.geojson"))
  }

  /// Writes region B in another season and air, to which a model of clear days has to be adapted.
  private func writeRegionBInHaze() throws {
    let region = try Region.b(seed: seed)
    let truth = GroundTruth(Landscape(region, season: Season(year: 2023, progress: -0.4, drought: 0)))
    let picture = OpticalSensor(conditions: .may2023(seed: seed)).picture(of: truth)
    try write(picture, region, "haze/s2_2023-05-12")
    try write(observed(truth.classes, picture), LandCover.legend, region, "truth_2023-05")
  }

  /// Writes region B by another sensor, whose pixels are three times as wide.
  private func writeRegionBByLandsat() throws {
    let region = try Region.b(seed: seed)
    let truth = GroundTruth(Landscape(region, season: Season(year: 2023, progress: 0.9, drought: 0.15)))
    let sensor = OpticalSensor(conditions: .august2023(seed: seed), instrument: .landsat8)
    let picture = sensor.picture(of: truth)
    try write(picture, region, "landsat/l8_2023-08-27", by: sensor.instrument)
    try write(
      observed(truth.classes(of: sensor.instrument.step), picture), LandCover.legend, region, "truth_2023-08",
      step: sensor.instrument.step)
  }

  /// Writes a town before and after an earthquake: the west to learn from, the east to be mapped.
  private func writeRegionC() throws {
    let town = DamagedTown(seed: seed)
    for quarter in DamagedTown.Quarter.allCases {
      let grid = try DamagedTown.grid(of: quarter)
      let dates: [(name: String, isAfter: Bool, conditions: AerialCamera.Conditions)] = [
        ("2024-03-02", false, .march2024(quarter, seed: seed)),
        ("2024-04-11", true, .april2024(quarter, seed: seed)),
      ]
      for date in dates {
        let scenery = town.scenery(of: quarter, after: date.isAfter, drift: date.conditions.drift)
        let writer = try RasterWriter(
          path: "\(directory)/\(DamagedTown.name)/aerial/\(quarter)_\(date.name).tif", grid: grid,
          options: .init(type: .byte, bandNames: AerialCamera.bandNames))
        for (index, band) in AerialCamera(conditions: date.conditions).picture(of: scenery).enumerated() {
          try writer.write(grid.bounds, band: index + 1, band)
        }
        try writer.close()
      }
      try write(
        town.levels(of: quarter), DamageLevel.legend, grid, in: DamagedTown.name,
        quarter == .west ? "damage_west" : "truth_damage_east")
    }
  }

  /// Writes chips of region A's land in a directory a class, and of region B's, in its season and air, with a
  /// table.
  private func writeScenes() throws {
    let source = SceneChips(
      region: try .a(seed: seed), season: Season(year: 2023, progress: 0, drought: 0),
      conditions: .june2023(seed: seed), count: 24)
    var numbers: [SceneKind: Int] = [:]
    for chip in source.chips() {
      numbers[chip.kind, default: 0] += 1
      try write(chip, "\(Self.scenes)/region-a/\(chip.kind.rawValue)", number: numbers[chip.kind]!)
    }
    let target = SceneChips(
      region: try .b(seed: seed), season: Season(year: 2023, progress: 1, drought: 0.15),
      conditions: .september2023(seed: seed), count: 16)
    let place = "\(Self.scenes)/region-b"
    let chips = target.chips()
    for (index, chip) in chips.enumerated() { try write(chip, place, number: index + 1) }
    let table = try FeatureWriter(
      path: "\(directory)/\(place)/labels.csv", layer: "labels", crs: nil,
      fields: [FeatureField("path", .text), FeatureField("class", .text)])
    for (index, chip) in chips.enumerated() {
      try table.add(nil, values: [.text(Self.chipName(index + 1)), .text(chip.kind.rawValue)])
    }
    try table.close()
  }

  private func write(_ chip: SceneChips.Chip, _ folder: String, number: Int) throws {
    try FileManager.default.createDirectory(
      atPath: "\(directory)/\(folder)", withIntermediateDirectories: true)
    let writer = try RasterWriter(
      path: "\(directory)/\(folder)/\(Self.chipName(number))", grid: chip.grid,
      options: .init(
        type: .uint16, bandNames: SceneChips.instrument.bandNames, noData: 0,
        tileSize: SceneChips.side))
    for (index, band) in chip.bands.enumerated() {
      try writer.write(chip.grid.bounds, band: index + 1, band)
    }
    try writer.close()
  }

  /// Returns the file name of a chip, `007.tif`.
  private static func chipName(_ number: Int) -> String { String(format: "%03d.tif", number) }

  /// Returns the truth where the picture shows the ground, 0 elsewhere.
  private func observed(_ truth: [UInt8], _ picture: OpticalSensor.Picture) -> [UInt8] {
    truth.indices.map { picture.isOutside[$0] || picture.isClouded[$0] ? 0 : truth[$0] }
  }

  private func path(_ region: Region, _ name: String) -> String { "\(directory)/\(region.name)/\(name)" }

  private func write(
    _ picture: OpticalSensor.Picture, _ region: Region, _ name: String,
    by instrument: OpticalSensor.Instrument = .sentinel2
  ) throws {
    let grid = region.grid(step: instrument.step)
    let writer = try RasterWriter(
      path: path(region, name + ".tif"), grid: grid,
      options: .init(type: .uint16, bandNames: instrument.bandNames, noData: 0))
    for (index, band) in picture.bands.enumerated() {
      try writer.write(grid.bounds, band: index + 1, band)
    }
    try writer.close()
  }

  private func write(radar: RadarSensor, _ truth: GroundTruth, _ region: Region, _ name: String) throws {
    let writer = try RasterWriter(
      path: path(region, name + ".tif"), grid: region.grid,
      options: .init(
        type: .int16, bandNames: ["VV", "VH"], noData: Double(RadarSensor.noData), scale: RadarSensor.scale,
        offset: 0, unit: "dB"))
    for (index, band) in radar.picture(of: truth).enumerated() {
      try writer.write(region.grid.bounds, band: index + 1, band)
    }
    try writer.close()
  }

  private func write(
    _ classes: [UInt8], _ legend: Legend, _ region: Region, _ name: String, step: Int = 1
  ) throws {
    try write(classes, legend, region.grid(step: step), in: region.name, name)
  }

  /// Writes a class raster as a COG, so that a GIS shows its colours and names.
  private func write(
    _ classes: [UInt8], _ legend: Legend, _ grid: Grid, in folder: String, _ name: String
  ) throws {
    let final = "\(directory)/\(folder)/\(name).tif"
    let draft = "\(directory)/\(folder)/.draft-\(name).tif"
    defer { try? FileManager.default.removeItem(atPath: draft) }
    let writer = try RasterWriter(
      path: draft, grid: grid,
      options: .init(type: .byte, bandNames: [name], noData: 0))
    try writer.write(grid.bounds, classes)
    try writer.close()
    try CloudOptimizedGeoTIFF.write(source: draft, to: final, legend: legend, overviews: .nearest, noData: 0)
  }
}
