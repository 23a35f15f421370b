import ArgumentParser
import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import Numerics
import Pipelines
import Runs
import Tensors

/// `terrane forward` computes what a network makes of a tensor, so that anyone can compare it with their own
/// PyTorch model.
struct ForwardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "Run published weights on a tensor.",
    discussion: """
      Reads tensor 'input' [N, C, H, W] from a safetensors file, runs it through the network and writes tensor 'output': scores, or \
      of a network without a head its last map (of a vision transformer, ViT, the class token, normalised). 'terrane inspect' names the architecture of a file of weights.
      """)

  @Option(help: "The published name: resnet50, vit_small_patch16_224, unet.")
  var architecture: String

  @Option(help: "The encoder of a segmentation network: resnet34.")
  var encoder: String?

  @Option(help: "The weights: safetensors, .pth, .pt, .ckpt, .onnx or an .index.json.", completion: .file())
  var weights: String

  @Option(
    help:
      "A safetensors file with tensor 'input', and with 'wavelengths' [C] in nanometres for weights that make filters from them.",
    completion: .file())
  var input: String

  @Option(help: "The safetensors file to write.", completion: .file())
  var output: String

  @Option(
    name: .customLong("activation"),
    help: "Also write the result of this part, by the path of PyTorch's module; may be given several times.")
  var activations: [String] = []

  func run() throws {
    SpinningThreads.limit()
    try CommandExit.of {
      try CompositionRoot.prepare()
      try ThreadSupply.check(ComputeThreads.count)
      let network = try loadedNetwork()
      let images = try image(for: network)
      var tensors: [String: Tensor] = [:]
      if !activations.isEmpty {
        let kernels = KernelSet.standard
        let names = network.network.description.maps.map(\.name)
        let maps = network.network.encoderFeatures(
          of: Value(images), in: Pass(.inference, kernels: kernels))
        for name in activations {
          guard let place = names.firstIndex(of: name) else {
            throw ForwardFailure.noActivation(name, architecture: architecture, known: names)
          }
          tensors[name] = kernels.plain(maps[place].tensor)
        }
      }
      let prepared = network.network.prepared(
        for: Shape([1] + images.shape.extents.dropFirst()), on: KernelSet.standard)
      tensors["output"] = Self.asPublished(prepared(images))
      try Safetensors(tensors: tensors).write(to: output)
      return .success
    }
  }

  /// Scores of whole images as their publishers have them, `[N, K]`; others as they are.
  private static func asPublished(_ scores: Tensor) -> Tensor {
    let shape = scores.shape
    guard shape.rank == 4, shape.height == 1, shape.width == 1 else { return scores }
    return Tensor(scores.values, shape: [shape.batch, shape.channels])
  }

  private func loadedNetwork() throws -> (network: any Network, bands: Int) {
    let known = Architecture.all.filter { $0.name == architecture && $0.encoder == encoder }
    guard !known.isEmpty else {
      throw ForwardFailure.noArchitecture(
        encoder.map { "\(architecture) with encoder \($0)" } ?? architecture,
        known: Architecture.all.map(\.description))
    }
    let stored = try WeightsFile(contentsOf: weights)
    let file = try Recognition.unfolded(stored, among: known)
    guard let best = Recognition.candidates(for: file, among: known).first else {
      throw ForwardFailure.otherWeights(weights, architecture: architecture)
    }
    guard best.isOfAnyBands else { return (try best.network(from: file), best.options.bands) }
    let wavelengths = try wavelengths()
    return (try best.network(from: file, wavelengths: wavelengths), wavelengths.count)
  }

  /// The wavelengths of the input's bands, in nanometres.
  private func wavelengths() throws -> [Double] {
    let file = try WeightsFile(contentsOf: input)
    guard file["wavelengths"] != nil else { throw ForwardFailure.noWavelengths(input) }
    let values = try file.tensor("wavelengths").values.map(Double.init)
    guard !values.isEmpty, values.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw ForwardFailure.noWavelengths(input)
    }
    return values
  }

  private func image(for network: (network: any Network, bands: Int)) throws -> Tensor {
    let images = try WeightsFile(contentsOf: input).tensor("input")
    guard images.shape.rank == 4, images.shape.count > 0, images.shape.channels == network.bands else {
      throw ForwardFailure.wrongInput(input, images.shape, bands: network.bands)
    }
    return images
  }
}
