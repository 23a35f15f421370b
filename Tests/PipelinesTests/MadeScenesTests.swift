import Foundation
import Rasters
import Testing

@Suite("Stages after one that makes scenes", .startsCommand, .serialized)
struct MadeScenesTests {
  private static let days = ["2024-03-01", "2024-03-13"]

  /// Writes two dates with fields of water and trees below a directory.
  private func write(below directory: String, _ site: StagesSite) throws {
    let ground = StagesSite.Ground()
    for (index, day) in Self.days.enumerated() {
      try site.radarScene("\(directory)/s1_\(day).tif", side: 64, seed: UInt64(index)) { row, column in
        row < 2 ? nil : ground.kind(row + 16 * index * (column / 48), column) == 0 ? 0.2 : 4
      }
    }
  }

  private func pipeline(_ site: StagesSite, _ name: String, data: String, stages: [String]) throws {
    try Data(
      """
      name: \(name)
      sensor: sentinel-1-grd
      bands: [VV, VH]
      classes: [{value: 1, name: water}, {value: 2, name: trees}]
      data: \(data)
      chips: {size: 32, stride: 32}
      stages: [\(stages.joined(separator: ", "))]
      """.utf8
    ).write(to: url(name, site))
  }

  private func url(_ name: String, _ site: StagesSite) -> URL { site.url("\(name).yaml") }

  private func item(_ path: String, _ site: StagesSite) throws -> [String: Any] {
    let item = try #require(try site.json(path) as? [String: Any])
    return try #require(item["properties"] as? [String: Any])
  }

