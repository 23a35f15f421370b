import Foundation
import Testing
import Transfer

extension EndToEnd {
  /// What is loaded, and when.
  @Suite("Start-up")
  struct StartUpTests {
    private static let cron = TerraneCommand.cronEnvironment

    @Test("Help and schema are told without GDAL and its hundred libraries", arguments: ["--help", "schema"])
    func withoutGDAL(argument: String) throws {
      let traced = Self.cron.merging(["LD_DEBUG": "files"]) { $1 }
      let ending = try TerraneCommand.run(argument, environment: traced)
      #expect(ending.code == 0 && ending.errors.contains("libc.so"), "the loader was not traced")
      #expect(!ending.errors.contains("libgdal"))
    }

    @Test(
      "The version stands alone in the first line; then kernels, instructions, GDAL, threads and confinement, for reports of bugs"
    )
    func version() throws {
      let lines = try TerraneCommand.run("--version", environment: Self.cron).output.split(separator: "\n")
      #expect(lines.first?.allSatisfy { $0.isNumber || $0 == "." } == true, "\(lines)")
      #expect(
        lines.dropFirst().map { $0.prefix { $0 != ":" } } == [
          "kernels", "instructions", "rasters", "threads", "confined by",
        ],
        "\(lines)")
      #expect(lines.contains { $0.hasPrefix("rasters: GDAL 3") && $0.contains("PROJ") }, "\(lines)")
    }

    @Test("Waiting threads sleep early, in the same process, unless the user says how they wait")
    func waiting() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      func loads(_ environment: [String: String]) throws -> Int {
        let traced = Self.cron.merging(environment.merging(["LD_DEBUG": "files"]) { $1 }) { $1 }
        let run = try TerraneCommand.start(["run", site.pipeline.path, "--quiet"], environment: traced).end()
        #expect(run.code == 0)
        // The loader writes the process before each line, and starts anew with the program.
        #expect(
          Set(run.errors.split(separator: "\n").compactMap { $0.split(separator: ":").first }).count == 1)
        return run.errors.split(separator: "\n").count { $0.contains("initialize program:") }
      }
      let usual = ProcessInfo.processInfo.environment["TERRANE_KERNELS"] == "reference" ? 1 : 2
      #expect(try loads([:]) == usual)
      #expect(try loads(["GOMP_SPINCOUNT": "10"]) == 1)
      #expect(try loads(["OMP_WAIT_POLICY": "passive"]) == 1)
    }

    @Test("A loader that is told to bind every function at the start gets a message, not a crash")
    func immediateBinding() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let eager = Self.cron.merging(["LD_BIND_NOW": "1"]) { $1 }
      let ending = try TerraneCommand.run("inspect", site.path("scenes/a.tif"), environment: eager)
      #expect(ending.code == 69 && ending.errors.contains("LD_BIND_NOW is set"), "\(ending)")
    }
  }
}
