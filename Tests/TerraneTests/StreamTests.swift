import Foundation
import Rasters
import Testing
import Transfer

extension EndToEnd {
  /// Standard streams that cannot be written to, and machines that lack what a process usually finds.
  @Suite("Streams and surroundings")
  struct StreamTests {
    /// What a stream may be.
    enum State: String, CaseIterable {
      case whole, full, closed, broken

      func redirection(of descriptor: Int) -> String {
        switch self {
        case .whole: "\(descriptor)>/dev/null"
        case .full: "\(descriptor)>/dev/full"
        case .closed: "\(descriptor)>&-"
        case .broken: "\(descriptor)> >(exec <&-)"
        }
      }
    }

    @Test(
      "A run ends with the code of its products and a finished record, whatever its streams are",
      arguments: State.allCases, State.allCases)
    func run(output: State, errors: State) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let streams = "\(output.redirection(of: 1)) \(errors.redirection(of: 2))"
      let plain = try TerraneCommand.shell("exec \"$0\" run pipeline.yaml \(streams)", in: site.directory)
      #expect(plain.code == 0, "\(output) \(errors)")
      #expect(try RunSummary(of: site.output).members["state"] as? String == "finished")
      try site.write("scenes/bad.tif", "no raster")
      let partly = try TerraneCommand.shell(
        "exec \"$0\" run pipeline.yaml --quiet \(streams)", in: site.directory)
      let summary = try RunSummary(of: site.output)
      #expect(partly.code == 3 && summary.exitCode == 3 && summary.members["state"] as? String == "finished")
    }

    @Test(
      "What was asked for and cannot be written ends with 74, and quietly where the reader is gone",
      arguments: [
        "schema", "init", "--help", "--version", "run --help", "validate pipeline.yaml",
        "inspect scenes/a.tif",
        "run pipeline.yaml --dry-run", "--generate-completion-script bash",
      ], State.allCases)
    func text(arguments: String, output: State) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let wait = output == .broken ? "sleep 0.1; " : ""
      let ending = try TerraneCommand.shell(
        "(\(wait)exec \"$0\" \(arguments)) \(output.redirection(of: 1))", in: site.directory)
      let reasons: [State: (Int32, String)] = [
        .whole: (0, ""), .broken: (141, ""),
        .full: (74, "terrane: cannot write to standard output: No space left on device\n"),
        .closed: (74, "terrane: cannot write to standard output: Bad file descriptor\n"),
      ]
      let (code, says) = reasons[output]!
      // The forecast of a dry run is no part of what programs read of it.
      let lines = ending.errors.split(separator: "\n", omittingEmptySubsequences: false)
      let forecast = lines.filter { $0.hasPrefix("terrane: 3 jobs to do, ") }
      #expect(forecast.count <= 1 && (forecast.isEmpty || arguments.hasSuffix("--dry-run")))
      if output == .whole { #expect(forecast.isEmpty != arguments.hasSuffix("--dry-run")) }
      let errors = lines.filter { !forecast.contains($0) }.joined(separator: "\n")
      #expect(ending.code == code && errors == says, "\(arguments) \(output): \(ending)")
    }

    @Test(
      "No text comes into a file that is opened where a stream was closed",
      arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func closed(streams: String) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      #expect(
        try TerraneCommand.shell("exec \"$0\" run pipeline.yaml --output ref", in: site.directory).code == 0)
      try site.write("scenes/bad.tif", "no raster")
      let ending = try TerraneCommand.shell("exec \"$0\" run pipeline.yaml \(streams)", in: site.directory)
      #expect(ending.code == 3)
      let products = try site.digests().filter { $0.key.contains("/a/") }
      #expect(
        try products
          == site.digests(in: URL(fileURLWithPath: site.path("ref"))).filter { $0.key.contains("/a/") })
      for name in Workplace.files(below: site.output) {
        let content = try Data(contentsOf: site.output.appendingPathComponent(name))
        #expect(content.range(of: Data("terrane: inference:bad".utf8)) == nil, "\(name)")
      }
    }

    @Test(
      "Without /proc a command does what it is asked for, and says what is wrong with it",
      .needs("root, to undo a mount", "unshare -m umount -l /proc"))
    func withoutProcesses() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let line = "exec unshare -m --propagation private bash -c 'umount -l /proc; exec \"$0\" \"$@\"' \"$0\" "
      let run = try TerraneCommand.shell(line + "run pipeline.yaml", in: site.directory)
      #expect(run.code == 0 && site.exists("out/products/a/landcover.tif"), "\(run)")
      #expect(try TerraneCommand.shell(line + "run none.yaml", in: site.directory).code == 66)
      let version = try TerraneCommand.shell(line + "--version", in: site.directory)
      #expect(version.code == 0 && version.output.contains("\nrasters: GDAL"), "\(version)")
      #expect(try TerraneCommand.shell(line + "run pipeline.yaml --bogus", in: site.directory).code == 64)
    }

    @Test(
      "An argument that is no text is refused by its escaped name", arguments: ["run", "inspect", "validate"])
    func argument(command: String) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let ending = try TerraneCommand.shell("exec \"$0\" \(command) $'L\\xe9on.tif'", in: site.directory)
      #expect(
        ending.code == 64 && ending.errors.contains("'L\\351on.tif': its name is not UTF-8"), "\(ending)")
    }

    @Test("Where GDAL's libraries find no memory the command ends", arguments: [250_000, 300_000])
    func littleMemory(kilobytes: Int) throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let ending = try TerraneCommand.shell(
        "ulimit -v \(kilobytes); exec timeout -s KILL 30 \"$0\" run pipeline.yaml --quiet", in: site.directory
      )
      #expect(ending.code == 69 && ending.errors.contains("cannot load GDAL"), "\(kilobytes): \(ending)")
    }

    @Test("Control characters in metadata and names of tensors are shown escaped")
    func escapes() throws {
      let site = try TrainedModel.workplace()
      let grid = Grid(width: 2, height: 2)
      // terrane writes no control characters, so others' file is made of letters that are replaced.
      let writer = try RasterWriter(
        path: site.path("m.tif"), grid: grid,
        options: .init(type: .byte, bandNames: ["bE[31m"], metadata: ["NOTE": "xE]0;titleBy"]))
      try writer.write(grid.bounds, band: 1, [UInt8](repeating: 1, count: 4))
      try writer.close()
      var raster = try Data(contentsOf: URL(filePath: site.path("m.tif")))
      for (letters, controls) in [("bE[31m", "b\u{1B}[31m"), ("xE]0;titleBy", "x\u{1B}]0;title\u{07}y")] {
        raster.replaceSubrange(try #require(raster.range(of: Data(letters.utf8))), with: Data(controls.utf8))
      }
      try site.write("m.tif", raster)
      let header = "{\"a\\u001b[31m\\u0007\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}}"
      var weights = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      weights.append(Data(header.utf8))
      try site.write("w.safetensors", weights)
      for (name, shown) in [
        ("m.tif", "x\\033]0;title\\ay"), ("m.tif", "b\\033[31m"), ("w.safetensors", "a\\033[31m\\a"),
      ] {
        let ending = try TerraneCommand.run("inspect", site.path(name))
        #expect(
          ending.code == 0 && ending.output.contains(shown) && !ending.output.contains("\u{1B}"), "\(ending)")
      }
    }
  }
}
