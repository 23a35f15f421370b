import Foundation
import Rasters
import TestArchives
import Testing
import Transfer

extension EndToEnd {
  /// Runs over products as they are downloaded.
  @Suite("Scenes in archives, by the command")
  struct ArchivedSceneRunTests {
    private static let product = "S2A_MSIL2A_20230614T102601_N0509_R108_T32UPU_20230614T165902"

    /// Writes a Sentinel-2 product of one image a band into a workplace, and returns its directory.
    private static func putProduct(into site: Workplace, as name: String = "scenes/\(product).SAFE") throws
      -> String
    {
      let images = name + "/GRANULE/L2A/IMG_DATA/R10m"
      try FileManager.default.createDirectory(atPath: site.path(images), withIntermediateDirectories: true)
      let window = Window(column: 140, row: 140, width: SmallScene.side, height: SmallScene.side)
      let grid = try RasterFile(path: SmallScene.sample("region-b/optical/s2_2023-09-02.tif")).grid
        .forWindow(window)
      for (index, band) in SmallScene.bands.enumerated() {
        try SmallScene.write(
          to: site.path("\(images)/T32UPU_20230614T102601_\(band)_10m.tif"), column: 140 + index,
          names: [band], grid: grid)
      }
      let offsets = (0..<13).map { "<BOA_ADD_OFFSET band_id=\"\($0)\">-1000</BOA_ADD_OFFSET>" }.joined()
      try site.write(name + "/MTD_MSIL2A.xml", "<a>\(offsets)</a>")
      return site.path(name)
    }

    /// An environment whose temporary files lie in the workplace.
    private static func environment(_ site: Workplace) throws -> [String: String] {
      try FileManager.default.createDirectory(atPath: site.path("tmp"), withIntermediateDirectories: true)
      return TerraneCommand.cronEnvironment.merging(["TMPDIR": site.path("tmp")]) { $1 }
    }

    private static func run(_ site: Workplace, _ command: String = "run", _ arguments: String...) throws
      -> TerraneCommand.CommandExit
    {
      try TerraneCommand.start(
        [command, site.pipeline.path] + arguments, in: site.directory, environment: environment(site)
      ).end()
    }

    /// What is left of archives on the disk.
    private static func left(_ site: Workplace) -> [String] {
      ["tmp", "out/cache/unpacked"].flatMap { directory in
        (try? FileManager.default.subpathsOfDirectory(atPath: site.path(directory))) ?? []
      }
    }

    @Test("Archives give the bytes that folders give; nothing of them is left, and nothing is done again")
    func sameBytes() throws {
      let folder = try TrainedModel.workplace()
      let product = try Self.putProduct(into: folder)
      #expect(try Self.run(folder).code == 0)
      let wanted = try folder.digests().filter { !$0.key.hasSuffix("item.json") }
      #expect(wanted.keys.contains("products/\(Self.product)/landcover.tif"))
      let cases: [(String, String?, WrittenArchive.Format)] = [
        ("product.zip", Self.product + ".SAFE", .zip), ("\(Self.product).SAFE.zip", nil, .storedZip),
        ("product.tar", Self.product + ".SAFE", .pax), ("product.tgz", Self.product + ".SAFE", .gzippedTar),
      ]
      for (name, top, format) in cases {
        let site = try TrainedModel.workplace()
        try WrittenArchive.write(directory: product, as: top, format, to: site.path("scenes/\(name)"))
        let ending = try Self.run(site)
        #expect(ending.code == 0, "\(name): \(ending.errors)")
        #expect(try site.digests().filter { !$0.key.hasSuffix("item.json") } == wanted, "\(name)")
        #expect(Self.left(site).isEmpty, "\(name): \(Self.left(site))")
        let item = try String(
          contentsOfFile: site.path("out/products/\(Self.product)/item.json"), encoding: .utf8)
        #expect(item.contains("scenes/\(name)") && item.contains("2023-06-14"))
        let again = try Self.run(site)
        #expect(try again.code == 0 && RunSummary(of: site.output).done.isEmpty, "\(name): \(again)")
        // Another archive of the same product, and the product unpacked, are the same scene.
        try site.remove("scenes/\(name)")
        try FileManager.default.copyItem(atPath: product, toPath: site.path("scenes/\(Self.product).SAFE"))
        let unpacked = try Self.run(site)
        #expect(try unpacked.code == 0 && RunSummary(of: site.output).done.isEmpty, "\(name): \(unpacked)")
      }
    }

