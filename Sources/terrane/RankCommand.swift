import ArgumentParser
import Foundation
import Host
import Numerics
import Pipelines
import Runs

/// `terrane rank` tells which weights will probably transfer best, before any training.
struct RankCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank",
    abstract: "Rank weights by how well they will probably transfer to a pipeline's labels.",
    discussion: """
      Each file is loaded as the pipeline's pretrain-load would load it, and looks at the labelled pixels of data.target once; nothing \
      is trained. The ranking goes by LogME and H-score of the encoder's features; LEEP and NCE need weights that know \
      classes of their own. The scores compare weights on the same labels; they are no accuracies.
      """)

  @Argument(help: "The pipeline file.", completion: .file(extensions: ["yaml", "yml"]))
  var pipeline: String

  @Argument(help: "Weights: safetensors, .pth, .pt, .ckpt, .onnx or an .index.json.", completion: .file())
  var weights: [String]

  @Option(
    help:
      "How many threads to use; all that affinity, control groups and SLURM_CPUS_PER_TASK leave without it.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads must be from 1 to 1024")
    }
  }

  func run() throws {
    SpinningThreads.limit()
    try CommandExit.of {
      let ranked = try Pipeline.read(pipeline, stages: CompositionRoot.stages, checksPaths: false)
      for path in weights where !FileManager.default.fileExists(atPath: path) {
        throw InputFailure.missing(path)
      }
      try CompositionRoot.prepare(allowVRT: ranked.file.allowVRT, threads: threads)
      try ThreadSupply.check(ComputeThreads.count)
      let ranking = try WeightRanking(ranked)
      let notes = try ranking.labelNotes()
      let (rows, failures) = try ranking.rows(weights.map { URL(fileURLWithPath: $0) })
      if rows.isEmpty, let first = failures.first?.error { throw first }
      try CommandExit.show(RankingTable.text(rows) + notes.map { "note: \($0.visibleLine)\n" }.joined())
      for (_, error) in failures {
        CommandExit.say("terrane: not ranked: \(CommandExit.failure(error).reason.visibleLine)")
      }
      return failures.isEmpty ? .success : .partial
    }
  }
}
