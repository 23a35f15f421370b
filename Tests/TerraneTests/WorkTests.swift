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

    @Test("Elements of a cluster are told to refresh versions as the run is")
    func refresh() throws {
      let site = try TrainedModel.workplace(scenes: ["a"])
      try FileManager.default.createDirectory(atPath: site.path("bin"), withIntermediateDirectories: true)
      // Carries an array out at once and forgets it.
      try site.write(
        "bin/sbatch",
        """
        #!/bin/bash
        for word; do
          case $word in
          --wrap=*) script=${word#--wrap=} ;;
          --array=0-*) last=${word#--array=0-} ;;
          esac
        done
        echo "$script" >>"${0%/*}/scripts"
        for ((element = 0; element <= last; element++)); do
          SLURM_ARRAY_TASK_ID=$element bash -c "$script" >>"${0%/*}/log" 2>&1 </dev/null
        done
        echo 100
        """)
      for name in ["squeue", "scontrol", "sinfo", "scancel"] {
        try site.write("bin/\(name)", "#!/bin/bash\n")
      }
      let ending = try TerraneCommand.shell(
        "chmod +x bin/*; PATH=$PWD/bin:$PATH exec \"$0\" run pipeline.yaml --on slurm --wait --refresh versions",
        in: site.directory)
      #expect(ending.code == 0, "\(ending)")
      let scripts = try String(
        contentsOf: site.directory.appendingPathComponent("bin/scripts"), encoding: .utf8
      )
      .split(separator: "\n")
      #expect(
        scripts.count >= 2 && scripts.allSatisfy { $0.contains("'--refresh' 'versions'") }, "\(scripts)")
    }

    @Test(
      "A process of several that fails ends the others, which wait for it",
      .needs("Open MPI", "command -v mpirun"), .timeLimit(.minutes(20)))
    func ranks() throws {
      let site = try Workplace()
      try TrainedModel.putLabelledScene(into: site)
      try SmallScene.write(to: site.path("scenes/first.tif"))
      try site.write("pipeline.yaml", TrainedModel.wholeChain)
      let ending = try TerraneCommand.shell(
        """
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 TERRANE=$0
        timeout 60 mpirun --oversubscribe -n 2 bash -c 'case $OMPI_COMM_WORLD_RANK in
          0) exec "$TERRANE" work pipeline.yaml --threads 1 --shards none --shard 0 ;;
          *) exec "$TERRANE" work pipeline.yaml --threads 1 --jobs fine-tune:fine-tune ;;
          esac'
        """, in: site.directory)
      #expect(ending.code == 66, "\(ending)")
      #expect(ending.errors.contains("terrane: process 0: cannot read "), "\(ending)")
    }
  }
}