    @Test("What is learned from an archive is what is learned from its folder")
    func training() throws {
      func site(_ entry: String) throws -> Workplace {
        let site = try Workplace()
        try TrainedModel.putLabelledScene(into: site)
        try FileManager.default.createDirectory(
          atPath: site.path("labelled"), withIntermediateDirectories: true)
        try FileManager.default.moveItem(
          atPath: site.path("labelled.tif"), toPath: site.path("labelled/scene.tif"))
        try WrittenArchive.write(
          directory: site.path("labelled"), as: "labelled", .zip, to: site.path("labelled.zip"))
        try SmallScene.write(to: site.path("scenes/first.tif"))
        try site.write(
          "pipeline.yaml", TrainedModel.wholeChain.replacing("scene: labelled.tif", with: "scene: \(entry)"))
        return site
      }
      let (folder, archive) = (try site("labelled"), try site("labelled.zip"))
      #expect(try Self.run(folder, "run", "--threads", "2").code == 0)
      let ending = try Self.run(archive, "run", "--threads", "2")
      #expect(ending.code == 0, "\(ending.errors)")
      let (own, wanted) = (try archive.digests(), try folder.digests())
      #expect(Set(own.keys) == Set(wanted.keys))
      let others = own.filter { wanted[$0.key] != $0.value }.keys.sorted()
      // What the training says of the scene names it.
      #expect(others.allSatisfy { $0.hasSuffix("artifact.json") }, "\(others)")
      for name in others {
        let (one, other) = (
          try String(contentsOfFile: archive.path("out/\(name)"), encoding: .utf8),
          try String(contentsOfFile: folder.path("out/\(name)"), encoding: .utf8)
        )
        #expect(one.replacing("labelled.zip", with: "labelled") == other)
      }
      #expect(Self.left(archive).isEmpty)
    }

    @Test("Validate, a dry run and inspect look into archives and leave nothing")
    func looking() throws {
      let site = try TrainedModel.workplace()
      let product = try Self.putProduct(into: site, as: "\(Self.product).SAFE")
      try WrittenArchive.write(
        directory: product, as: Self.product + ".SAFE", .zip, to: site.path("scenes/product.zip"))
      let validated = try Self.run(site, "validate")
      #expect(validated.code == 0 && validated.output.contains("grids of 1 scene to map"), "\(validated)")
      #expect(!validated.output.contains("remark"), "\(validated)")
      let planned = try Self.run(site, "run", "--dry-run")
      #expect(planned.code == 0 && planned.output.contains("inference:\(Self.product)\tto do"), "\(planned)")
      let inspected = try TerraneCommand.run(
        "inspect", site.path("scenes/product.zip"), in: site.directory, environment: Self.environment(site))
      #expect(
        inspected.code == 0
          && inspected.output.hasPrefix("product.zip\n  Sentinel-2, level 2A"), "\(inspected)")
      #expect(Self.left(site).isEmpty && !site.exists("out"))
    }

    @Test("A bad archive costs no other scene, and says what is the matter with it")
    func bad() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let product = try Self.putProduct(into: site, as: "\(Self.product).SAFE")
      let path = site.path("scenes/cut.zip")
      try WrittenArchive.write(directory: product, as: Self.product + ".SAFE", .zip, to: path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try site.write("scenes/cut.zip", whole.prefix(whole.count / 2))
      WrittenArchive.write([WrittenMember("notes.txt", "x")], .zip, to: site.path("scenes/notes.zip"))
      let ending = try Self.run(site)
      #expect(ending.code == 3, "\(ending)")
      let scene = try #require(RunSummary(of: site.output).scene("cut"))
      #expect(
        scene.status == "quarantined"
          && scene.reason.contains("cut.zip: cannot read the archive: it is cut short")
      )
      #expect(site.exists("out/products/a/landcover.tif") && Self.left(site).isEmpty)
      // Alone and named it is an error of the data.
      try site.write("pipeline.yaml", TrainedModel.mapOnly(weights: TrainedModel.weights()))
      let named = try Self.run(site, "run", "--scenes", path)
      #expect(named.code == 65, "\(named)")
      let other = try Self.run(site, "run", "--scenes", site.path("scenes/notes.zip"))
      #expect(
        other.code == 65 && other.errors.contains("no product that is known in the archive"), "\(other)")
    }

    @Test("After SIGTERM nothing is left; after SIGKILL the next run removes what is")
    func interrupted() throws {
      for signal in [SIGTERM, SIGKILL] {
        let site = try Workplace()
        try TrainedModel.putLabelledScene(into: site)
        WrittenArchive.write(
          [WrittenMember("scene.tif", try Data(contentsOf: URL(fileURLWithPath: site.path("labelled.tif"))))],
          .zip, to: site.path("labelled.zip"))
        try SmallScene.write(to: site.path("scenes/first.tif"))
        try site.write(
          "pipeline.yaml",
          TrainedModel.wholeChain.replacing("scene: labelled.tif", with: "scene: labelled.zip"))
        let run = try TerraneCommand.start(
          ["run", site.pipeline.path, "--set", "fine-tune.epochs=500"], in: site.directory,
          environment: Self.environment(site))
        #expect(
          run.wait {
            (try? String(contentsOfFile: site.path("out/runs/latest/run.log.jsonl"), encoding: .utf8))?
              .contains("fine-tune") ?? false && Self.left(site).contains { $0.hasSuffix("scene.tif") }
          })
        Thread.sleep(forTimeInterval: 0.5)
        run.send(signal)
        let ending = run.end()
        #expect(ending.code == 128 + signal, "\(ending)")
        #expect(Self.left(site).isEmpty == (signal == SIGTERM), "\(signal): \(Self.left(site))")
        let next = try Self.run(site, "run", "--set", "fine-tune.epochs=1")
        #expect(next.code == 0 && Self.left(site).isEmpty, "\(next), \(Self.left(site))")
      }
    }
  }
}
