import Foundation
import Testing

extension EndToEnd {
  /// What a run leaves that a job of a cluster carries out.
  @Suite("Runs that are handed over")
  struct HandedOverRunTests {
    /// Stand-ins of Slurm's programs: a queue that is empty, and what `sbatch` does.
    private func run(submitting script: String, in site: Workplace) throws -> TerraneCommand.CommandExit {
      let bin = site.path("bin")
      try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
      for (name, script) in [("squeue", "exit 0"), ("sbatch", script)] {
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(fileURLWithPath: "\(bin)/\(name)"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(bin)/\(name)")
      }
      return try TerraneCommand.start(
        ["run", site.pipeline.path, "--on", "slurm", "--metrics-file", "x.prom"], in: site.directory,
        environment: ["HOME": site.directory.path, "PATH": "\(bin):/usr/bin:/bin"]
      ).end()
    }

    @Test("One that was handed over writes no figures: it has not succeeded yet; one that cannot be does")
    func metrics() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      let handed = try run(submitting: "echo \"$@\" > \"$HOME/words\"; echo 77", in: site)
      #expect(handed.code == 0 && handed.errors.contains("job 77 of the cluster"), "\(handed)")
      #expect(!site.exists("x.prom"))
      let words = try String(contentsOfFile: site.path("words"), encoding: .utf8)
      #expect(words.contains("'--metrics-file' '\(site.path("x.prom"))'"), "\(words)")
      let refused = try run(submitting: "echo 'no such account' >&2; exit 1", in: site)
      let figures = try String(contentsOfFile: site.path("x.prom"), encoding: .utf8)
      #expect(refused.code != 0 && figures.contains("} \(refused.code)\n"), "\(refused) \(figures)")
      #expect(!figures.contains("last_success"), "\(figures)")
    }
  }
}
