import Foundation
import Rasters
import Testing

/// What `geotiff` publishes of a class map besides the map as the network has it.
@Suite("Probabilities, cleaned maps and polygons", .startsCommand, .serialized)
struct ClassMapProductTests {
  private static let place = "output/maps/products/a_2024-05-17"

  /// A scene of two columns of windows, and weights that know nothing, whose map is full of specks.
  private func site() throws -> StagesSite {
    let site = try StagesSite()
    try site.scene("incoming/a_2024-05-17.tif", .init(width: 300, height: 150))
    try site.weights("model.safetensors")
    return site
  }

  private func run(
    _ site: StagesSite, geotiff: String, inference: String = "window: 64, overlap: 16", _ arguments: String...
  ) throws -> (code: Int32, output: String, errors: String) {
    try site.pipeline(
      "maps", data: "{scenes: incoming}",
      stages: [
        "pretrain-load: {weights: model.safetensors}", "inference: {\(inference)}", "geotiff: {\(geotiff)}",
      ])
    return try site.command(["run", "maps.yaml"] + arguments)
  }

  private func files(_ site: StagesSite) throws -> [String: Data] { try site.contents(Self.place) }

  @Test("Probabilities have a band a class, add up to 100 where there is a class, and follow the confidence")
  func probabilities() throws {
    let site = try site()
    let made = try run(site, geotiff: "probabilities: true")
    try #require(made.code == 0, "\(made.errors)")
    let file = try RasterFile(path: site.url(Self.place + "/probabilities.tif").path)
    #expect(file.bands.map(\.description) == ["water", "trees & <shrubs>"])
    #expect(file.bands.allSatisfy { $0.noData == 255 && $0.unit == "percent" })
    let bands: [[UInt8]] = try (1...2).map { try file.readValues(file.grid.bounds, band: $0) }
    let classes = try site.pixels(Self.place + "/landcover.tif")
    let confidence = try site.pixels(Self.place + "/confidence.tif")
    #expect(classes.contains(0) && Set(classes) == [0, 1, 2])
    let isRight = classes.indices.allSatisfy { place in
      guard classes[place] != 0 else { return bands[0][place] == 255 && bands[1][place] == 255 }
      let own = Int(bands[Int(classes[place]) - 1][place])
      return Int(bands[0][place]) + Int(bands[1][place]) == 100 && abs(own - Int(confidence[place])) <= 1
        && own >= 50
    }
    #expect(isRight)
    let item = try #require(try site.json(Self.place + "/item.json") as? [String: Any])
    let asset = try #require((item["assets"] as? [String: [String: Any]])?["probabilities"])
    #expect((asset["bands"] as? [[String: String]])?.map { $0["name"] } == ["water", "trees & <shrubs>"])
    #expect(FileManager.default.fileExists(atPath: site.url(Self.place + "/probabilities.qml").path))
  }

  @Test("Maps with probabilities have the bytes of maps without, for any number of threads and any memory")
  func sameBytes() throws {
    let site = try site()
    #expect(try run(site, geotiff: "style: qml").code == 0)
    let names = ["landcover.tif", "confidence.tif"]
    let plain = try names.map { try site.pixels("\(Self.place)/\($0)") }
    var found: [[String: Data]] = []
    var probabilities: [[UInt8]] = []
    for (threads, memory) in [("1", "2GiB"), ("2", "2GiB"), ("2", "400MiB")] {
      try FileManager.default.removeItem(at: site.url("output"))
      let made = try run(
        site, geotiff: "probabilities: true", inference: "window: 64, overlap: 16, memory: \(memory)",
        "--threads", threads)
      try #require(made.code == 0, "\(made.errors)")
      #expect(try names.map { try site.pixels("\(Self.place)/\($0)") } == plain)
      found.append(try files(site))
      probabilities.append(try site.pixels(Self.place + "/probabilities.tif"))
    }
    #expect(found[0] == found[1])
    // The setting of memory is part of the key, which lies in the file.
    #expect(probabilities[2] == probabilities[0] && probabilities[0].count == 45_000)
  }

