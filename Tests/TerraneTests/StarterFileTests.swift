import Foundation
import Rasters
import Testing
import Transfer

extension EndToEnd {
  /// What `terrane init` and `terrane schema` print.
  @Suite("Starter files")
  struct StarterFileTests {
    @Test("A starter file is fine once its paths are there", arguments: ["land-cover", "change"])
    func starter(task: String) throws {
      let site = try Workplace()
      #expect(
        try TerraneCommand.run("init", "--task", task, "--output", "new.yaml", in: site.directory).code == 0)
      let before = try TerraneCommand.run("validate", "new.yaml", in: site.directory)
      #expect(before.code == 66 && before.errors.contains("new.yaml:"), "\(before.errors)")
      try putInputs(of: site)
      let after = try TerraneCommand.run("validate", "new.yaml", in: site.directory)
      #expect(after.code == 0 && after.output.contains(" is fine: pretrain-load -> "), "\(after.errors)")
      #expect(after.errors.isEmpty)
      let plan = try TerraneCommand.run("run", "new.yaml", "--dry-run", in: site.directory)
      #expect(plan.code == 0 && plan.errors.contains("how long they take is not known"), "\(plan.errors)")
      #expect(plan.output.hasPrefix("pretrain-load:pretrained\tto do: new\n"), "\(plan.output)")
      #expect(!plan.output.contains("cannot:"), "\(plan.output)")
    }

    /// Everything that the starter files name: scenes of region B, labels of a point on each, an encoder.
    private func putInputs(of site: Workplace) throws {
      for name in ["source", "target", "weights", "dates", "incoming"] {
        try FileManager.default.createDirectory(atPath: site.path(name), withIntermediateDirectories: true)
      }
      for name in ["source/scene", "target/scene", "dates/2023", "dates/2024", "incoming/scene"] {
        try SmallScene.write(to: site.path("\(name).tif"))
      }
      let grid = try RasterFile(path: site.path("target/scene.tif")).grid
      let labels = try RasterWriter(
        path: site.path("source/labels.tif"), grid: grid, options: .init(type: .byte, bandNames: ["class"]))
      try labels.write(grid.bounds, band: 1, [UInt8](repeating: 1, count: grid.width * grid.height))
      try labels.close()
      let corners = "[[13, 48], [14, 48], [14, 50], [13, 50], [13, 48]]"
      try site.write(
        "target/labels.geojson",
        """
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"class": "water"},
         "geometry": {"type": "Polygon", "coordinates": [\(corners)]}}]}
        """)
      let text = try String(contentsOfFile: site.path("new.yaml"), encoding: .utf8)
      try site.write("new.yaml", text.replacing("labels.gpkg", with: "labels.geojson"))
      try FileManager.default.copyItem(
        atPath: try TrainedModel.weights(), toPath: site.path("weights/encoder.safetensors"))
    }

    @Test("The schema describes every stage and every key that the example pipelines use")
    func schema() throws {
      let ending = try TerraneCommand.run("schema")
      let schema = try #require(
        try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: Any])
      #expect((schema["$schema"] as? String)?.contains("draft-07") == true)
      let keys = try #require(schema["properties"] as? [String: Any])
      let folder = SmallScene.package.appendingPathComponent("pipelines")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
        $0.hasSuffix(".yaml")
      }
      #expect(files.count >= 4)
      for file in files {
        let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
        for line in text.split(separator: "\n") {
          guard let colon = line.firstIndex(of: ":"), line.first?.isLetter == true else { continue }
          #expect(keys[String(line[..<colon])] != nil, "\(file): \(line)")
        }
      }
    }
  }
}
