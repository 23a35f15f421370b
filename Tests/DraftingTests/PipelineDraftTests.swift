import Drafting
import Foundation
import Rasters
import Runs
import Testing

@Suite("Pipeline files that are drafted from a scene and labels")
struct PipelineDraftTests {
  /// A directory of one test.
  private final class Place {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "terrane-draft-\(UUID().uuidString)")

    init() throws {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes features on the sample scene, a square of some pixels each, with their properties as JSON.
    func labels(_ name: String, _ properties: [String]) throws -> String {
      let features = properties.enumerated().map { index, text -> String in
        let (x, y) = (13.487 + 0.006 * Double(index % 6), 48.925 + 0.004 * Double(index / 6))
        let ring = [(x, y), (x + 0.001, y), (x + 0.001, y + 0.001), (x, y + 0.001), (x, y)]
          .map { "[\($0.0), \($0.1)]" }.joined(separator: ", ")
        return
          #"{"type": "Feature", "properties": {\#(text)}, "geometry": {"type": "Polygon", "coordinates": [[\#(ring)]]}}"#
      }
      let url = directory.appendingPathComponent(name)
      try Data(#"{"type": "FeatureCollection", "features": [\#(features.joined(separator: ",\n"))]}"#.utf8)
        .write(to: url)
      return url.path
    }
  }

  private static let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("sample-data")

  private static func sample(_ name: String) -> String { samples.appendingPathComponent(name).path }

  private func text(
    _ scene: String = "region-b/optical/s2_2023-09-02.tif", labels: String, field: String? = nil
  ) throws -> String {
    GDALLibrary.start()
    return try PipelineDraft(
      scene: Self.sample(scene), labels: labels, field: field, in: URL(fileURLWithPath: "/")
    ).text
  }

  /// The property of a feature for each of some values, in turn.
  private func features(_ values: [String], times: Int = 3, _ property: (String) -> String) -> [String] {
    (0..<times).flatMap { _ in values.map(property) }
  }

  @Test("The sample scene and its few labels: sensor, bands, field, classes, colours and a split by patches")
  func sample() throws {
    let text = try text(labels: Self.sample("region-b/few-labels.geojson"))
    for line in [
      "sensor: sentinel-2-l2a\nbands: [B02, B03, B04, B08, B11, B12]\n", "      field: class\n",
      ##"{value: 5, name: water, color: "#419bdf"}"##, "{architecture: pixelwise, encoder: mlp}\n",
      "split: stratified, folds: 3", "it could be sentinel-2-l1c as well", "labelled pixels\n",
      "  - geotiff: {confidence: true, style: qml}\n",
    ] { #expect(text.contains(line), "\(line) in\n\(text)") }
    #expect(!text.contains("weights:") && text.split(separator: "\n").allSatisfy { $0.count <= 130 })
  }

  @Test("A raster's names and palette are taken, and a directory of scenes is mapped whole")
  func raster() throws {
    let text = try text("region-b/optical", labels: Self.sample("region-b/truth_2023.tif"))
    #expect(text.contains("optical/s2_2023-09-02.tif\n") && text.contains("region-b/optical   # all of them"))
    #expect(
      text.contains(##"{value: 4, name: built-up, color: "#c4281b"}"##) && text.contains("labels' palette"))
    #expect(
      text.contains("split: spatial-blocks") && text.contains("{architecture: unet, encoder: resnet18}\n"))
  }

  @Test(
    "Sensors are told by bands, numbers and names",
    arguments: [
      ("region-b/landsat/l8_2023-08-27.tif", "sensor: landsat-8-oli-c2-l2\nbands: [B2, B3, B4, B5, B6, B7]"),
      ("region-b/radar/s1_2023-09-03.tif", "sensor: sentinel-1-grd\nbands: [VV, VH]"),
    ])
  func sensors(scene: String, lines: String) throws {
    #expect(try text(scene, labels: Self.sample("region-b/few-labels.geojson")).contains(lines))
  }

  @Test("Aerial pictures are pictures")
  func aerial() throws {
    let text = try text(
      "region-c/aerial/west_2024-03-02.tif", labels: Self.sample("region-c/damage_west.tif"))
    #expect(text.contains("sensor: aerial-rgb\nbands: [red, green, blue]"))
  }

  @Test("Of a code and a name the name is the field, and the code the value")
  func codes() throws {
    let place = try Place()
    let codes = ["water": 30, "forest": 10, "field": 20]
    let labels = try place.labels(
      "l.geojson",
      features(codes.keys.sorted()) {
        #""fid": \#(codes[$0]! * 7), "kind": "\#($0)", "kind_id": \#(codes[$0]!)"#
      })
    let text = try text(labels: labels)
    #expect(text.contains("field: kind\n") && text.contains("{value: 30, name: water,"), "\(text)")
  }

  @Test("Numbers are the values, their names are made up and said to be")
  func numbers() throws {
    let place = try Place()
    let labels = try place.labels("l.geojson", features(["3", "7"]) { #""lc": \#($0), "who": "me""# })
    let text = try text(labels: labels)
    #expect(text.contains("field: lc\n") && text.contains("{value: 7, name: class 7,"), "\(text)")
    #expect(text.contains("the names of the classes are made up"))
  }

  @Test(
    "Numbers that no map holds are labels of classes with other values, and none counts for another's",
    arguments: [["-1", "1", "2", "3"], ["2", "3", "300"], ["1.5", "1", "2"]])
  func numbersAsLabels(codes: [String]) throws {
    let place = try Place()
    let features = codes.flatMap { code in Array(repeating: #""lc": \#(code), "who": "me""#, count: 3) }
    let text = try text(labels: try place.labels("l.geojson", features), field: "lc")
    for code in codes {
      #expect(
        text.contains(#"name: "\#(code)", color: "#) && text.contains(#"labels: ["\#(code)"]}"#), "\(text)")
    }
    #expect(!text.contains("no labelled pixel lies on the scene"), "\(text)")
  }

  @Test("Two fields that could be it are listed and asked for; the user's word counts")
  func twoFields() throws {
    let place = try Place()
    let labels = try place.labels(
      "l.geojson",
      ["a", "b", "a", "b", "c", "c"].enumerated().map {
        #""crop": "\#($1)", "soil": "\#($0 < 3 ? "x" : "y")""#
      })
    do {
      _ = try text(labels: labels)
      Issue.record("a field was guessed")
    } catch let error as DraftFailure {
      #expect(
        error.description.contains("'crop' has 3 values (a: 2, b: 2, c: 2); 'soil' has 2 values (x: 3, y: 3)")
      )
      #expect(error.exitCode == .usage)
    }
    #expect(try text(labels: labels, field: "SOIL").contains("field: soil\n"))
    #expect(throws: DraftFailure.self) { try text(labels: labels, field: "roof") }
    #expect(throws: DraftFailure.self) {
      try text(labels: Self.sample("region-b/truth_2023.tif"), field: "x")
    }
  }

  @Test("Names that YAML or the file would read otherwise stay what they are")
  func names() throws {
    let place = try Place()
    let odd = ["no", "a: b", "it's", "${vars.x}", "\\\"q\\\"", "Wasser  und Eis", #"b\tc"#, "b c", "${x}  y"]
    let text = try text(labels: try place.labels("l.geojson", features(odd) { #""class": "\#($0)""# }))
    for name in [
      #"name: "no""#, #"name: "a: b""#, #"name: "it's""#, #"name: "$${vars.x}""#, #"name: "\"q\"""#,
      "name: Wasser und Eis", #"labels: ["Wasser  und Eis"]"#, #"labels: ["b\tc"]"#, #"labels: ["$${x}  y"]"#,
    ] {
      #expect(text.contains(name), "\(name) in\n\(text)")
    }
    #expect(!text.contains("no labelled pixel lies on the scene"), "\(text)")
  }

  @Test("One class, labels elsewhere, and what is no file are refused")
  func refusals() throws {
    let place = try Place()
    let one = try place.labels("one.geojson", features(["only"]) { #""class": "\#($0)""# })
    #expect(throws: DraftFailure.self) { try text(labels: one, field: "class") }
    #expect(throws: RasterError.self) {
      try text("region-a/optical/s2_2023-06-14.tif", labels: Self.sample("region-b/few-labels.geojson"))
    }
    #expect(throws: RasterError.self) { try text(labels: "/nowhere.gpkg") }
  }

  @Test("A style beside the labels gives the colours")
  func style() throws {
    let place = try Place()
    let labels = try place.labels("l.geojson", features(["moor", "fen"]) { #""class": "\#($0)""# })
    let style = """
      <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
      <qgis><renderer-v2 type="categorizedSymbol" attr="class"><categories>
      <category symbol="0" value="moor" label="Moor"/><category symbol="1" value="fen" label="Fen"/></categories>
      <symbols><symbol name="0"><layer><Option type="Map"><Option name="color" value="18,52,86,255,rgb:0.1"/></Option></layer></symbol>
      <symbol name="1"><layer><prop k="color" v="101,67,33,255"/></layer></symbol></symbols></renderer-v2></qgis>
      """
    try Data(style.utf8).write(to: place.directory.appendingPathComponent("l.qml"))
    let text = try text(labels: labels)
    #expect(
      text.contains(##"name: moor, color: "#123456""##) && text.contains(##"name: fen, color: "#654321""##))
    #expect(text.contains("the colours are those of the style beside the labels"))
  }
}