  @Test("A setting that nobody wrote changes no key: only maps that keep probabilities are made anew")
  func keys() throws {
    let site = try site()
    #expect(try run(site, geotiff: "confidence: true").code == 0)
    #expect(
      try run(site, geotiff: "smoothing: 2, minimum-mapping-unit: 9, vector: gpkg, style: both").code == 0)
    var statuses = try site.statuses("maps")
    #expect(statuses.contains("inference:a_2024-05-17: up-to-date"))
    #expect(statuses.contains("geotiff:a_2024-05-17: done"))
    #expect(try run(site, geotiff: "probabilities: true").code == 0)
    statuses = try site.statuses("maps")
    #expect(statuses.contains("inference:a_2024-05-17: done"))
    #expect(try run(site, geotiff: "probabilities: false").code == 0)
    #expect(try site.statuses("maps").contains("inference:a_2024-05-17: done"))
  }

  @Test("A cleaned map keeps its holes, has no small region, and the confidence of the network")
  func cleaned() throws {
    let site = try site()
    #expect(try run(site, geotiff: "confidence: true").code == 0)
    let (raw, sure) = (
      try site.pixels(Self.place + "/landcover.tif"), try site.pixels(Self.place + "/confidence.tif")
    )
    let made = try run(site, geotiff: "smoothing: 1, minimum-mapping-unit: 0.2ha, vector: gpkg, style: both")
    try #require(made.code == 0, "\(made.errors)")
    let map = try site.pixels(Self.place + "/landcover.tif")
    #expect(map != raw && zip(map, raw).allSatisfy { ($0 == 0) == ($1 == 0) })
    #expect(try site.pixels(Self.place + "/confidence.tif") == sure)
    let regions = Self.regions(of: map, width: 300)
    let before = Self.regions(of: raw, width: 300)
    #expect(!regions.isEmpty && regions.count < before.count && before.min()! < 20)
    #expect(regions.allSatisfy { $0 >= 20 }, "\(regions.sorted().prefix(5))")
    #expect(
      try site.contents(Self.place).keys.sorted() == [
        "confidence.qml", "confidence.sld", "confidence.tif", "item.json", "landcover.gpkg",
        "landcover.gpkg.sld", "landcover.qml", "landcover.sld", "landcover.tif", "landcover.tif.aux.xml",
        "preview.png", "scene.png",
      ])
    let item = try #require(try site.json(Self.place + "/item.json") as? [String: Any])
    let asset = try #require((item["assets"] as? [String: [String: Any]])?["landcover-polygons"])
    #expect(asset["href"] as? String == "./landcover.gpkg")
    let summary = try #require(try site.json("output/maps/runs/latest/summary.json") as? [String: Any])
    let stages = try #require(summary["stages"] as? [[String: Any]])
    let task = try #require((stages.last?["tasks"] as? [[String: Any]])?.first)
    let findings = SummaryFindings(of: task)
    let pixels = findings.rows("cleaned-areas").compactMap { $0["pixels"] as? Int }
    #expect(pixels == [map.count { $0 == 1 }, map.count { $0 == 2 }])
  }

  /// The sizes of the regions of equal class that touch along sides.
  private static func regions(of map: [UInt8], width: Int) -> [Int] {
    var seen = [Bool](repeating: false, count: map.count)
    return map.indices.compactMap { start in
      guard !seen[start], map[start] != 0 else { return nil }
      var (open, size) = ([start], 0)
      seen[start] = true
      while let place = open.popLast() {
        size += 1
        let column = place % width
        let sides = [
          place - width, place + width, column > 0 ? place - 1 : -1, column < width - 1 ? place + 1 : -1,
        ]
        for side in sides where map.indices.contains(side) && !seen[side] && map[side] == map[start] {
          seen[side] = true
          open.append(side)
        }
      }
      return size
    }
  }

  @Test(
    "An area on the ground needs a map in metres, pixels do not; settings without a class map are mistakes")
  func refused() throws {
    let site = try StagesSite()
    try site.scene("incoming/a_2024-05-17.tif", .init(epsg: 4326))
    try site.weights("model.safetensors")
    // 64 "metres" as degrees go round the globe: where a scene lies does not matter here.
    let refused = try run(site, geotiff: "minimum-mapping-unit: 1ha")
    #expect(refused.code == 65 || refused.code == 3)
    #expect(refused.errors.contains("needs a map in metres"), "\(refused)")
    #expect(try run(site, geotiff: "minimum-mapping-unit: 9").code == 0)
    try site.pipeline(
      "maps", data: "{pairs: [{before: incoming/a_2024-05-17.tif, after: incoming/a_2024-05-17.tif}]}",
      stages: ["change-detection: {method: cva}", "geotiff: {smoothing: 1, vector: gpkg}"])
    let lone = try site.run("maps.yaml")
    #expect(lone.code == 78 && lone.errors.contains("'smoothing' is for class maps: put inference before it"))
    #expect(!lone.errors.contains("'vector'"))
  }

  @Test("A map without a position has no polygons, and says so")
  func unplaced() throws {
    let site = try StagesSite()
    try site.scene("incoming/a_2024-05-17.tif", .init(isPlaced: false))
    try site.weights("model.safetensors")
    let made = try run(site, geotiff: "vector: gpkg")
    try #require(made.code == 0, "\(made.errors)")
    let names = try files(site).keys
    #expect(names.contains("landcover.tif") && !names.contains("landcover.gpkg"), "\(names.sorted())")
    let summary = site.url("output/maps/runs/latest/summary.json")
    #expect(
      try String(contentsOf: summary, encoding: .utf8).contains(
        "no landcover.gpkg: the map has no position"))
  }

  @Test("Comparisons have polygons of their change, and of what became what")
  func changes() throws {
    let site = try StagesSite()
    for (name, layout) in [("a_2023-05-17", 1), ("a_2024-05-17", 2)] {
      try site.scene("incoming/\(name).tif", .init(layout: layout))
    }
    try site.weights("model.safetensors")
    try site.pipeline(
      "maps", data: "{pairs: [{before: incoming/a_2023-05-17.tif, after: incoming/a_2024-05-17.tif}]}",
      stages: [
        "pretrain-load: {weights: model.safetensors}", "inference: {window: 64, overlap: 16}",
        "change-detection: {}",
        "geotiff: {vector: gpkg}",
      ])
    let run = try site.run("maps.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let names = try site.contents("output/maps/products/a_2023-05-17--a_2024-05-17").keys
    #expect(Set(names).isSuperset(of: ["change.gpkg", "from-to.gpkg"]))
  }
}
