import Foundation
import Testing

extension EndToEnd {
  /// What the command says of entries that it does not map.
  @Suite("What a run says of what it leaves out")
  struct LeftOutTests {
    private let product = "S2A_MSIL1C_20230614T102601_N0509_R108_T32UPU_20230614T165902"

    private func leftOut(_ site: Workplace) throws -> [String] {
      let entries = try RunSummary(of: site.output).members["left-out"] as? [[String: String]] ?? []
      return entries.map {
        "\($0["kind"] ?? ""): \(URL(fileURLWithPath: $0["path"] ?? "").lastPathComponent)"
      }
    }

    @Test("A line counts the entries; quiet, only where a product was refused that nobody asked to leave out")
    func line() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try site.write("scenes/readme.txt", "hello")
      let line = "terrane: scenes: 2 entries: 1 scene, 1 no scene (readme.txt)\n"
      let first = try site.run()
      #expect(first.code == 0 && first.errors.hasPrefix(line), "\(first.errors)")
      #expect(try leftOut(site) == ["no-scene: readme.txt"])
      let quiet = try site.run("--quiet")
      #expect(quiet.code == 0 && quiet.errors.isEmpty && quiet.output.isEmpty)
      let folder = site.scenes.appendingPathComponent("\(product).SAFE")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try site.write("scenes/\(product).SAFE/MTD_MSIL1C.xml", "<a/>")
      let refused = "terrane: scenes: 3 entries: 1 scene, 1 of another sensor, 1 no scene (readme.txt)\n"
      let night = try site.run("--quiet")
      #expect(night.code == 0 && night.errors == refused && night.output.isEmpty, "\(night.errors)")
      #expect(try leftOut(site) == ["other-sensor: \(product).SAFE", "no-scene: readme.txt"])
      let reason =
        "\(product).SAFE: Sentinel-2, level 1C (top of the atmosphere); the pipeline is sentinel-2-l2a. Left out: select.sensors has it not\n"
      let loud = try site.run()
      #expect(loud.code == 0 && loud.errors.hasPrefix(refused + "terrane: \(reason)"), "\(loud.errors)")
      let preview = try site.run("--dry-run")
      #expect(preview.code == 0 && preview.output.contains("readme.txt\tleft out: no raster, and no product"))
      let check = try TerraneCommand.start(["validate", site.pipeline.path], in: site.directory).end()
      #expect(check.code == 0 && check.output.contains("remark: \(reason)"), "\(check.output)")
      #expect(check.output.contains("remark: " + refused.dropFirst("terrane: ".count)))
      try site.remove("scenes/a.tif")
      let none = try site.run("--quiet")
      #expect(none.code == 66 && none.errors.split(separator: "\n").count == 1, "\(none.errors)")
      #expect(
        none.errors.contains("scenes: nothing to map in it: 2 entries: 0 scenes, 1 of another sensor, 1 no"))
    }
  }
}
