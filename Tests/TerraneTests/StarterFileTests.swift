import Foundation
import Testing

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
      for name in [
        "source/scene.tif", "source/labels.tif", "target/scene.tif", "target/labels.gpkg",
        "weights/encoder.safetensors", "dates/2023.tif", "dates/2024.tif", "incoming/scene.tif",
      ] {
        let folder = URL(fileURLWithPath: site.path(name)).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try site.write(name, "a stand-in: neither validate nor a dry run reads a pixel")
      }
      let after = try TerraneCommand.run("validate", "new.yaml", in: site.directory)
      #expect(after.code == 0 && after.output.contains(" is fine: pretrain-load -> "), "\(after.errors)")
      #expect(after.errors.isEmpty)
      let plan = try TerraneCommand.run("run", "new.yaml", "--dry-run", in: site.directory)
      #expect(plan.code == 0 && plan.errors.isEmpty, "\(plan.errors)")
      #expect(plan.output.hasPrefix("pretrain-load:pretrained\tto do: new\n"), "\(plan.output)")
      #expect(!plan.output.contains("cannot:"), "\(plan.output)")
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
