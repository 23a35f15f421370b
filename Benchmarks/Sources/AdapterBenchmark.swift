import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import Tensors

/// Training steps of low-rank updates of a transformer's matrices, and of its head, against peft in PyTorch.
struct AdapterBenchmark {
  let architecture: String
  let threads: Int
  let folder: URL
  private let rank = 8

  func run(_ report: inout Report) throws {
    let (batch, side) = (8, 224)
    let subject = try InferenceBenchmark.Subject.classifier(architecture, in: folder)
    let (input, file) = try BenchmarkNetwork.input(batch: batch, side: side, in: folder)
    let targets = (0..<batch).map { UInt8($0) }
    try Safetensors(tensors: ["input": input, "targets": Tensor(targets.map(Float.init), shape: [batch])])
      .write(to: file.path)
    let kernels = KernelSet.standard
    let network = subject.network()
    network.parameters.freeze([""])
    let updates = LowRankUpdates(.init(rank: rank), on: network.parameters, seed: 1) {
      $0.path.hasPrefix("blocks.")
    }
    for parameter in network.parameters.all where parameter.path.hasPrefix("head.") {
      parameter.isTrainable = true
    }
    let learner = Learner(network, on: kernels)
    let ours = Ours(name: "terrane fp32") { learner.step(input, targets) }
    let peers = try [("PyTorch fp32", "fp32"), ("PyTorch bf16 autocast", "bf16")]
      .filter { Machine.hasBF16 || $0.1 != "bf16" }
      .map { name, precision in
        try Peer(
          name,
          ["adapter", "--rank", "\(rank)", "--input", file.path, "--threads", "\(threads)"]
            + ["--precision", precision] + subject.peerArguments)
      }
    let contest = try Contest([ours] + peers, rounds: 7, warmUps: 2)
    report.section(
      "Step of \(updates.places.count) low-rank updates of rank \(rank): \(architecture), \(batch) images of "
        + "\(side) x \(side), AdamW", contest, ours: 1, unit: "images/s", amount: Double(batch))
    report.line(
      String(
        format:
          "terrane fp32: losses of %d steps from the same weights %.5f to %.5f; PyTorch fp32 %.5f to %.5f",
        learner.losses.count, learner.losses.first!, learner.losses.last!, peers[0].losses.first!,
        peers[0].losses.last!))
  }
}
