import ArgumentParser
import Foundation
import Host
import Numerics
import Pipelines
import Runs
import Scenes

/// `terrane work` carries out some jobs of a pipeline file, for a run elsewhere.
struct WorkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "work",
    abstract: "Carry out named jobs of a pipeline file: what a scheduler starts on other machines.",
    discussion: """
      A job is what 'terrane run --dry-run' prints in the first column, stage:subject. Several processes may be at \
      work below one output directory at once, each at jobs of its own. Nothing is swept or removed, and no record of a \
      run is written: the ledger says what is done.

      Exit codes: 0 all jobs are done, 3 some failed, 64 there is no such job, 75 a job's turn has not come or another \
      process is at it; else that of the first failure, as of 'terrane run'.
      """)

  @OptionGroup var options: PipelineOptions

  @Option(
    name: .customLong("jobs"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "The jobs, each with '@' and 16 or more digits of its key where no other will do.",
      valueName: "stage:subject[@key]"))
  var jobs: [String]

  func run() throws {
    SpinningThreads.limit()
    try CommandExit.of {
      Signals.listen()
      let pipeline = try options.read()
      try ThreadSupply.check(ComputeThreads.count)
      UnpackedArchives.shared.keep(below: pipeline.output.path)
      let hashes = pipeline.hashes(remembers: false)
      let plan = try pipeline.plan(hashes)
      try Runner.prepare(output: pipeline.output)
      let worker = Worker(
        JobRunner(
          output: pipeline.output, runID: RunRecord.newID(), threads: ComputeThreads.count,
          cancellation: Signals.cancellation, classify: CompositionRoot.classify, versions: plan.versions,
          ledger: Ledger(output: pipeline.output, hashes: hashes)))
      return try worker.carryOut(jobs.map(Worker.Address.init), of: plan) { outcome in
        var words = outcome.status.word
        if case .failed(let failure) = outcome.status { words += ": \(failure.reason)" }
        try? CommandExit.show("\(outcome.job.id.visibleLine)\t\(words.visibleLine)\n")
      }
    }
  }
}
