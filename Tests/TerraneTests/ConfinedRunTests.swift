import Foundation
import Testing

extension EndToEnd {
  /// Runs that may write below their output directory alone: of the directory of temporary files, in which
  /// workplaces lie, they know nothing.
  @Suite("A confined run")
  struct ConfinedRunTests {
    private func run(_ site: Workplace, _ pipeline: String = "pipeline.yaml") throws
      -> TerraneCommand.CommandExit
    {
      let temporary = site.path("temporary")
      try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      return try TerraneCommand.run(
        "run", site.path(pipeline), in: site.directory,
        environment: TerraneCommand.cronEnvironment.merging(["TMPDIR": temporary]) { $1 })
    }

    @Test("Weights of another output directory are held against what is recorded there")
    func changedModel() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let first = try run(site)
      try #require(first.code == 0, "\(first.errors)")
      let text = TrainedModel.mapOnly(weights: "out/models/latest/model.safetensors")
      try site.write("other.yaml", text.replacing("output: out", with: "output: other"))
      let taken = try run(site, "other.yaml")
      #expect(taken.code == 0, "\(taken.errors)")
      // The last weight of all.
      let model = try FileHandle(
        forUpdating: URL(fileURLWithPath: site.path("out/models/latest/model.safetensors")))
      let end = try model.seekToEnd()
      try model.seek(toOffset: end - 4)
      try model.write(contentsOf: Data([0, 0, 0, 0x3F]))
      try model.close()
      let refused = try run(site, "other.yaml")
      #expect(refused.code == 65, "\(refused)")
      #expect(refused.errors.contains("it is not the model that was made"), "\(refused.errors)")
    }

    @Test("The cache may lie on another disk, behind a link in the output directory")
    func linkedCache() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      for folder in ["scratch", "out"] {
        try FileManager.default.createDirectory(atPath: site.path(folder), withIntermediateDirectories: true)
      }
      try #require(symlink(site.path("scratch"), site.path("out/cache")) == 0)
      let made = try run(site)
      #expect(made.code == 0 && site.exists("out/products/a/landcover.tif"), "\(made.errors)")
      #expect(site.exists("scratch/hashes.jsonl"))
    }
  }
}
