import Foundation
import Rasters
import Scenes
import TestRasters
import Testing

@Suite("Items of catalogues (STAC)")
struct CatalogueItemTests {
  let scratch = Scratch()

  /// Lays rasters of 4 x 4 pixels: 0 in the first row, elsewhere one number.
  private func raster(
    _ path: String, _ values: [UInt16] = [3950], scale: Double? = nil, offset: Double? = nil
  )
    throws
  {
    try scratch.raster(
      path, grid: utmGrid(4, 4),
      bands: values.map { [UInt16](repeating: 0, count: 4) + [UInt16](repeating: $0, count: 12) },
      options: .init(
        type: .uint16, bandNames: [String](repeating: "", count: values.count), noData: 0, scale: scale,
        offset: offset))
  }

  /// The scene classification: cloud in the last pixel.
  private func classes(_ path: String) throws {
    try scratch.raster(
      path, grid: utmGrid(4, 4), bands: [[UInt8](repeating: 4, count: 15) + [9]],
      options: .init(type: .byte, bandNames: [""]))
  }

  private func item(
    _ id: String = "S2A_32UPU_20230614_0_L2A", version: String = "1.0.0",
    collection: String? = "sentinel-2-l2a", properties: [String: Any] = ["s2:processing_baseline": "05.09"],
    assets: [String: [String: Any]]
  ) -> [String: Any] {
    var all = properties
    all["datetime"] = all["datetime"] ?? "2023-06-14T10:26:01.024Z"
    all["platform"] = all["platform"] ?? "sentinel-2a"
    return [
      "type": "Feature", "stac_version": version, "id": id, "properties": all, "assets": assets, "links": [],
    ].merging(collection.map { ["collection": $0] } ?? [:]) { first, _ in first }
  }

  /// An asset by the names of version 1.0.
  private func old(
    _ href: String, _ name: String, _ common: String, scale: Double? = 0.0001, offset: Double? = -0.1
  )
    -> [String: Any]
  {
    var stored: [String: Any] = ["nodata": 0, "data_type": "uint16"]
    stored["scale"] = scale
    stored["offset"] = offset
    return [
      "href": href, "type": "image/tiff; application=geotiff", "roles": ["data"],
      "eo:bands": [["name": name, "common_name": common]], "raster:bands": [stored],
    ]
  }

