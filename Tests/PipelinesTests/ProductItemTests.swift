import Foundation
import Rasters
import Testing

/// Names, dates and items of products.
@Suite("Scenes, their days and the items of products", .startsCommand, .serialized)
struct ProductItemTests {
  private func pipeline(_ site: StagesSite, data: String) throws {
    try site.pipeline("items", data: data, stages: ["change-detection: {method: cva}", "geotiff:"])
  }

  private func item(_ site: StagesSite, _ product: String) throws -> [String: Any] {
    try #require(try site.json("output/items/products/\(product)/item.json") as? [String: Any])
  }

  @Test(
    "An item of two dates has both, its extensions and a thumbnail; without dates there is none, and a note")
  func pair() throws {
    let site = try StagesSite()
    for name in ["a-2023-06-14.tif", "b.2024152T080611.tif", "north.tif", "south.tif"] {
      try site.scene(name)
    }
    try pipeline(
      site,
      data:
        "{pairs: [{before: a-2023-06-14.tif, after: b.2024152T080611.tif}, {before: north.tif, after: south.tif}]}"
    )
    let run = try site.run("items.yaml")
    try #require(run.code == 0, "\(run.errors)")
    let item = try item(site, "a-2023-06-14--b.2024152T080611")
    let properties = try #require(item["properties"] as? [String: Any])
    #expect(properties["datetime"] is NSNull)
    #expect(properties["start_datetime"] as? String == "2023-06-14T00:00:00Z")
    #expect(properties["end_datetime"] as? String == "2024-05-31T00:00:00Z")
    #expect(properties["proj:epsg"] as? Int == StagesSite.utm)
    #expect(properties["proj:transform"] as? [Double] == [10, 0, 600_000, 0, -10, 5_200_000])
    let extensions = try #require(item["stac_extensions"] as? [String])
    for name in ["projection", "classification", "raster"] {
      #expect(extensions.contains { $0.contains("/\(name)/") })
    }
    let assets = try #require(item["assets"] as? [String: [String: Any]])
    #expect(assets["thumbnail"]?["roles"] as? [String] == ["thumbnail"])
    let classes = try #require(assets["change"]?["classification:classes"] as? [[String: Any]])
    #expect(classes.allSatisfy { ($0["name"] as? String)?.contains(/^[A-Za-z0-9_-]+$/) == true })
    #expect(
      FileManager.default.fileExists(atPath: site.url("output/items/products/north--south/change.tif").path))
    #expect(
      !FileManager.default.fileExists(atPath: site.url("output/items/products/north--south/item.json").path))
    #expect(run.output.contains("no item.json: no day in the name or the metadata of"))
  }

  @Test("The picture of a comparison says the days of metadata, as the item does")
  func daysOfMetadata() throws {
    let site = try StagesSite()
    func preview(_ dates: [String: String]) throws -> Data {
      for (name, layout) in [("north", 1), ("south", 2)] {
        let date = dates[name].map { ["DATE_ACQUIRED": $0] } ?? [:]
        try site.scene("\(name).tif", .init(layout: layout), metadata: date)
      }
      try pipeline(site, data: "{pairs: [{before: north.tif, after: south.tif}]}")
      #expect(try site.run("items.yaml", "--quiet").code == 0)
      return try Data(contentsOf: site.url("output/items/products/north--south/preview.png"))
    }
    let dated = try preview(["north": "2023-06-14", "south": "2024-06-14"])
    #expect(try dated != preview([:]))
  }

  @Test("Scenes of one name are called by where they lie: a pair put first renames and repeats nothing")
  func sameNames() throws {
    let site = try StagesSite()
    for (index, year) in ["2023", "2024", "2025"].enumerated() {
      try FileManager.default.createDirectory(at: site.url(year), withIntermediateDirectories: false)
      try site.scene("\(year)/tile.tif", .init(layout: index))
    }
    try pipeline(site, data: "{pairs: [{before: 2023/tile.tif, after: 2024/tile.tif}]}")
    #expect(try site.run("items.yaml").code == 0)
    let map = "output/items/products/2023-tile--2024-tile/change.tif"
    let before = try Data(contentsOf: site.url(map))
    #expect(
      try RasterFile(path: site.url(map).path).metadata["TERRANE_SCENE_SHA256"]?.split(separator: " ").map(
        \.count) == [64, 64])
    try pipeline(
      site,
      data:
        "{pairs: [{before: 2024/tile.tif, after: 2025/tile.tif}, {before: 2023/tile.tif, after: 2024/tile.tif}]}"
    )
    #expect(try site.run("items.yaml").code == 0)
    #expect(try Data(contentsOf: site.url(map)) == before)
    let statuses = try site.statuses("items")
    #expect(statuses.contains("change-detection:2023-tile--2024-tile: up-to-date"))
    #expect(statuses.contains("change-detection:2024-tile--2025-tile: done"))
  }

  @Test(
    "Scenes pair by any form of date in their names",
    arguments: [
      ["s2-2023-06-01", "s2-2024-06-01"], ["T36NXF-20230601-u1", "T36NXF-20240601-u1"],
      ["s2_2023_06_01", "s2_2024_06_01"],
      ["LT51690541987152XXX01", "LT51690541988152XXX01"],
    ])
  func paired(names: [String]) throws {
    let site = try StagesSite()
    for name in names { try site.scene("incoming/\(name).tif") }
    try pipeline(site, data: "{scenes: incoming, pairing: by-date}")
    let run = try site.run("items.yaml")
    #expect(run.code == 0, "\(run.errors)")
    _ = try item(site, names.joined(separator: "--"))
  }

  @Test("A run that finds nothing to compare says why and ends with 66, a dry one too")
  func nothing() throws {
    let site = try StagesSite()
    for name in ["north", "south", "here_2023-06-01"] { try site.scene("incoming/\(name).tif") }
    try pipeline(site, data: "{scenes: incoming, pairing: by-date}")
    for arguments in [["--quiet"], ["--dry-run"]] {
      let run = try site.run("items.yaml", arguments[0])
      #expect(run.code == 66)
      #expect(
        run.errors.contains(
          "data.pairing finds nothing to compare: 2 scenes without a date in name or metadata, such as 'north'"
        ),
        "\(run.errors)")
      #expect(run.errors.contains("1 scene whose ground no scene of another day shows"))
    }
    let summary = try site.json("output/items/runs/latest/summary.json") as? [String: Any]
    #expect(
      summary?["exit-code"] as? Int == 66 && (summary?["pairing"] as? String)?.contains("'north'") == true)
  }
}
