import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import Tensors

/// Training steps (forward, backward, AdamW) on batches of chips, against PyTorch from the same weights on the same chips.
struct TrainingBenchmark {
  let encoder: String
  let batch, side: Int
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let network = try BenchmarkNetwork(encoder: encoder, in: folder)
    let (input, file) = try BenchmarkNetwork.input(batch: batch, side: side, in: folder)
    let targets = (0..<batch * side * side).map { UInt8(($0 / side / 32 + $0 % side / 32) % 6) }
    try Safetensors(tensors: [
      "input": input, "targets": Tensor(targets.map(Float.init), shape: [batch, side, side]),
    ]).write(to: file.path)
    let learners = try Precision.allCases.compactMap { precision in
      try KernelSet.computing(in: precision).map {
        (name: "terrane \(precision.rawValue)", learner: Learner(try network.copy().network, on: $0))
      }
    }
    let ours = learners.map { name, learner in Ours(name: name) { learner.step(input, targets) } }
    let layouts = [
      ("PyTorch channels-last fp32", ["--precision", "fp32"]),
      ("PyTorch fp32", ["--precision", "fp32", "--layout", "contiguous"]),
      ("PyTorch bf16 autocast", ["--precision", "bf16"]),
    ].filter { Machine.hasBF16 || $0.1[1] != "bf16" }
    let peers = try layouts.map { name, options in
      try Peer(
        name,
        [
          "training", "--encoder", encoder, "--weights", network.weights.path, "--input", file.path,
          "--threads", "\(threads)",
        ] + options)
    }
    let contest = try Contest(ours + peers, rounds: 7, warmUps: 2)
    report.section(
      "Training step: U-Net over \(encoder), \(batch) chips of \(side) x \(side), AdamW", contest,
      ours: ours.count,
      unit: "chips/s", amount: Double(batch))
    let theirs = peers[0].losses
    for (name, learner) in learners {
      let largest = zip(learner.losses, theirs).map { abs($0 - $1) / abs($1) }.max()!
      report.line(
        name
          + String(
            format:
              ": losses of %d steps from the same weights %.5f to %.5f; PyTorch fp32 %.5f to %.5f; largest "
              + "relative difference %.1e", theirs.count, learner.losses.first!, learner.losses.last!,
            theirs.first!, theirs.last!, largest))
    }
  }
}
