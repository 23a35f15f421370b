import Foundation
import Products
import Rasters
import Runs
import Settings
import Testing

@Suite("What stages hand to each other")
struct ArtifactTests {
  private static let measured = FindingKey("measured", "what was measured")

  static let layers = [
    Layer("landcover", file: "classes.tif", .classIndices, noData: 255),
    Layer(
      "date", file: "date.tif",
      .classes(
        Legend(
          entries: [
            .init(value: 0, name: "no <change>", color: Color(red: 1, green: 2, blue: 3)),
            .init(value: 7, name: "changed by s1", color: Color(red: 0xfd, green: 0, blue: 255)),
          ], noData: 255)), noData: 255),
    Layer("confidence", file: "confidence.tif", .percent, noData: 255),
    Layer(
      "magnitude", file: "m.tif", .measurement(.init("length", shown: .magnitude(threshold: 2.5))),
      noData: .infinity),
    Layer(
      "magnitude", file: "m.tif", .measurement(.init("length", shown: .magnitude(threshold: nil))), noData: 0),
    Layer("direction", file: "d.tif", .measurement(.init("degrees", shown: .direction)), noData: -1),
    Layer("significance", file: "s.tif", .measurement(.init("probability", shown: .significance))),
    Layer("despeckled", file: "f.tif", .scene(.init(["VV", "VH"], in: "dB")), noData: -99),
    Layer(
      "chips", file: "chips.gpkg",
      .vectors(
        legend: Legend(
          entries: [.init(value: 3, name: "water", color: Color(red: 1, green: 2, blue: 3))], noData: 0))),
    Layer("outlines", file: "outlines.gpkg", .vectors(legend: nil)),
    Layer("scores", file: "scores.csv", .table),
    Layer("preview", file: "preview.png", .picture), Layer("model", file: "model.safetensors", .model),
    Layer("evaluation", file: "evaluation.json", .document),
  ]

  private static func task(_ kind: ArtifactKind, _ subject: String) -> Job {
    let components = KeyComponents(
      stage: "s", revision: 1, settings: .null, shared: .null, inputs: [:], upstream: [])
    return Job(
      id: "s:\(subject)", stage: "s", subject: subject, title: "", produces: kind, placement: .cache,
      components: components, key: components.key, dependencies: [], refusal: nil, watch: InputWatch(),
      action: { _ in JobResult() })
  }

  /// A task in a directory of its own, which a test removes.
  private func context(_ inputs: [JobOutput] = []) throws -> JobContext {
    let output = FileManager.default.temporaryDirectory
      .appendingPathComponent("terrane-artifact-\(UUID().uuidString)")
    let directory = output.appendingPathComponent("cache/scene/key")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return JobContext(
      of: Self.task(.maps, "scene"), directory: directory, output: output, unfinished: output, runID: "r",
      threads: 1, inputs: inputs, progress: JobProgress(), cancellation: Cancellation())
  }

  private func output(_ files: [String]) -> JobOutput {
    JobOutput(
      job: "s:scene", key: "", directory: "cache/scene/key",
      files: files.map { ProducedFile(path: "cache/scene/key/\($0)", bytes: 1, sha256: "") }, findings: [],
      warnings: [])
  }

  @Test("A later task reads the artifact that an earlier one wrote")
  func roundTrip() throws {
    let context = try context()
    defer { try? FileManager.default.removeItem(at: context.output) }
    var artifact = Artifact(of: context)
    artifact.grid = GridDescription(
      Grid(
        width: 3, height: 2, transform: GeoTransform(originX: 600_000, originY: 5_200_000, pixelSize: 10),
        crs: try CRS.epsg(32632)))
    artifact.layers = Self.layers
    artifact.findings = [Finding(Self.measured, .number(0.1)), Finding(.drift, .number(2))]
    artifact.notes = ["a note"]
    let result = try context.leave(artifact)
    #expect(result.findings == artifact.findings && result.warnings == artifact.notes)
    let left = output([Artifact.file, "classes.tif"])
    #expect(try context.artifact(of: left) == artifact)
    #expect(artifact.kind == "maps" && artifact.subject == "scene" && artifact.grid?.crs == "EPSG:32632")
    let path = try context.layer("class map", of: left) { $0 == .classIndices }
    #expect(path.lastPathComponent == "classes.tif")
    // What the artifact promises must be among the files that the run vouches for.
    let missing = try #require(context.artifact(of: left).layer { $0 == .percent }).file
    #expect(throws: OutputFailure.noFile(missing, job: left.job)) {
      try context.layer("confidence", of: left) { $0 == .percent }
    }
  }

  @Test("A grid is read again from its description")
  func grid() throws {
    let system = try CRS.epsg(32632)
    for grid in [
      Grid(width: 3, height: 2),
      Grid(
        width: 3, height: 2,
        transform: GeoTransform(originX: 1, columnX: 2, rowX: 3, originY: 4, columnY: 5, rowY: 6),
        crs: system),
    ] {
      #expect(try GridDescription(grid).grid().isSame(as: grid))
    }
  }

  @Test("The same artifact has the same bytes, and no layer that it lacks is found")
  func bytes() throws {
    let contexts = [try context(), try context()]
    defer { contexts.forEach { try? FileManager.default.removeItem(at: $0.output) } }
    let texts = try contexts.map { context in
      var artifact = Artifact(of: context)
      artifact.layers = Self.layers.filter(\.isRaster)
      _ = try context.leave(artifact)
      return try Data(contentsOf: context.directory.appendingPathComponent(Artifact.file))
    }
    #expect(texts[0] == texts[1] && !String(decoding: texts[0], as: UTF8.self).contains("terrane-artifact"))
    let missing = try #require(throws: MissingLayer.self) {
      try contexts[0].layer("model", of: output([Artifact.file])) { $0 == .model }
    }
    #expect(missing == MissingLayer("model", job: "s:scene") && missing.exitCode == .bug)
    #expect(missing.description == "s:scene has left no model")
    #expect(throws: OutputFailure.noFile(Artifact.file, job: "s:scene")) {
      try contexts[0].artifact(of: output(["other/artifact.json"]))
    }
  }

  @Test(
    "A layer that lacks what belongs to its content is refused",
    arguments: [
      #"{"name": "a", "file": "a.tif", "content": "classes", "no-data": 0}"#,
      #"{"name": "a", "file": "a.tif", "content": "classes", "no-data": 300, "legend": []}"#,
      #"{"name": "a", "file": "a.tif", "content": "measurement", "meaning": "m", "ramp": "rainbow"}"#,
      #"{"name": "a", "file": "a.tif", "content": "scene", "bands": ["VV"]}"#,
      #"{"name": "a", "file": "a.tif", "content": "boxes"}"#,
      ##"{"name": "a", "file": "a.gpkg", "content": "vectors", "no-data": 0, "legend": [{"value": 1, "name": "b", "color": "red"}]}"##,
    ])
  func wrong(text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Layer.self, from: Data(text.utf8)) }
  }
}
