import Foundation
import Rasters
import Testing

/// The catalogue over the products of an output directory.
@Suite("catalog.json and collection.json", .startsCommand, .serialized)
struct CatalogueTests {
  private func run(_ site: StagesSite) throws -> (code: Int32, output: String, errors: String) {
    try site.pipeline(
      "maps", data: "{scenes: incoming}",
      stages: [
        "pretrain-load: {weights: model.safetensors}", "inference: {window: 64, overlap: 16}", "geotiff: {}",
      ])
    return try site.run("maps.yaml", "--quiet")
  }

  private func site(_ scenes: [String]) throws -> StagesSite {
    let site = try StagesSite()
    try site.weights("model.safetensors")
    for scene in scenes { try site.scene("incoming/\(scene).tif") }
    return site
  }

  private func document(_ site: StagesSite, _ name: String) throws -> [String: Any] {
    try #require(try site.json("output/maps/products/\(name)") as? [String: Any])
  }

  private func hrefs(_ document: [String: Any], _ relation: String) -> [String] {
    (document["links"] as? [[String: String]] ?? []).filter { $0["rel"] == relation }.compactMap {
      $0["href"]
    }
  }

  @Test("It lists the items of all nights, with their extent; a night without news leaves it untouched")
  func nights() throws {
    let site = try site(["b_2024-05-17"])
    #expect(try run(site).code == 0)
    let products = site.url("output/maps/products")
    func stamp() throws -> [Date] {
      try ["catalog.json", "collection.json"].map {
        try #require(
          try FileManager.default.attributesOfItem(atPath: products.appendingPathComponent($0).path)[
            .modificationDate] as? Date)
      }
    }
    let first = try stamp()
    let alone = try Data(contentsOf: products.appendingPathComponent("b_2024-05-17/item.json"))
    #expect(try run(site).code == 0)
    #expect(try stamp() == first)
    try site.scene("incoming/a_2023-01-02.tif", .init(width: 32))
    #expect(try run(site).code == 0)
    #expect(try stamp() != first)
    #expect(try Data(contentsOf: products.appendingPathComponent("b_2024-05-17/item.json")) == alone)

    let (catalog, collection) = (try document(site, "catalog.json"), try document(site, "collection.json"))
    #expect(hrefs(catalog, "child") == ["./collection.json"] && hrefs(catalog, "root") == ["./catalog.json"])
    #expect(hrefs(collection, "item") == ["./a_2023-01-02/item.json", "./b_2024-05-17/item.json"])
    #expect(collection["id"] as? String == "maps")
    let extent = try #require(collection["extent"] as? [String: [String: Any]])
    #expect(
      extent["temporal"]?["interval"] as? [[String]] == [["2023-01-02T00:00:00Z", "2024-05-17T00:00:00Z"]])
    let box = try #require((extent["spatial"]?["bbox"] as? [[Double]])?.first)
    let item = try document(site, "b_2024-05-17/item.json")
    #expect(item["bbox"] as? [Double] == box && item["collection"] as? String == "maps")
    #expect(hrefs(item, "collection") == ["../collection.json"] && hrefs(item, "root") == ["../catalog.json"])
    let assets = try #require(collection["item_assets"] as? [String: [String: Any]])
    #expect((assets["landcover"]?["classification:classes"] as? [Any])?.count == 2)
    #expect((collection["summaries"] as? [String: [Int]])?["proj:epsg"] == [StagesSite.utm])
  }

  @Test("verify finds a change of it, and the next run makes it anew; items that are gone are left out")
  func damage() throws {
    let site = try site(["a_2023-01-02", "b_2024-05-17"])
    #expect(try run(site).code == 0)
    let file = site.url("output/maps/products/collection.json")
    let whole = try Data(contentsOf: file)
    #expect(try site.command("verify", "output/maps").code == 0)
    try Data(whole.map { $0 == UInt8(ascii: "m") ? UInt8(ascii: "n") : $0 }).write(to: file)
    let found = try site.command("verify", "output/maps")
    #expect(found.code == 65 && found.output.contains("products/collection.json changed"), "\(found)")
    #expect(try run(site).code == 0)
    #expect(try Data(contentsOf: file) == whole)
    try FileManager.default.removeItem(at: site.url("incoming/a_2023-01-02.tif"))
    try FileManager.default.removeItem(at: site.url("output/maps/products/a_2023-01-02"))
    #expect(try run(site).code == 0)
    #expect(try hrefs(document(site, "collection.json"), "item") == ["./b_2024-05-17/item.json"])
  }

  @Test("Products without an item have no catalogue")
  func nothing() throws {
    let site = try site(["undated"])
    #expect(try run(site).code == 0)
    #expect(!FileManager.default.fileExists(atPath: site.url("output/maps/products/catalog.json").path))
  }

  @Test("What cannot be written fails the run with its own code, and costs no product")
  func blocked() throws {
    let site = try site(["b_2024-05-17"])
    let place = site.url("output/maps/products/collection.json")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let made = try run(site)
    #expect(made.code == 73 && made.errors.contains("catalogue:products"), "\(made)")
    #expect(try site.statuses("maps").contains("geotiff:b_2024-05-17: done"))
  }
}