  @discardableResult
  private func write(_ value: Any, to name: String) throws -> String {
    let data = try JSONSerialization.data(
      withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
    return try scratch.write(String(decoding: data, as: UTF8.self), to: name)
  }

  private func value(_ source: SceneSource, _ band: String, _ sensor: Sensor = .sentinel2L2A) throws -> Float?
  {
    let scene = try Scene(source, sensor: sensor, bands: [band])
    let block = try scene.read(scene.grid.bounds)
    #expect(!block.valid[0])
    return block.valid[7] ? block.values[7] : nil
  }

  private func refusal(_ source: SceneSource, _ band: String, _ sensor: Sensor = .sentinel2L2A) -> String {
    (#expect(throws: RasterError.self) { try Scene(source, sensor: sensor, bands: [band]) })?.description
      ?? ""
  }

  @Test("An item of version 1.0 tells product, day, ground, clouds, bands, their numbers and the mask")
  func versionOne() throws {
    _ = try scratch.directory("x")
    try raster("x/B02.tif")
    try classes("x/SCL.tif")
    let scl: [String: Any] = ["href": "./SCL.tif", "type": "image/tiff", "roles": ["data"]]
    let thumbnail: [String: Any] = ["href": "t.jpg", "type": "image/jpeg", "roles": ["thumbnail"]]
    try write(
      item(
        properties: ["s2:processing_baseline": "05.09", "eo:cloud_cover": 25],
        assets: ["blue": old("./B02.tif", "B02", "blue"), "scl": scl, "thumbnail": thumbnail]),
      to: "x/item.json")
    for path in ["x", "x/item.json"] {
      let source = try SceneSource(path: scratch.file(path))
      #expect(source.name == "S2A_32UPU_20230614_0_L2A" && source.product?.sensors == ["sentinel-2-l2a"])
      #expect(source.acquisition?.day.description == "2023-06-14" && source.ground == "T32UPU")
      #expect(source.delivery?.time == "2023-06-14T10:26:01Z" && source.delivery?.version == "05.09")
      #expect(source.delivery?.cloudShare == 0.25 && source.files.count == 2 && source.masks.count == 1)
      #expect(try source.contentFiles.last == scratch.file("x/item.json"))
      for band in ["B02", "blue"] { #expect(abs(try #require(try value(source, band)) - 0.295) < 1e-6) }
      let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["B02"])
      #expect(try scene.read(scene.grid.bounds).validCount == 11)
      #expect(refusal(source, "B02", .sentinel2L1C).contains("it is Sentinel-2, level 2A"))
      // A user's own sensor takes numbers as they are.
      #expect(try value(source, "blue", .custom(bands: ["blue"])) == 3950)
    }
    #expect(try SceneSource(path: scratch.file("x")).identity.fileName == "item.json")
  }

  @Test("Members of version 1.1 count at the asset for all its bands; several bands lie in one file")
  func versionOneOne() throws {
    try raster("a.tif", [3950, 2000])
    try raster("b.tif", [1500])
    try write(
      item(
        version: "1.1.0", collection: "some-collection", properties: [:],
        assets: [
          "analytic": [
            "href": "a.tif", "type": "image/tiff", "raster:scale": 0.0001, "raster:offset": -0.1,
            "nodata": "nan",
            "bands": [["name": "B02", "eo:common_name": "blue"], ["name": "B03", "raster:offset": 0.5]],
          ],
          "alone": [
            "href": "b.tif", "type": "image/tiff", "bands": [["name": "B03", "raster:scale": 0.001]],
          ],
        ]), to: "item.json")
    let source = try SceneSource(path: scratch.file("item.json"))
    #expect(source.product == nil)
    #expect(abs(try #require(try value(source, "B02")) - 0.295) < 1e-6)
    // Of two assets with the band the one that holds it alone.
    #expect(abs(try #require(try value(source, "B03")) - 1.5) < 1e-6)
    // The key of an asset of several bands names none of them.
    #expect(refusal(source, "analytic", .custom(bands: ["analytic"])).contains("no file is named for band"))
  }

  @Test("An offset that is taken off already wins over a stated one, and a note says it")
  func applied() throws {
    try raster("B02.tif", [2950])
    try write(
      item(
        properties: ["s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": true],
        assets: ["blue": old("B02.tif", "B02", "blue")]), to: "item.json")
    let source = try SceneSource(path: scratch.file("item.json"))
    #expect(abs(try #require(try value(source, "B02")) - 0.295) < 1e-6)
    let scene = try Scene(source, sensor: .sentinel2L2A, bands: ["B02"])
    #expect(scene.notes.first?.contains("the offset that it states is not applied") == true)
  }

  @Test(
    "Numbers of which the offset is not known are not read by guess, unless the user states it",
    arguments: [
      ("05.09", nil, nil, "carry an offset, and the item states none"),
      ("05.09", 0.0001, 0, "carry an offset, and the item states none"),
      ("02.14", 0.0001, -0.1, "carry none"), (nil, nil, nil, "neither an offset nor the processing baseline"),
    ] as [(String?, Double?, Double?, String)])
  func unknownOffset(baseline: String?, scale: Double?, offset: Double?, words: String) throws {
    try raster("B02.tif")
    try write(
      item(
        properties: baseline.map { ["s2:processing_baseline": $0] } ?? [:],
        assets: ["blue": old("B02.tif", "B02", "blue", scale: scale, offset: offset)]), to: "item.json")
    let source = try SceneSource(path: scratch.file("item.json"))
    #expect(refusal(source, "B02").contains(words))
    let stated = try Scene(
      source, sensor: .sentinel2L2A, bands: ["B02"],
      numbers: WrittenNumbers(scale: nil, offset: -0.1, noData: nil))
    #expect(abs(try stated.read(stated.grid.bounds).values[7] - 0.295) < 1e-6)
  }

  @Test("Item and file that contradict each other are refused, quoting both")
  func contradiction() throws {
    try raster("B02.tif", scale: 0.0001, offset: 0.2)
    try write(item(assets: ["blue": old("B02.tif", "B02", "blue")]), to: "item.json")
    let words = refusal(try SceneSource(path: scratch.file("item.json")), "B02")
    #expect(words.contains("the file says 0.0001 x stored + 0.2") && words.contains("0.0001 x stored - 0.1"))
  }

  @Test(
    "An asset that lies elsewhere refuses the scene only where it is wanted, by its name",
    arguments: [
      (
        "https://example.com/B04.tif",
        "asset 'red' is at https://example.com/B04.tif: terrane reads local files only"
      ),
      ("s3://bucket/B04.tif", "asset 'red' is at s3://bucket/B04.tif: terrane reads local files only"),
      ("/vsicurl/x.tif", "terrane reads local files only"), ("../B04.tif", "not below the directory"),
      ("/etc/hostname", "not below the directory"), ("a/../../B04.tif", "not below the directory"),
      ("B04.tif", "where no file is"), ("%2e%2e/B04.tif", "not below the directory"),
    ])
  func elsewhere(href: String, words: String) throws {
    _ = try scratch.directory("x")
    try raster("B04.tif")
    try raster("x/B02.tif")
    try write(
      item(assets: ["blue": old("B02.tif", "B02", "blue"), "red": old(href, "B04", "red")]), to: "x/item.json"
    )
    let source = try SceneSource(path: scratch.file("x/item.json"))
    #expect(abs(try #require(try value(source, "B02")) - 0.295) < 1e-6)
    #expect(refusal(source, "B04").contains(words))
    #expect(source.files.count == 1)
    try write(item(assets: ["red": old(href, "B04", "red")]), to: "x/item.json")
    #expect(try SceneSource(path: scratch.file("x/item.json")).refusal?.description.contains(words) == true)
  }

  @Test("A mask that lies elsewhere is said, and the bands are read")
  func maskElsewhere() throws {
    try raster("B02.tif")
    let scl: [String: Any] = ["href": "https://example.com/SCL.tif", "type": "image/tiff"]
    try write(item(assets: ["blue": old("B02.tif", "B02", "blue"), "scl": scl]), to: "item.json")
    let scene = try Scene(
      SceneSource(path: scratch.file("item.json")), sensor: .sentinel2L2A, bands: ["B02"])
    #expect(scene.notes.contains { $0.contains("the mask is not read: asset 'scl' is at https://") })
    #expect(scene.notes.contains { $0.contains("its clouds are mapped") })
  }

  @Test("A collection of items gives a scene each; ids become plain names that differ")
  func itemCollection() throws {
    _ = try scratch.directory("in/a")
    try raster("in/a/B02.tif")
    try raster("in/B02.tif", [4950])
    try write(
      [
        "type": "FeatureCollection",
        "features": [
          item("../x/y", assets: ["blue": old("a/B02.tif", "B02", "blue")]),
          item("../x/y", assets: ["blue": old("B02.tif", "B02", "blue")]),
          item("old", version: "0.9.0", assets: [:]),
        ],
      ], to: "in/items.json")
    let found = try SceneSearch().scenes(at: scratch.file("in/items.json"))
    #expect(found.map(\.name) == ["_x_y", "_x_y-2", "items"])
    #expect(found[2].refusal?.description.contains("STAC version 0.9.0") == true)
    #expect(abs(try #require(try value(found[0], "B02")) - 0.295) < 1e-6)
    #expect(abs(try #require(try value(found[1], "B02")) - 0.395) < 1e-6)
    #expect(Set(found.map(\.identity)).count == 3)
    #expect(try found[1].foundAnew() == found[1])
    let several = #expect(throws: RasterError.self) { try SceneSource(path: scratch.file("in/items.json")) }
    #expect(several?.description.contains("it holds 3 scenes") == true)
    // Assets are no scenes of their own where the items lie among scenes.
    #expect(try SceneSearch().scenes(in: scratch.file("in")).filter { $0.refusal == nil }.count == 2)
  }

  @Test(
    "A catalogue's links are followed below its directory, each item once; the collection may name the bands")
  func catalogue() throws {
    _ = try scratch.directory("in/c/one")
    try raster("in/c/one/x.tif")
    var bare = old("x.tif", "B02", "blue")
    bare["eo:bands"] = nil
    try write(item(assets: ["a1": bare]), to: "in/c/one/one.json")
    try write(
      [
        "type": "Collection", "stac_version": "1.0.0", "id": "c",
        "item_assets": ["a1": ["eo:bands": [["name": "B02", "common_name": "blue"]]]],
        "links": [
          ["rel": "item", "href": "./one/one.json"], ["rel": "item", "href": "one/one.json"],
          ["rel": "root", "href": "../catalog.json"],
          ["rel": "item", "href": "https://example.com/two.json"],
        ],
      ], to: "in/c/collection.json")
    try write(
      [
        "type": "Catalog", "stac_version": "1.0.0", "id": "r",
        "links": [["rel": "child", "href": "c/collection.json"], ["rel": "child", "href": "catalog.json"]],
      ], to: "in/catalog.json")
    let found = try SceneSearch().scenes(at: scratch.file("in/catalog.json"))
    #expect(found.map(\.name) == ["S2A_32UPU_20230614_0_L2A", "collection"])
    #expect(found[1].refusal?.description.contains("an item is at https://example.com/two.json") == true)
    #expect(abs(try #require(try value(found[0], "B02")) - 0.295) < 1e-6)
    #expect(try found[0].companions.count == 2)
    #expect(try found[0].foundAnew() == found[0])
    #expect(try SceneSearch().scenes(in: scratch.file("in")).filter { $0.refusal == nil }.count == 1)
  }

  @Test("Links that never end are followed so far and no further")
  func endless() throws {
    for number in 0...12 {
      _ = try scratch.directory((0...number).map { "d\($0)" }.joined(separator: "/"))
      let path = (0...number).map { "d\($0)" }.joined(separator: "/") + "/catalog.json"
      try write(
        [
          "type": "Catalog", "stac_version": "1.0.0", "id": "r",
          "links": [["rel": "child", "href": "d\(number + 1)/catalog.json"]],
        ], to: path)
    }
    let found = try SceneSearch().scenes(at: scratch.file("d0/catalog.json"))
    #expect(found.count == 1 && found[0].refusal?.code == .tooLarge)
    #expect(found[0].refusal?.description.contains("more than 8 links") == true)
  }

  @Test(
    "A file that is none, deep, or of other types than it should be is passed over or refused by name",
    arguments: [
      (#"{"stac_version": "1.0.0", "type": "Feature""#, "no JSON"),
      (#"{"stac_version": "1.0.0", "type": "Feature", "assets": []}"#, "'assets' is of another type"),
      (#"{"stac_version": "1.0.0", "type": "Thing"}"#, "its type is Thing"),
      (#"{"stac_version": "1.0.0", "x": "# + String(repeating: "[", count: 100_000), "deeper than 64"),
      (
        #"{"stac_version": "1.0.0", "type": "Feature", "id": "a", "assets": {}}"#,
        "none of its assets is a raster"
      ),
    ])
  func hostile(text: String, words: String) throws {
    _ = try scratch.directory("in")
    try scratch.write(text, to: "in/item.json")
    try scratch.write(#"{"type": "FeatureCollection", "features": []}"#, to: "in/labels.geojson")
    let named = SceneSearch().sceneOrRefusal(at: scratch.file("in/item.json"))
    #expect(named.refusal?.description.contains(words) == true)
    let found = try SceneSearch().scenes(in: scratch.file("in"))
    #expect(found.count == 1 && found[0].refusal?.description.contains(words) == true)
  }

  @Test(
    "Landsat's masks and bands by common name; level 1 has no scale without the sun; HLS and radar by collection"
  )
  func otherCollections() throws {
    try raster("B4.tif", [18200])
    try scratch.raster(
      "qa.tif", grid: utmGrid(4, 4), bands: [[UInt16](repeating: 21824, count: 15) + [8]],
      options: .init(type: .uint16, bandNames: [""]))
    let qa: [String: Any] = ["href": "qa.tif", "type": "image/tiff"]
    let assets = ["red": old("B4.tif", "SR_B4", "red", scale: 2.75e-5, offset: -0.2), "qa_pixel": qa]
    func source(_ collection: String, _ platform: String) throws -> SceneSource {
      try write(
        item(
          "LC08_L2SP_193026_20230614_02_T1", collection: collection, properties: ["platform": platform],
          assets: assets), to: "item.json")
      return try SceneSource(path: scratch.file("item.json"))
    }
    let second = try source("landsat-c2-l2", "landsat-8")
    #expect(second.product?.sensors == ["landsat-8-oli-c2-l2"] && second.ground == "193026")
    #expect(abs(try #require(try value(second, "B4", .landsat8L2)) - 0.3005) < 1e-6)
    let scene = try Scene(second, sensor: .landsat8L2, bands: ["B4"])
    #expect(try scene.read(scene.grid.bounds).validCount == 11)
    #expect(refusal(second, "B3", .landsat5L2).contains("it is Landsat 8, collection 2, level 2"))
    let first = try source("landsat-c2-l1", "landsat-8")
    #expect(refusal(first, "B4", .landsat8TOA).contains("states none for this band"))
    #expect(try source("hls2-l30", "landsat-8").product?.sensors == ["hls-l30"])
    #expect(try source("sentinel-1-rtc", "sentinel-1a").product?.backscatter == .power)
    #expect(try source("naip", "landsat-8").product == nil)
  }
}
