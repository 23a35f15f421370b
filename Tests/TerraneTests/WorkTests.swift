import Foundation
import Testing

extension EndToEnd {
  /// What a scheduler does: plans by `--dry-run`, and starts a process for each job.
  @Suite("Work on jobs")
  struct WorkTests {
    @Test("Jobs carried out by processes of their own, two at once, leave what one run leaves")
    func jobs() throws {
      let (site, whole) = (
        try TrainedModel.workplace(scenes: ["a", "b"]), try TrainedModel.workplace(scenes: ["a", "b"])
      )
      #expect(try whole.run("--quiet").code == 0)
      let plan = try site.run("--dry-run")
      let jobs = plan.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
      #expect(jobs.count == 5, "\(plan)")
      for stage in ["pretrain-load", "inference", "geotiff"] {
        let own = jobs.filter { $0.hasPrefix(stage + ":") }
        let processes = own.map { "\"$0\" work pipeline.yaml --jobs \($0) & pids=\"$pids $!\"" }
        let script = processes.joined(separator: "\n") + "\nfor pid in $pids; do wait $pid || exit $?; done"
        let ending = try TerraneCommand.shell(script, in: site.directory)
        #expect(ending.code == 0, "\(ending)")
        for job in own { #expect(ending.output.contains("\(job)\tdone\n"), "\(ending)") }
      }
      #expect(try site.digests() == whole.digests())
      let latest = { (site: Workplace) in
        try FileManager.default.destinationOfSymbolicLink(atPath: site.path("out/models/latest"))
      }
      #expect(try latest(site) == latest(whole))
      let after = try site.run()
      #expect(try after.code == 0 && RunSummary(of: site.output).done.isEmpty, "\(after)")
    }

    @Test("A job before its turn ends with 75, one that is not planned with 64")
    func endings() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      func work(_ job: String) throws -> TerraneCommand.CommandExit {
        try TerraneCommand.shell("exec \"$0\" work pipeline.yaml --jobs \(job)", in: site.directory)
      }
      let early = try work("inference:a")
      #expect(early.code == 75 && early.output.contains("is to be done before it"), "\(early)")
      let unknown = try work("inference:c")
      #expect(unknown.code == 64 && unknown.errors.contains("there is no job 'inference:c'"), "\(unknown)")
    }
  }
}
