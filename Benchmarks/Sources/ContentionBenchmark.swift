import Checkpoints
import Foundation
import Tensors

/// How much longer a training takes beside other busy processes than alone: threads that spin while they wait
/// for each other keep the processors from the one that they wait for.
struct ContentionBenchmark {
  let threads: Int
  let folder: URL

  private static let busy = 2

  func run(_ report: inout Report) throws {
    let learners: [any Contestant] = [ours, try peer()]
    let contest = try Contest(learners + learners.map { Beside(Self.busy, of: $0) }, rounds: 5)
    report.heading("Training beside \(Self.busy) busy processes")
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let fair = max(1, Double(threads + Self.busy) / Double(processors))
    report.line(
      String(
        format: "\(threads) threads on \(processors) processors: a fair share takes %.1f times as long.", fair
      ))
    report.line()
    report.line("| | s alone | s beside them | slower by |")
    report.line("|---|---:|---:|---:|")
    for index in learners.indices {
      let beside = index + learners.count
      report.line(
        String(
          format: "| \(contest.names[index]) | %.2f | %.2f | \(contest.ratio(beside, to: index)) |",
          contest.median(index), contest.median(beside)))
    }
    report.line()
  }

  /// The command, as people run it: two passes over the labels of the sample data.
  private var ours: Ours {
    let package = Peers.folder.deletingLastPathComponent().deletingLastPathComponent()
    let output = folder.appendingPathComponent("contention")
    let training = Command(
      Command.terrane,
      [
        "run", package.appendingPathComponent("pipelines/pretrain.yaml").path, "--quiet", "--output",
        output.path,
        "--threads", "\(threads)", "--set", "fine-tune.epochs=2",
      ])
    return Ours(name: "terrane run, two passes") {
      try? FileManager.default.removeItem(at: output)
      try training.run()
    }
  }

  private func peer() throws -> Peer {
    let (batch, side) = (8, 128)
    let network = try BenchmarkNetwork(encoder: "resnet18", in: folder)
    let (input, file) = try BenchmarkNetwork.input(batch: batch, side: side, in: folder)
    let targets = (0..<batch * side * side).map { Float(($0 / side / 32 + $0 % side / 32) % 6) }
    try Safetensors(tensors: ["input": input, "targets": Tensor(targets, shape: [batch, side, side])])
      .write(to: file.path)
    return try Peer(
      "PyTorch channels-last fp32, a step",
      [
        "training", "--precision", "fp32", "--encoder", "resnet18", "--weights", network.weights.path,
        "--input",
        file.path, "--threads", "\(threads)",
      ])
  }
}

/// A contestant's work while other processes do nothing but compute.
private struct Beside: Contestant {
  let name: String
  private let count: Int
  private let contestant: any Contestant

  init(_ count: Int, of contestant: any Contestant) {
    (self.count, self.contestant) = (count, contestant)
    name = contestant.name + " beside \(count) others"
  }

  func round() throws -> Double {
    let others = (0..<count).map { _ in Process() }
    defer {
      for process in others where process.isRunning {
        process.terminate()
        process.waitUntilExit()
      }
    }
    for process in others {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = ["-c", "while :; do :; done"]
      try process.run()
    }
    return try contestant.round()
  }
}
