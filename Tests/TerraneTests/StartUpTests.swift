import Testing

extension EndToEnd {
  /// What is loaded, and when.
  @Suite("Start-up")
  struct StartUpTests {
    private static let cron = TerraneCommand.cronEnvironment

    @Test("The version is told without GDAL and its hundred libraries")
    func version() throws {
      let traced = Self.cron.merging(["LD_DEBUG": "files"]) { $1 }
      let ending = try TerraneCommand.run("--version", environment: traced)
      #expect(ending.code == 0 && ending.errors.contains("libc.so"), "the loader was not traced")
      #expect(!ending.errors.contains("libgdal"))
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
