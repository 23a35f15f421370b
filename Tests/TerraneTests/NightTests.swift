import Foundation
import Rasters
import Testing
import Transfer

/// Something in the directory of scenes that is not to be opened, or not to be read to its end.
struct TrapScene: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Words of the message about it.
  let says: String
  /// Its name as messages show it.
  let shown: String
  /// Puts it into a directory of scenes.
  let make: @Sendable (_ directory: String) throws -> Void

  private static func directory(_ path: String, with make: (String) throws -> Void) throws {
    mkdir(path, 0o755)
    for band in SmallScene.bands { try SmallScene.write(to: path + "/\(band).tif", names: [band]) }
    try make(path)
  }

  static let all: [TrapScene] = [
    TrapScene(testDescription: "a pipe", says: "a pipe", shown: "x.tif") { mkfifo($0 + "/x.tif", 0o644) },
    TrapScene(testDescription: "a device", says: "a link that leaves", shown: "x.tif") {
      symlink("/dev/zero", $0 + "/x.tif")
    },
    TrapScene(testDescription: "a mask that is a pipe", says: "a pipe", shown: "x.tif.msk") {
      try SmallScene.write(to: $0 + "/x.tif")
      mkfifo($0 + "/x.tif.msk", 0o644)
    },
    TrapScene(testDescription: "a mask that is a link to a device", says: "a device", shown: "x.tif.msk") {
      try SmallScene.write(to: $0 + "/x.tif")
      symlink("/dev/zero", $0 + "/x.tif.msk")
    },
    TrapScene(
      testDescription: "a mask that is a link elsewhere", says: "a link that leaves", shown: "x.tif.msk"
    ) {
      try SmallScene.write(to: $0 + "/x.tif")
      try SmallScene.write(to: $0 + "/../mask.tif", names: ["mask"])
      symlink("../mask.tif", $0 + "/x.tif.msk")
    },
    TrapScene(testDescription: "a damaged mask", says: "cannot open the mask", shown: "x.tif.msk") {
      try SmallScene.write(to: $0 + "/x.tif")
      try Data("mask".utf8).write(to: URL(fileURLWithPath: $0 + "/x.tif.msk"))
    },
    TrapScene(testDescription: "a product whose metadata are a pipe", says: "a pipe", shown: "MTD_MSIL2A.xml")
    {
      try directory($0 + "/x") { mkfifo($0 + "/MTD_MSIL2A.xml", 0o644) }
    },
    TrapScene(
      testDescription: "a product whose metadata are a device", says: "a device", shown: "MTD_MSIL1C.xml"
    ) {
      try directory($0 + "/x") { symlink("/dev/zero", $0 + "/MTD_MSIL1C.xml") }
    },
    TrapScene(
      testDescription: "a product whose metadata lie elsewhere", says: "a link that leaves",
      shown: "MTD_MSIL2A.xml"
    ) {
      try Data("<MTD/>".utf8).write(to: URL(fileURLWithPath: $0 + "/../MTD.xml"))
      try directory($0 + "/x") { symlink("../../MTD.xml", $0 + "/MTD_MSIL2A.xml") }
    },
    TrapScene(testDescription: "a band that nobody asks for, and is a pipe", says: "a pipe", shown: "B05.tif")
    {
      try directory($0 + "/x") { mkfifo($0 + "/B05.tif", 0o644) }
    },
    TrapScene(testDescription: "40 GiB of nothing", says: "a sparse file", shown: "x.tif") {
      try Data().write(to: URL(fileURLWithPath: $0 + "/x.tif"))
      truncate($0 + "/x.tif", 40 << 30)
    },
    TrapScene(
      testDescription: "a raster followed by 40 GiB of nothing", says: "a sparse file", shown: "x.tif"
    ) {
      try SmallScene.write(to: $0 + "/x.tif")
      truncate($0 + "/x.tif", 40 << 30)
    },
    TrapScene(
      testDescription: "a name that is not UTF-8", says: "its name is not UTF-8", shown: "L\\351on.tif"
    ) {
      try SmallScene.write(to: $0 + "/x.tif")
      rename($0 + "/x.tif", Array(($0 + "/L").utf8CString.dropLast()) + [-23] + Array("on.tif".utf8CString))
    },
    TrapScene(
      testDescription: "a directory whose name is not UTF-8", says: "its name is not UTF-8", shown: "L\\351on"
    ) {
      try directory($0 + "/x") { _ in }
      rename($0 + "/x", Array(($0 + "/L").utf8CString.dropLast()) + [-23] + Array("on".utf8CString))
    },
    TrapScene(
      testDescription: "a file in it whose name is not UTF-8", says: "its name is not UTF-8",
      shown: "L\\351.tif"
    ) {
      try directory($0 + "/x") {
        rename($0 + "/B12.tif", Array(($0 + "/L").utf8CString.dropLast()) + [-23] + Array(".tif".utf8CString))
      }
    },
    TrapScene(
      testDescription: "a name that turns a terminal red", says: "not recognized", shown: "a\\033[31m.tif"
    ) {
      try Data("text".utf8).write(to: URL(fileURLWithPath: $0 + "/a\u{1B}[31m.tif"))
    },
  ]
}

