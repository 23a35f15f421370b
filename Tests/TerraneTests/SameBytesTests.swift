import Foundation
import Testing
import Transfer

extension EndToEnd {
  /// The same input gives the same bytes, wherever and however the command runs.
  @Suite("Bytes of products")
  struct SameBytesTests {
    @Test("Maps of one model are the same for one thread and two")
    func threads() throws {
      let site = try TrainedModel.workplace(scenes: ["a", "b"])
      for threads in ["1", "2"] {
        #expect(try site.run("--threads", threads, "--output", site.path("with-\(threads)")).code == 0)
      }
      let one = try site.digests(in: site.directory.appendingPathComponent("with-1"))
      #expect(try site.digests(in: site.directory.appendingPathComponent("with-2")) == one)
      #expect(one.keys.contains("products/a/landcover.tif") && one.keys.contains("products/b/confidence.tif"))
    }

    @Test("A whole run, training included, is the same elsewhere, from elsewhere and in another environment")
    func wholeRun() throws {
      let site = try Workplace()
      try TrainedModel.putLabelledScene(into: site)
      try SmallScene.write(to: site.path("scenes/a.tif"))
      try site.write("pipeline.yaml", TrainedModel.wholeChain)
      var results: [[String: String]] = []
      func run(_ arguments: [String], in directory: URL?, environment: [String: String], output: String)
        throws
      {
        let all = ["run", "--threads", "2"] + arguments
        let ending = try TerraneCommand.start(all, in: directory, environment: environment).end()
        #expect(ending.code == 0, "\(ending.errors)")
        results.append(try site.digests(in: site.directory.appendingPathComponent(output)))
      }
      let cron = TerraneCommand.cronEnvironment
      try run([site.pipeline.path], in: URL(fileURLWithPath: "/"), environment: cron, output: "out")
      try run(
        ["pipeline.yaml", "--output", "deep/second", "--scenes", "scenes/../scenes"], in: site.directory,
        // OpenBLAS takes another CPU's code where it is told to: other kernels, which are part of every key.
        environment: ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("OPENBLAS") }.merging(
          ["LC_ALL": "de_DE.UTF-8", "GDAL_NUM_THREADS": "ALL_CPUS", "TZ": "Asia/Tokyo"]) { $1 },
        output: "deep/second")
      let moved = site.directory.appendingPathComponent("moved")
      try FileManager.default.createDirectory(at: moved, withIntermediateDirectories: true)
      for name in ["pipeline.yaml", "labelled.tif", "labels.tif", "scenes"] {
        try FileManager.default.copyItem(
          at: site.directory.appendingPathComponent(name), to: moved.appendingPathComponent(name))
      }
      try run(["moved/pipeline.yaml"], in: site.directory, environment: cron, output: "moved/out")
      #expect(results[0].count > 8)
      #expect(results[1] == results[0] && results[2] == results[0])
    }
  }
}
