import Foundation
import Rasters
import Testing
import Transfer

/// A scene that cannot be mapped.
struct BadScene: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Its file in the directory of scenes.
  let file: String
  /// Words of the message about it.
  let says: String
  /// How the run ends that has this scene only.
  var code: Int32 = 65
  /// Puts it at a path.
  let make: @Sendable (_ path: String) throws -> Void

  static let all: [BadScene] = [
    BadScene(testDescription: "a truncated TIFF", file: "truncated.tif", says: "cannot read") { path in
      try SmallScene.write(to: path)
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      try data.prefix(data.count * 3 / 5).write(to: URL(fileURLWithPath: path))
    },
    BadScene(testDescription: "a missing band", file: "no-b12.tif", says: "no band B12 among B02, B03") {
      path in
      try SmallScene.write(to: path, names: Array(SmallScene.bands.dropLast()))
    },
    BadScene(testDescription: "another count of bands", file: "four-bands.tif", says: "4 bands") { path in
      try SmallScene.write(to: path, names: ["one", "two", "three", "four"])
    },
    BadScene(testDescription: "no data anywhere", file: "void.tif", says: "no pixel of the scene is valid") {
      path in
      try SmallScene.write(to: path, filledWith: UInt16(0), type: .uint16)
    },
    BadScene(testDescription: "NaN everywhere", file: "nan.tif", says: "no pixel of the scene is valid") {
      path in
      try SmallScene.write(to: path, filledWith: Float.nan, type: .float32)
    },
    BadScene(testDescription: "a VRT called .tif", file: "virtual.tif", says: "a VRT, which can point") {
      path in
      let source = SmallScene.sample("region-b/optical/s2_2023-09-02.tif")
      try text(
        """
        <VRTDataset rasterXSize="96" rasterYSize="96"><VRTRasterBand dataType="UInt16" band="1">
        <SimpleSource><SourceFilename>\(source)</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
        </VRTRasterBand></VRTDataset>
        """, at: path)
    },
    BadScene(testDescription: "a link out of the directory", file: "link.tif", says: "a link that leaves") {
      path in
      try FileManager.default.createSymbolicLink(
        atPath: path, withDestinationPath: SmallScene.sample("region-b/optical/s2_2023-09-02.tif"))
    },
    BadScene(testDescription: "a text called .tif", file: "text.tif", says: "not recognized") { path in
      try text("this is no raster\n", at: path)
    },
    BadScene(testDescription: "an empty file", file: "empty.tif", says: "cannot open the raster") { path in
      try text("", at: path)
    },
    BadScene(testDescription: "a directory with one band only", file: "one-band", says: "band") { path in
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      try SmallScene.write(to: path + "/B02.tif", names: ["B02"])
    },
  ]

  private static func text(_ text: String, at path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}

extension EndToEnd {
  /// Scenes that cannot be mapped cost themselves and nothing else.
  @Suite("Bad scenes")
  struct BadSceneTests {
    @Test("Among good scenes: the good ones are mapped, each bad one is named with its reason, exit 3")
    func amongGoodOnes() throws {
      let site = try TrainedModel.workplace(scenes: ["good-1", "good-2"])
      for bad in BadScene.all { try bad.make(site.path("scenes/\(bad.file)")) }
      let ending = try site.run("--quiet")
      #expect(ending.code == 3 && ending.output.isEmpty)
      let lines = ending.errors.split(separator: "\n").map(String.init)
      #expect(lines.count <= 20)
      let summary = try RunSummary(of: site.output)
      #expect(summary.exitCode == 3 && summary.failures.count == BadScene.all.count)
      for bad in BadScene.all {
        let line = lines.first { $0.contains("/\(bad.file)") }
        #expect(line?.contains(bad.says) == true, "\(bad.testDescription): \(ending.errors)")
        let name = URL(fileURLWithPath: bad.file).deletingPathExtension().lastPathComponent
        let scene = try #require(summary.scene(name), "\(name)")
        #expect(scene.status == "quarantined" && scene.reason.contains(bad.file))
        #expect(!site.exists("out/products/\(name)"), "\(name)")
      }
      for name in ["good-1", "good-2"] {
        #expect(site.exists("out/products/\(name)/landcover.tif") && summary.scene(name)?.status == "done")
      }
      #expect(try site.digests(of: ["cache"]).keys.count { $0.hasSuffix("classes.tif") } == 2)
    }