extension EndToEnd {
  /// Inputs that an unattended run must not stop at.
  @Suite("The night goes on")
  struct NightTests {
    @Test(
      "Each costs itself, is named with its reason, and the good scene is mapped", arguments: TrapScene.all)
    func trap(scene: TrapScene) throws {
      let site = try TrainedModel.workplace(scenes: ["good"])
      try scene.make(site.scenes.path)
      let ending = try site.run("--quiet", "--deadline", "50s")
      #expect(ending.code == 3 && ending.seconds < 30, "\(ending)")
      #expect(ending.errors.contains(scene.says) && ending.errors.contains(scene.shown), "\(ending.errors)")
      #expect(site.exists("out/products/good/landcover.tif"))
      #expect(!ending.errors.contains("\u{1B}") && ending.errors.split(separator: "\n").count <= 2)
    }

    @Test(
      "Weights, labels and the output's own files that are pipes are errors that name them",
      arguments: ["weights", "raster labels", "vector labels", "pipeline", "ledger", "lock", "hashes"])
    func namedPipe(part: String) throws {
      let site = try TrainedModel.workplace(scenes: ["good"])
      mkdir(site.path("out"), 0o755)
      mkdir(site.path("out/cache"), 0o755)
      let learning = TrainedModel.wholeChain
      var (name, code): (String, Int32)
      switch part {
      case "weights":
        (name, code) = ("w.safetensors", 65)
        try site.write("pipeline.yaml", TrainedModel.mapOnly(weights: name))
      case "raster labels":
        try TrainedModel.putLabelledScene(into: site)
        (name, code) = ("l.tif", 65)
        try site.write("pipeline.yaml", learning.replacing("labels: labels.tif", with: "labels: l.tif"))
      case "vector labels":
        try TrainedModel.putLabelledScene(into: site)
        (name, code) = ("l.gpkg", 65)
        try site.write("pipeline.yaml", learning.replacing("labels: labels.tif", with: "labels: l.gpkg"))
      case "pipeline": (name, code) = ("pipeline.yaml", 66)
      case "ledger":
        (name, code) = ("out/ledger/models/record.jsonl", 73)
        mkdir(site.path("out/ledger"), 0o755)
        mkdir(site.path("out/ledger/models"), 0o755)
      case "lock": (name, code) = ("out/.terrane.lock", 73)
      default: (name, code) = ("out/cache/hashes.jsonl", 0)
      }
      unlink(site.path(name))
      mkfifo(site.path(name), 0o644)
      let ending = try site.run("--quiet")
      #expect(ending.code == code && ending.seconds < 30, "\(ending)")
      if code != 0 {
        #expect(ending.errors.contains("\(name)") && ending.errors.contains("a pipe"), "\(ending.errors)")
      }
      if name.hasSuffix(".safetensors") {
        let inspected = try TerraneCommand.run("inspect", site.path(name))
        #expect(inspected.code == 65 && inspected.errors.contains("a pipe"), "\(inspected)")
      }
    }

    @Test(
      "A scene whose pixels have an absurd size is refused, in pixels and in metres of an overlap",
      arguments: [1e19, 1e5, 1e-17, 1e-150, 1e-160, 1e200], ["resolution=10m", "inference.overlap=320m"])
    func pixelSize(metres: Double, setting: String) throws {
      let site = try TrainedModel.workplace(scenes: ["good"])
      let grid = Grid(
        width: 64, height: 64, transform: GeoTransform(originX: 0, originY: 0, pixelSize: metres),
        crs: try CRS.epsg(32632))
      try SmallScene.write(to: site.path("scenes/absurd.tif"), side: 64, grid: grid)
      let isLarge = metres > 1
      if isLarge && setting.hasPrefix("inference") { return }
      // Twenty pixels of the good scene.
      let own = setting.hasPrefix("inference") ? "inference.overlap=160m" : setting
      let ending = try site.run("--quiet", "--set", own)
      #expect(ending.code == 3 && ending.seconds < 30, "\(metres) \(own): \(ending)")
      #expect(ending.errors.contains("inference:absurd"), "\(ending.errors)")
      #expect(site.exists("out/products/good/landcover.tif"))
    }

