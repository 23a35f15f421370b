import Foundation
import Rasters
import Scenes
import Testing

@Suite("The stage composite", .startsCommand, .serialized)
struct CompositeStageTests {
  private static let days = ["2023-06-04", "2023-06-14", "2023-06-24", "2023-07-04"]

  /// Writes dates of one ground, each brighter than the one before, with a hole of its own.
  private func write(below directory: String, _ site: StagesSite, days: [String] = days) throws {
    try FileManager.default.createDirectory(at: site.url(directory), withIntermediateDirectories: true)
    for (index, day) in days.enumerated() {
      var ground = StagesSite.Ground()
      ground.border = 3 + 8 * index
      try site.scene("\(directory)/s2_\(day).tif", ground, gain: 1 + 0.1 * Double(index))
    }
  }

  private func values(_ path: String, band: Int = 1, _ site: StagesSite) throws -> [Float] {
    let file = try RasterFile(path: site.url(path).path)
    return try file.readValues(file.grid.bounds, band: band)
  }

  private static let place = "E600000N5200000"

  @Test("The dates of a month become one scene in physical values, with the number of dates")
  func median() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    try site.pipeline("months", data: "{scenes: incoming}", stages: ["composite:"])
    let run = try site.run("months.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let june = "output/months/products/\(Self.place)_2023-06"
    let names = try FileManager.default.contentsOfDirectory(atPath: site.url(june).path).sorted()
    #expect(names == ["count.qml", "count.tif", "scene.json", "scene.qml", "scene.tif"])
    let dates = try Self.days.prefix(3).map { day -> [Float] in
      try values("incoming/s2_\(day).tif", band: 2, site)
    }
    let (made, counts) = (
      try values("\(june)/scene.tif", band: 2, site), try values("\(june)/count.tif", site)
    )
    for pixel in made.indices {
      let seen = dates.map { $0[pixel] }.filter { $0 > 0 }.map { Float(Double($0) * 1e-4) }.sorted()
      #expect(counts[pixel] == Float(seen.count))
      let half = seen.count / 2
      let median =
        seen.isEmpty ? nil : seen.count % 2 == 1 ? seen[half] : (seen[half - 1] + seen[half]) / 2
      #expect(median.map { $0 == made[pixel] } ?? made[pixel].isNaN)
    }
    let file = try RasterFile(path: site.url("\(june)/scene.tif").path)
    #expect(file.bands.map(\.description) == ["B03", "B08"] && file.bands[0].unit == "reflectance")
    #expect(
      file.metadata["TERRANE_UNIT"] == "reflectance" && file.metadata["ACQUISITION_DATE"] == "2023-06-15")
    #expect(file.metadata["TERRANE_SCENE_SHA256"]?.split(separator: " ").count == 3)
    let item = try #require(try site.json("\(june)/scene.json") as? [String: Any])
    let properties = try #require(item["properties"] as? [String: Any])
    #expect(item["id"] as? String == "\(Self.place)_2023-06-scene")
    #expect(properties["start_datetime"] as? String == "2023-06-04T00:00:00Z")
    #expect(properties["end_datetime"] as? String == "2023-06-24T00:00:00Z")
    #expect(
      FileManager.default.fileExists(atPath: site.url("output/months/products/\(Self.place)_2023-07").path))
    // What came out is read by another pipeline as it is, and refused where its unit is another.
    try site.pipeline(
      "again", data: "{scenes: \(june)/scene.tif}", stages: ["composite: {method: first-clear}"])
    let again = try site.run("again.yaml")
    try #require(again.code == 0, "\(again.errors)")
    #expect(
      try values("output/again/products/\(Self.place)_2023-06/scene.tif", band: 2, site).map(\.bitPattern)
        == made.map(\.bitPattern))
    try site.radarPipeline(
      "radar", data: "{scenes: \(june)/scene.tif}", stages: "despeckle: {filter: boxcar}")
    #expect(try site.run("radar.yaml").code == 65)
    // A later date makes its month anew, and no other.
    try site.scene("incoming/s2_2023-06-28.tif")
    #expect(try site.run("months.yaml").code == 0)
    #expect(
      try site.statuses("months") == [
        "composite:\(Self.place)_2023-06: done", "composite:\(Self.place)_2023-07: up-to-date",
      ])
  }

  @Test(
    "A date is taken for each pixel, and its day is told",
    arguments: [
      ("method: first-clear, order: newest", "2023-06-24"),
      ("method: first-clear, order: nearest, date: 2023-06-12", "2023-06-14"),
      ("method: first-clear", "2023-06-04"), ("method: medoid", "2023-06-14"),
      ("method: max-ndvi", "2023-06-04"),
    ])
  func chosen(settings: String, expected: String) throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    let bands = settings.contains("ndvi") ? "[B04, B08]" : "[B03, B08]"
    if settings.contains("ndvi") {
      for day in Self.days { try FileManager.default.removeItem(at: site.url("incoming/s2_\(day).tif")) }
      for (index, day) in Self.days.enumerated() {
        let ground = StagesSite.Ground(bandNames: ["B04", "B08"])
        // Red grows from date to date where near infrared does not.
        let writer = try RasterWriter(
          path: site.url("incoming/s2_\(day).tif").path, grid: ground.grid,
          options: .init(type: .uint16, bandNames: ground.bandNames, noData: 0))
        for (band, value) in [UInt16(500 + 100 * index), 3000].enumerated() {
          try writer.write(ground.grid.bounds, band: band + 1, Array(repeating: value, count: 64 * 64))
        }
        try writer.close()
      }
    }
    try Data(
      """
      name: chosen
      sensor: sentinel-2-l2a
      bands: \(bands)
      data: {scenes: incoming}
      stages: [composite: {\(settings)}]
      """.utf8
    ).write(to: site.url("chosen.yaml"))
    let run = try site.run("chosen.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let june = "output/chosen/products/\(Self.place)_2023-06"
    // All three dates show the last column.
    let day = try values("\(june)/day.tif", site)[63]
    #expect(day == Float(try #require(Day(expected)).since1970))
    let made = try values("\(june)/scene.tif", band: 2, site)[63]
    let taken = try values("incoming/s2_\(expected).tif", band: 2, site)[63]
    #expect(made == Float(Double(taken) * 1e-4))
    let summary = try String(
      contentsOf: site.url("output/chosen/runs/latest/summary.json"), encoding: .utf8)
    #expect(summary.contains("\"composite-method\"") && summary.contains("\"taken-share\""))
    if settings == "method: first-clear" {
      #expect(run.output.contains("not every product states") || summary.contains("not every product states"))
    }
  }

  @Test("Maps of composites are those of their products, and nothing is kept where it says so")
  func mapped() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    try site.weights("weights.safetensors")
    let mapping = [
      "pretrain-load: {weights: weights.safetensors}", "inference: {window: 64, overlap: 16}", "geotiff:",
    ]
    try site.pipeline("chained", data: "{scenes: incoming}", stages: ["composite:"] + mapping)
    let checked = try site.command("validate", "chained.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    let run = try site.run("chained.yaml")
    try #require(run.code == 0, "\(run.errors)")
    try FileManager.default.createDirectory(at: site.url("made"), withIntermediateDirectories: true)
    for month in ["06", "07"] {
      try FileManager.default.copyItem(
        at: site.url("output/chained/products/\(Self.place)_2023-\(month)/scene.tif"),
        to: site.url("made/\(Self.place)_2023-\(month).tif"))
    }
    try site.pipeline("apart", data: "{scenes: made}", stages: mapping)
    try #require(try site.run("apart.yaml").code == 0)
    try site.pipeline(
      "gone", data: "{scenes: incoming}", stages: ["composite: {keep: false}"] + mapping)
    try #require(try site.run("gone.yaml").code == 0)
    for month in ["06", "07"] {
      let map = "products/\(Self.place)_2023-\(month)/landcover.tif"
      let pixels = try site.pixels("output/chained/\(map)")
      #expect(Set(pixels).count > 1)
      #expect(pixels == (try site.pixels("output/apart/\(map)")))
      #expect(pixels == (try site.pixels("output/gone/\(map)")))
    }
    #expect(!site.holds(suffix: "gone/products/\(Self.place)_2023-06/scene.tif"))
    #expect(try site.run("gone.yaml").code == 0)
    #expect(try site.statuses("gone").allSatisfy { $0.hasSuffix("up-to-date") })
  }

  @Test("Months are compared with those before them")
  func compared() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    try site.pipeline(
      "changes", data: "{scenes: incoming, pairing: by-date}",
      stages: ["composite:", "change-detection: {method: cva}", "geotiff:"])
    let run = try site.run("changes.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let subject = "\(Self.place)_2023-06--\(Self.place)_2023-07"
    #expect(try site.statuses("changes").contains("change-detection:\(subject): done"))
    let item = try #require(try site.json("output/changes/products/\(subject)/item.json") as? [String: Any])
    let properties = try #require(item["properties"] as? [String: Any])
    #expect((properties["terrane:scenes"] as? [String])?.count == 4)
    #expect(properties["end_datetime"] as? String == "2023-07-04T00:00:00Z")
  }

  @Test(
    "An entry that names a directory of dates is learned from as their composite, one of a scene as its own")
  func learned() throws {
    let site = try StagesSite()
    try write(below: "field", site, days: Array(Self.days.prefix(3)))
    try site.scene("alone.tif")
    try site.labels("labels.tif")
    let training = [
      "pretrain-load: {encoder: resnet18}", "fine-tune: {epochs: 1, strategy: full, validation: 0}",
    ]
    func data(_ field: String, _ alone: String) -> String {
      "{target: [{scene: \(field), labels: labels.tif}, {scene: \(alone), labels: labels.tif}]}"
    }
    try site.pipeline(
      "chained", data: data("field", "alone.tif"), stages: ["composite:"] + training)
    let checked = try site.command("validate", "chained.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    let run = try site.run("chained.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let products = "output/chained/products"
    #expect(try values("\(products)/field/count.tif", site)[63] == 3)
    #expect(try values("\(products)/alone/count.tif", site)[63] == 1)
    try site.pipeline(
      "apart", data: data("\(products)/field/scene.tif", "\(products)/alone/scene.tif"),
      stages: training)
    try #require(try site.run("apart.yaml").code == 0)
    let summaries = try ["chained", "apart"].map { name -> [Any] in
      let summary = try #require(try site.json("output/\(name)/runs/latest/summary.json") as? [String: Any])
      let stages = try #require(summary["stages"] as? [[String: Any]])
      let tasks = stages.filter { $0["stage"] as? String == "fine-tune" }.flatMap {
        $0["tasks"] as? [[String: Any]] ?? []
      }
      return tasks.flatMap { $0["files"] as? [[String: Any]] ?? [] }.filter {
        ($0["path"] as? String ?? "").hasSuffix("model.safetensors")
      }.compactMap { $0["sha256"] }
    }
    #expect(summaries[0].count == 1 && "\(summaries[0])" == "\(summaries[1])")
  }

  @Test("Of the directory of an entry neither masks by a suffix nor repeated deliveries are dates")
  func entryOfMasks() throws {
    let site = try StagesSite()
    try write(below: "field", site, days: ["2023-06-04", "2023-06-14"])
    try FileManager.default.copyItem(
      at: site.url("field/s2_2023-06-14.tif"), to: site.url("field/copy_2023-06-14.tif"))
    let grid = try StagesSite.Ground().grid
    for name in ["s2_2023-06-04", "s2_2023-06-14", "copy_2023-06-14"] {
      let writer = try RasterWriter(
        path: site.url("field/\(name)_mask.tif").path, grid: grid,
        options: .init(type: .byte, bandNames: ["mask"]))
      try writer.write(grid.bounds, band: 1, [UInt8](repeating: 0, count: 64 * 64))
      try writer.close()
    }
    try site.labels("labels.tif")
    try site.pipeline(
      "masked",
      data: "{target: [{scene: field, labels: labels.tif}]}\nmask: {from: {suffix: _mask, hide: [1]}}",
      stages: [
        "composite:", "pretrain-load: {encoder: resnet18}",
        "fine-tune: {epochs: 1, strategy: full, validation: 0}",
      ])
    let checked = try site.command("validate", "masked.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    let run = try site.run("masked.yaml")
    try #require(run.code == 0, "\(run.errors)")
    #expect(try values("output/masked/products/field/count.tif", site)[63] == 3)
  }

  @Test("A scene that cannot be dated or read costs itself, and is named")
  func failures() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    try site.scene("incoming/undated.tif")
    try Data("no raster".utf8).write(to: site.url("incoming/torn_2023-06-09.tif"))
    try site.pipeline("some", data: "{scenes: incoming}", stages: ["composite:"])
    let run = try site.run("some.yaml")
    #expect(run.code == 3)
    #expect(run.errors.contains("undated.tif: cannot put the scene among dates"), "\(run.errors)")
    #expect(run.errors.contains("torn_2023-06-09.tif"), "\(run.errors)")
    let statuses = try site.statuses("some")
    #expect(
      statuses.contains("composite:\(Self.place)_2023-06: done")
        && statuses.contains("composite:undated: failed"))
  }

  @Test("Mosaics cover all ground of a day, on a grid that the file may say")
  func mosaics() throws {
    let site = try StagesSite()
    try write(below: "incoming", site, days: ["2023-06-04"])
    let ground = StagesSite.Ground()
    let right = Grid(
      width: 64, height: 64, transform: GeoTransform(originX: 600_500, originY: 5_200_000, pixelSize: 10),
      crs: try CRS.epsg(StagesSite.utm))
    let writer = try RasterWriter(
      path: site.url("incoming/right_2023-06-04.tif").path, grid: right,
      options: .init(type: .uint16, bandNames: ground.bandNames, noData: 0))
    for band in 1...2 {
      try writer.write(right.bounds, band: band, Array(repeating: UInt16(4000), count: 64 * 64))
    }
    try writer.close()
    try site.pipeline("day", data: "{scenes: incoming}", stages: ["composite: {by: day}"])
    let run = try site.run("day.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let file = try RasterFile(path: site.url("output/day/products/\(Self.place)_2023-06-04/scene.tif").path)
    #expect(file.grid.width == 114 && file.grid.height == 64)
    let counts = try values("output/day/products/\(Self.place)_2023-06-04/count.tif", site)
    #expect(counts[0] == 0 && counts[10] == 1 && counts[55] == 2 && counts[100] == 1)
    try site.pipeline(
      "coarse", data: "{scenes: incoming}", stages: ["composite: {by: all, grid: {resolution: 20}}"])
    try #require(try site.run("coarse.yaml").code == 0)
    #expect(
      try RasterFile(path: site.url("output/coarse/products/all_2023-06/scene.tif").path).grid.width == 57)
    try site.pipeline(
      "like", data: "{scenes: incoming}",
      stages: ["composite: {by: all, like: incoming/right_2023-06-04.tif}"])
    try #require(try site.run("like.yaml").code == 0)
    #expect(
      try RasterFile(path: site.url("output/like/products/all_2023-06/scene.tif").path).grid.isSame(as: right)
    )
  }

  @Test(
    "What does not go together is said before anything runs",
    arguments: [
      ("composite: {method: max-ndvi}", "'method: max-ndvi' needs the red and the near infrared band"),
      ("composite: {order: newest}", "'order' counts for 'method: first-clear' only"),
      ("composite: {method: first-clear, date: 2023-06-15}", "'date' belongs to 'order: nearest'"),
      ("composite: {by: day, period: month}", "'by: day' puts the scenes of one day together"),
      ("composite: {period: week}", "period"),
      (
        "composite: {like: incoming/s2_2023-06-04.tif, grid: {resolution: 10}}",
        "give 'grid' or 'like', not both"
      ),
      (
        "composite:|composite: {period: year}",
        "its products would take the place of those of the composite before it"
      ),
      ("pretrain-load: {encoder: resnet18}|composite:", "stands behind pretrain-load, which reads scenes"),
    ])
  func refused(stages: String, message: String) throws {
    let site = try StagesSite()
    try write(below: "incoming", site, days: ["2023-06-04"])
    try site.pipeline(
      "wrong", data: "{scenes: incoming}", stages: stages.split(separator: "|").map(String.init))
    let said = try site.command("validate", "wrong.yaml")
    #expect(said.code == 78 && said.errors.contains(message), "\(said.errors)")
  }
}
