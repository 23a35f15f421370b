import Checkpoints
import Foundation
import Models
import Tensors

/// A network over a batch of chips in memory, against every engine that runs the same weights.
struct InferenceBenchmark {
  let encoder: String
  let threads: Int
  let folder: URL

  func run(_ report: inout Report) throws {
    let (batch, side) = (8, 256)
    let network = try BenchmarkNetwork(encoder: encoder, in: folder)
    let (input, file) = try network.input(batch: batch, side: side, in: folder)
    var scores: [Precision: Tensor] = [:]
    let precisions = Precision.allCases.filter { KernelSet.computing(in: $0) != nil }
    let ours = precisions.map { precision in
      let kernels = KernelSet.computing(in: precision)!
      let prepared = network.model.prepared(height: side, width: side, on: kernels)
      scores[precision] = prepared(input)
      return Ours(name: "terrane \(precision.rawValue)") { scores[precision] = prepared(input) }
    }
    let engines = [
      ("PyTorch channels-last fp32", "torch"), ("PyTorch bf16 autocast", "torch-bf16"),
      ("ONNX Runtime fp32", "onnxruntime"), ("OpenVINO fp32", "openvino"), ("OpenVINO bf16", "openvino-bf16"),
    ].filter { Machine.hasBF16 || !$0.1.hasSuffix("bf16") }
    let peers = try engines.map { name, engine in
      try Peer(
        name,
        [
          "inference", "--engine", engine, "--encoder", encoder, "--weights", network.weights.path, "--input",
          file.path, "--threads", "\(threads)",
        ])
    }
    let contest = try Contest(ours + peers, rounds: 9)
    let megapixels = Double(batch * side * side) / 1e6
    report.section(
      "Inference: U-Net over \(encoder), \(batch) chips of \(side) x \(side), 13 bands, 6 classes",
      contest, ours: ours.count, unit: "Mpx/s", amount: megapixels)
    let answer = folder.appendingPathComponent("torch.safetensors").path
    _ = try peers[0].round()
    try peers[0].write(to: answer)
    let theirs = try Safetensors(contentsOf: answer).tensors["output"]!
    for precision in precisions {
      report.line(
        "terrane \(precision.rawValue) against PyTorch fp32: \(Agreement(scores[precision]!, theirs))")
    }
  }
}

/// How alike two results `[N, K, H, W]` are.
struct Agreement: CustomStringConvertible {
  /// The largest difference, as a share of the largest score.
  let difference: Double
  /// The share of pixels whose highest score has the same class.
  let sameClass: Double

  init(_ found: Tensor, _ expected: Tensor) {
    let (shape, found, expected) = (found.shape, found.values, expected.values)
    let plane = shape.height * shape.width
    var (difference, scale) = (Float(0), Float(0))
    for index in found.indices {
      difference = max(difference, abs(found[index] - expected[index]))
      scale = max(scale, abs(expected[index]))
    }
    self.difference = Double(difference / scale)
    func highest(_ values: [Float], _ first: Int) -> Int {
      (0..<shape.channels).max { values[first + $0 * plane] < values[first + $1 * plane] }!
    }
    let same = (0..<shape.batch * plane).count { pixel in
      let first = pixel / plane * shape.channels * plane + pixel % plane
      return highest(found, first) == highest(expected, first)
    }
    sameClass = Double(same) / Double(shape.batch * plane)
  }

  var description: String {
    String(
      format: "scores within %.1e of their scale, %.4f%% of the classes the same", difference, 100 * sameClass
    )
  }
}