  @Test("Comparisons read what despeckle writes, as if the file named its products")
  func comparisons() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    let comparison = ["change-detection: {method: image-ratio}", "geotiff"]
    try pipeline(
      site, "chained", data: "{scenes: incoming, pairing: by-date}",
      stages: ["despeckle: {filter: boxcar}"] + comparison)
    let run = try site.run("chained.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let products = Self.days.map { "output/chained/products/s1_\($0)/despeckled.tif" }
    try pipeline(
      site, "apart", data: "{pairs: [{before: \(products[0]), after: \(products[1])}]}", stages: comparison)
    let apart = try site.run("apart.yaml")
    try #require(apart.code == 0, "\(apart.errors)")
    let subject = "s1_\(Self.days[0])--s1_\(Self.days[1])"
    let change = try site.pixels("output/chained/products/\(subject)/change.tif")
    let names = try site.subjects(of: "apart")
    #expect(change == (try site.pixels("output/apart/products/\(names[0])/change.tif")))
    #expect(Set(change) == [0, 1, 255])
    // The product goes back to the scenes that were delivered.
    let properties = try item("output/chained/products/\(subject)/item.json", site)
    #expect(
      properties["terrane:scenes"] as? [String] == Self.days.map { "incoming/s1_\($0).tif" })
    #expect(properties["start_datetime"] as? String == "\(Self.days[0])T00:00:00Z")
    let tags = try RasterFile(path: site.url("output/chained/products/\(subject)/change.tif").path).metadata
    #expect(tags["TERRANE_SCENE_SHA256"]?.split(separator: " ").count == 2)
    // Nothing is left to do, and another filter makes all of it anew.
    let again = try site.run("chained.yaml")
    let statuses = try site.statuses("chained")
    #expect(again.code == 0 && statuses.allSatisfy { $0.hasSuffix(": up-to-date") }, "\(statuses)")
    let dry = try site.command(
      "run", "chained.yaml", "--dry-run", "--set", "despeckle.filter=lee")
    #expect(dry.output.split(separator: "\n").count { $0.contains("to do") } == 4, "\(dry.output)")
    #expect(dry.output.contains("change-detection:\(subject)\tto do: input 'after' changed"), "\(dry.output)")
  }

  @Test("Training and mapping read what despeckle writes of scenes and of entries")
  func training() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    // An entry's scene of the name of one to map.
    try FileManager.default.createDirectory(
      at: site.url("learned"), withIntermediateDirectories: true)
    try site.radarScene("learned/s1_\(Self.days[0]).tif", side: 64, seed: 9) { row, column in
      StagesSite.Ground().kind(row, column) == 0 ? 0.2 : 4
    }
    try site.labels("labels.tif")
    let stages = [
      "pretrain-load: {encoder: resnet18}",
      "fine-tune: {epochs: 2, strategy: full, validation: 0}", "inference: {window: 64, overlap: 0}",
      "geotiff",
    ]
    let labels = "labels: labels.tif"
    try pipeline(
      site, "chained",
      data: "{target: [{scene: learned/s1_\(Self.days[0]).tif, \(labels)}], scenes: incoming}",
      stages: ["despeckle: {filter: boxcar}"] + stages)
    let checked = try site.command("validate", "chained.yaml")
    #expect(checked.code == 0, "\(checked.errors)")
    let run = try site.run("chained.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let made = "output/chained/products"
    #expect(
      FileManager.default.fileExists(
        atPath: site.url("\(made)/learned-s1_\(Self.days[0])/despeckled.tif").path))
    try FileManager.default.createDirectory(at: site.url("filtered"), withIntermediateDirectories: true)
    for day in Self.days {
      try FileManager.default.copyItem(
        at: site.url("\(made)/s1_\(day)/despeckled.tif"), to: site.url("filtered/s1_\(day).tif"))
    }
    try pipeline(
      site, "apart",
      data:
        "{target: [{scene: \(made)/learned-s1_\(Self.days[0])/despeckled.tif, \(labels)}], scenes: filtered}",
      stages: stages)
    let apart = try site.run("apart.yaml")
    try #require(apart.code == 0, "\(apart.errors)")
    for day in Self.days {
      let map = try site.pixels("output/chained/products/s1_\(day)/landcover.tif")
      #expect(map == (try site.pixels("output/apart/products/s1_\(day)/landcover.tif")), "\(day)")
      #expect(Set(map).isSuperset(of: [0]))
    }
    #expect(
      try item("\(made)/s1_\(Self.days[1])/item.json", site)["terrane:scenes"] as? [String]
        == ["incoming/s1_\(Self.days[1]).tif"])
    let dry = try site.command("run", "chained.yaml", "--dry-run", "--set", "inference.window=32")
    #expect(dry.output.contains("of memory"), "\(dry.output)")
  }

  @Test("A scene that cannot be read costs what is made of it, and no other")
  func failure() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    try Data("no raster".utf8).write(to: site.url("incoming/s1_2024-03-25.tif"))
    try site.radarScene("incoming/s1_2024-04-06.tif", side: 64, seed: 7) { _, _ in 1 }
    try pipeline(
      site, "torn", data: "{scenes: incoming, pairing: by-date}",
      stages: ["despeckle: {filter: boxcar}", "change-detection: {method: image-ratio}"])
    let run = try site.run("torn.yaml")
    #expect(run.code == 3)
    let statuses = try site.statuses("torn")
    #expect(statuses.contains("despeckle:s1_2024-03-25: failed"), "\(statuses)")
    #expect(statuses.contains("change-detection:s1_2024-03-01--s1_2024-03-13: done"), "\(statuses)")
    #expect(statuses.contains("change-detection:s1_2024-03-13--s1_2024-04-06: done"), "\(statuses)")
    #expect(statuses.contains { $0.hasSuffix(": blocked") }, "\(statuses)")
  }

  @Test("Behind a stage that reads scenes despeckle leaves products only")
  func notLeading() throws {
    let site = try StagesSite()
    try write(below: "incoming", site)
    let (first, second) = ("change-detection: {method: image-ratio}", "despeckle: {filter: boxcar}")
    for (name, stages) in [("without", [first]), ("behind", [first, second, "geotiff"])] {
      try pipeline(site, name, data: "{scenes: incoming, pairing: by-date}", stages: stages)
      #expect(try site.run("\(name).yaml").code == 0)
    }
    func key(_ name: String) throws -> String? {
      let summary = try site.json("output/\(name)/runs/latest/summary.json") as? [String: Any]
      let stages = summary?["stages"] as? [[String: Any]]
      return ((stages?[0]["tasks"] as? [[String: Any]])?[0])?["key"] as? String
    }
    #expect(try key("without") == key("behind"))
  }
}