    @Test("The deadline ends the reading of inputs too; what is there is as it was, and the next run goes on")
    func deadlineWhilePlanning() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(try site.run().code == 0)
      let before = try site.digests()
      try SmallScene.write(to: site.path("scenes/b.tif"))
      let late = try site.run("--deadline", "0s")
      #expect(late.code == 75 && late.output.contains("not reached: "), "\(late)")
      let summary = try RunSummary(of: site.output)
      #expect(summary.exitCode == 75 && summary.failures.isEmpty)
      #expect(try site.digests() == before)
      #expect(try site.run().code == 0 && site.exists("out/products/b/landcover.tif"))
    }

    @Test("Few file descriptors are no bad data", arguments: [8, 16, 32])
    func descriptors(limit: Int) throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      let ending = try TerraneCommand.shell(
        "ulimit -n \(limit); exec \"$0\" run pipeline.yaml --quiet", in: site.directory)
      #expect([0, 74].contains(ending.code), "\(limit): \(ending)")
      if ending.code == 74 { #expect(ending.errors.contains("Too many open files"), "\(ending.errors)") }
    }

    /// A stack of 200 TB, which the system refuses every thread that does not ask for another.
    private static let noThreads = "ulimit -s 200000000000; export OPENBLAS_NUM_THREADS=1; "

    @Test(
      "Where no thread can be had a run ends with 74 and says so",
      .needs("a stack without limit", "ulimit -s 200000000000"), arguments: [1, 2])
    func threads(count: Int) throws {
      let site = try TrainedModel.workplace()
      try TrainedModel.putLabelledScene(into: site)
      try SmallScene.write(to: site.path("scenes/a.tif"))
      try site.write("pipeline.yaml", TrainedModel.wholeChain)
      let ending = try TerraneCommand.shell(
        Self.noThreads + "exec timeout -s KILL 60 \"$0\" run pipeline.yaml --quiet --threads \(count)",
        in: site.directory)
      #expect(ending.code == 74, "\(ending)")
      let says = count == 1 ? "cannot start a thread ('chips')" : "no 2 threads to compute on"
      #expect(ending.errors.contains(says), "\(ending.errors)")
    }

    @Test("However many scenes are dated in the future, a few lines say so, whatever their names are")
    func datedInFuture() throws {
      let site = try TrainedModel.workplace(scenes: ["good"])
      for name in ["a\nterrane: forged"] + (1...8).map({ "s\($0)" }) {
        try FileManager.default.copyItem(
          atPath: site.path("scenes/good.tif"), toPath: site.path("scenes/\(name).tif"))
        try FileManager.default.setAttributes(
          [.modificationDate: Date() + 1e6], ofItemAtPath: site.path("scenes/\(name).tif"))
      }
      try FileManager.default.setAttributes(
        [.modificationDate: Date() - 1e6], ofItemAtPath: site.path("scenes/good.tif"))
      let ending = try site.run("--quiet", "--set", "settle=1min")
      let lines = ending.errors.split(separator: "\n")
      #expect(ending.code == 0 && lines.count == 4, "\(ending)")
      #expect(lines.first?.hasPrefix("terrane: a\\nterrane: forged: the time of ") == true)
      #expect(lines.last == "terrane: and 6 more scenes whose times lie in the future")
    }

    @Test(
      "Paths of the command line are taken as they are given",
      arguments: [
        "a\nb", "tab\there", "it's", "say \"so\"", "a # b", "${vars.x}", "$${x}", " lead", "next\u{85}line",
        "a: b", "{a}",
      ])
    func oddPaths(name: String) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let ending = try TerraneCommand.run(
        "run", site.pipeline.path, "--quiet", "--output", name, in: site.directory)
      #expect(ending.code == 0, "\(ending.errors)")
      #expect(site.exists("\(name)/products/a/landcover.tif"))
      let there = try TerraneCommand.run(
        "run", site.pipeline.path, "--quiet", "--scenes", "none" + name, "--output", "x", in: site.directory)
      #expect(there.code == 66 && !there.errors.contains("\u{85}"), "\(there.errors)")
    }

    @Test(
      "What YAML would read differently in --set is refused",
      arguments: ["a\nb", "a # b", " lead", "a\u{85}b", "'a\nb'"])
    func oddSettings(value: String) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let ending = try TerraneCommand.run(
        "run", site.pipeline.path, "--quiet", "--set", "output=\(value)", in: site.directory)
      #expect(ending.code == 64 && ending.errors.contains("YAML reads"), "\(ending)")
    }
  }
}