    @Test("Alone: the scene's own exit code, and no product", arguments: BadScene.all)
    func alone(bad: BadScene) throws {
      let site = try TrainedModel.workplace()
      try bad.make(site.path("scenes/\(bad.file)"))
      let ending = try site.run()
      #expect(ending.code == bad.code && ending.errors.contains("/\(bad.file)"), "\(ending.errors)")
      #expect(
        !site.exists("out/products")
          || Workplace.files(below: site.output.appendingPathComponent("products")).isEmpty)
    }

    @Test("A scene that goes away after the run has begun is named; the others are mapped")
    func vanishing() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      let run = try site.start()
      #expect(run.wait { site.exists("out/runs/latest/run.log.jsonl") })
      try site.remove("scenes/b.tif")
      let ending = run.end()
      #expect(ending.code == 3 && ending.errors.contains("scenes/b.tif"), "\(ending.errors)")
      #expect(site.exists("out/products/a/landcover.tif") && !site.exists("out/products/b"))
    }

    @Test("Scenes in another system each are mapped on their own grids")
    func systems() throws {
      let site = try TrainedModel.workplace()
      let systems: [(name: String, code: Int, transform: GeoTransform)] = [
        ("utm", 32610, GeoTransform(originX: 500_000, originY: 5_000_000, pixelSize: 10)),
        ("laea", 3035, GeoTransform(originX: 4_000_000, originY: 3_000_000, pixelSize: 10)),
        (
          "degrees", 4326,
          GeoTransform(originX: 10, columnX: 1.2e-4, rowX: 0, originY: 50, columnY: 0, rowY: -9e-5)
        ),
        (
          "turned", 32633, GeoTransform(originX: 4e5, columnX: 8, rowX: 6, originY: 5e6, columnY: 6, rowY: -8)
        ),
        (
          "south-up", 32733,
          GeoTransform(originX: 4e5, columnX: 10, rowX: 0, originY: 5e6, columnY: 0, rowY: 10)
        ),
      ]
      for system in systems {
        let grid = Grid(
          width: SmallScene.side, height: SmallScene.side, transform: system.transform,
          crs: try CRS.epsg(system.code))
        try SmallScene.write(to: site.path("scenes/\(system.name).tif"), grid: grid)
      }
      let ending = try site.run()
      #expect(ending.code == 0, "\(ending.errors)")
      for system in systems {
        let (scene, map) = (
          try RasterFile(path: site.path("scenes/\(system.name).tif")),
          try RasterFile(path: site.path("out/products/\(system.name)/landcover.tif"))
        )
        #expect(map.grid.difference(from: scene.grid) == nil, "\(system.name)")
      }
    }

    @Test("A directory of one file a band is one scene, by itself and among others")
    func oneFileABand() throws {
      let site = try TrainedModel.workplace(scenes: ["other"])
      try FileManager.default.createDirectory(
        atPath: site.path("scenes/split"), withIntermediateDirectories: true)
      for band in SmallScene.bands {
        try SmallScene.write(to: site.path("scenes/split/tile, 2023, \(band).tif"), names: [band])
      }
      #expect(try site.run("--scenes", site.path("scenes/split")).code == 0)
      #expect(try RunSummary(of: site.output).done.suffix(2) == ["inference split", "geotiff split"])
      #expect(try site.run().code == 0)
      #expect(try RunSummary(of: site.output).done == ["inference other", "geotiff other"])
    }

    @Test("A directory without scenes ends with 66 and its name")
    func emptyDirectory() throws {
      let site = try TrainedModel.workplace()
      let empty = try site.run()
      #expect(empty.code == 66 && empty.errors == "terrane: \(site.scenes.path): no scene in it\n")
      let missing = try site.run("--scenes", "nowhere")
      #expect(missing.code == 66 && missing.errors.contains("--scenes nowhere: error: 'scenes': there is no"))
      // The directory itself is made before the process confines itself to it.
      #expect(try FileManager.default.contentsOfDirectory(atPath: site.path("out")).isEmpty)
    }
  }
}
