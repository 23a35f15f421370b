import Foundation
import Testing
import Transfer

extension EndToEnd {
  /// `terrane verify`, and what the next run makes of what it found.
  @Suite("Verifying an output directory")
  struct VerifyTests {
    /// A change in the middle of a file that leaves its size and time.
    private static func damage(_ path: String) throws {
      let time = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let middle = try file.seekToEnd() / 2
      try file.seek(toOffset: middle)
      let byte = try #require(try file.read(upToCount: 1)?.first)
      try file.seek(toOffset: middle)
      try file.write(contentsOf: Data([byte ^ 0x20]))
      try file.close()
      try FileManager.default.setAttributes([.modificationDate: time ?? Date()], ofItemAtPath: path)
    }

    @Test(
      "Each file that a run leaves is named when a byte of it has changed, and whole again after the next run"
    )
    func everyFile() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run().code == 0)
      let whole = try TerraneCommand.run("verify", site.output.path)
      #expect(
        whole.code == 0 && whole.output.hasPrefix("\(site.output.path): whole: files read: 7 in products"),
        "\(whole)")
      let expected = try site.digests()
      let record = try FileManager.default.destinationOfSymbolicLink(atPath: site.path("out/runs/latest"))
      let names =
        Workplace.files(below: site.output).filter { name in
          ["cache/hashes", ".terrane", "ledger", "runs/"].allSatisfy { !name.hasPrefix($0) }
        } + ["resolved.json", "report.html", "run.log.jsonl", "summary.json"].map { "runs/\(record)/\($0)" }
      #expect(names.count > 10)
      for name in names {
        try Self.damage(site.path("out/\(name)"))
        let found = try TerraneCommand.run("verify", site.output.path)
        #expect(found.code == 65 && found.output.contains("\(name) changed\n"), "\(name): \(found)")
        #expect(found.errors.split(separator: "\n").count == 1)
      }
      #expect(try site.run().code == 0)
      #expect(try site.digests() == expected)
      let after = try TerraneCommand.run("verify", site.output.path)
      #expect(after.code == 0, "\(after)")
    }

    @Test("What is found is noted for the next run even where it cannot be written")
    func unwritten() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run("--quiet").code == 0)
      try Self.damage(site.path("out/products/a/landcover.tif"))
      let before = try site.ledger()
      let ending = try TerraneCommand.shell("exec \"$0\" verify out >/dev/full", in: site.directory)
      #expect(try ending.code == 74 && site.ledger() != before, "\(ending)")
    }

    @Test("Weights that another output has stored are refused where they are not what was made")
    func storedWeights() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run().code == 0)
      let text = try String(contentsOf: site.pipeline, encoding: .utf8)
      let weights = site.path("out/models/latest/model.safetensors")
      let other = try #require(text.firstMatch(of: /weights: *([^,}\n]+)/)).1
      try site.write("pipeline.yaml", text.replacing(other, with: weights))
      #expect(try site.run("--output", site.path("second")).code == 0)
      try Self.damage(weights)
      let refused = try site.run("--output", site.path("third"))
      #expect(
        refused.code == 65 && refused.errors.contains("it is not the model that was made"), "\(refused)")
    }

    @Test("Without a ledger it ends with 66")
    func nothing() throws {
      let site = try Workplace()
      #expect(try TerraneCommand.run("verify", site.scenes.path).code == 66)
    }
  }
}
