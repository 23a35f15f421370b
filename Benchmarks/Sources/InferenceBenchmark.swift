import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import Tensors

/// A network over a batch of images in memory, against every engine that runs the same weights.
struct InferenceBenchmark {
  /// What is run, on how large images, and which network of the peers' that is.
  struct Subject {
    let title: String
    let side: Int
    /// Makes the network again, with the same weights.
    let network: () -> any Network
    let prepared: (any Kernels) -> any PreparedInference
    let peerArguments: [String]
  }

  let threads: Int
  let folder: URL

  func run(_ subject: Subject, _ report: inout Report) throws {
    let batch = 8
    let (input, file) = try BenchmarkNetwork.input(batch: batch, side: subject.side, in: folder)
    var scores: [Precision: Tensor] = [:]
    let precisions = Precision.allCases.filter { KernelSet.computing(in: $0) != nil }
    let ours = precisions.map { precision in
      let prepared = subject.prepared(KernelSet.computing(in: precision)!)
      scores[precision] = prepared(input)
      return Ours(name: "terrane \(precision.rawValue)") { scores[precision] = prepared(input) }
    }
    let engines = [
      ("PyTorch channels-last fp32", "torch"), ("PyTorch bf16 autocast", "torch-bf16"),
      ("ONNX Runtime fp32", "onnxruntime"), ("OpenVINO fp32", "openvino"), ("OpenVINO bf16", "openvino-bf16"),
    ].filter { Machine.hasBF16 || !$0.1.hasSuffix("bf16") }
    let peers = try engines.map { name, engine in
      let work = ["inference", "--engine", engine, "--input", file.path, "--threads", "\(threads)"]
      return try Peer(name, work + subject.peerArguments)
    }
    let contest = try Contest(ours + peers, rounds: 9)
    let megapixels = Double(batch * subject.side * subject.side) / 1e6
    report.section(
      "Inference: \(subject.title), \(batch) images of \(subject.side) x \(subject.side), 13 bands",
      contest, ours: ours.count, unit: "Mpx/s", amount: megapixels)
    let answer = folder.appendingPathComponent("torch.safetensors").path
    _ = try peers[0].round()
    try peers[0].write(to: answer)
    let theirs = try WeightsFile(contentsOf: answer).tensor("output")
    for precision in precisions {
      report.line(
        "terrane \(precision.rawValue) against PyTorch fp32: \(Agreement(scores[precision]!, theirs))")
    }
  }
}

extension InferenceBenchmark.Subject {
  /// The U-Net of the benchmarks.
  static func unet(_ encoder: String, in folder: URL) throws -> Self {
    let network = try BenchmarkNetwork(encoder: encoder, in: folder)
    let side = 256
    return Self(
      title: "U-Net over \(encoder), 6 classes", side: side, network: { network.model.network },
      prepared: { network.model.prepared(height: side, width: side, on: $0) },
      peerArguments: ["--encoder", encoder, "--weights", network.weights.path])
  }

  /// A classifier with fresh weights, which timm runs by the same name.
  static func classifier(_ architecture: String, in folder: URL) throws -> Self {
    let options = NetworkOptions(bands: 13, classes: 10, scheme: .timm)
    let published = Architecture.all.first {
      $0.name == architecture && $0.schemes.contains(.timm)
    }!
    let network = published.network(options, seed: 1)
    let weights = folder.appendingPathComponent("\(architecture).safetensors")
    let tensors = network.parameters.all.map { ($0.path, $0.tensor) }
    try Safetensors(tensors: Dictionary(uniqueKeysWithValues: tensors)).write(to: weights.path)
    let side = 224
    return Self(
      title: "\(architecture), 10 classes", side: side, network: { published.network(options, seed: 1) },
      prepared: { network.prepared(for: [1, 13, side, side], on: $0) },
      peerArguments: ["--architecture", architecture, "--weights", weights.path])
  }
}

/// How alike two results `[N, K, H, W]` or `[N, K]` are.
struct Agreement: CustomStringConvertible {
  /// The largest difference, as a share of the largest score.
  let difference: Double
  /// The share of pixels whose highest score has the same class.
  let sameClass: Double

  init(_ found: Tensor, _ expected: Tensor) {
    let (shape, found, expected) = (found.shape, found.values, expected.values)
    let plane = shape.extents.dropFirst(2).reduce(1, *)
    var (difference, scale) = (Float(0), Float(0))
    for index in found.indices {
      difference = max(difference, abs(found[index] - expected[index]))
      scale = max(scale, abs(expected[index]))
    }
    self.difference = Double(difference / scale)
    func highest(_ values: [Float], _ first: Int) -> Int {
      (0..<shape[1]).max { values[first + $0 * plane] < values[first + $1 * plane] }!
    }
    let same = (0..<shape[0] * plane).count { pixel in
      let first = pixel / plane * shape[1] * plane + pixel % plane
      return highest(found, first) == highest(expected, first)
    }
    sameClass = Double(same) / Double(shape[0] * plane)
  }

  var description: String {
    String(
      format: "scores within %.1e of their scale, %.4f%% of the classes the same", difference, 100 * sameClass
    )
  }
}
