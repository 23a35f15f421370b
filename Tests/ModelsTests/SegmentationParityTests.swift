import CPUKernels
import Checkpoints
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// A segmentation network and a shape of which `Golden/write_segmentation.py` wrote what PyTorch makes of it.
struct SegmentationCase: CustomTestStringConvertible, Sendable {
  /// `<architecture>/<encoder>/<N>x<C>x<H>x<W>`, at times `/2-dates`.
  let key: String
  var testDescription: String { key }
  private var parts: [String] { key.split(separator: "/").map(String.init) }
  var shape: Shape { Shape(parts[2].split(separator: "x").map { Int($0)! }) }

  /// The network with the weights of the rule.
  func network(classes: Int) throws -> any Network {
    let architecture = try #require(Architecture.named(parts[0], encoder: parts[1]))
    let isOfTwoDates = parts.dropFirst(3).first == "2-dates"
    let network = architecture.network(
      bands: isOfTwoDates ? shape.channels / 2 : shape.channels,
      comparing: isOfTwoDates ? .concatenation : nil, classes: classes, seed: nil)
    HashedNetwork.fill(network.parameters)
    return network
  }

  /// Those of a file, in the order of their keys.
  static func all(of golden: [String: Tensor]) -> [SegmentationCase] {
    let keys = golden.keys.map { name in
      let parts = name.split(separator: "/")
      return parts.prefix(parts.dropFirst(3).first == "2-dates" ? 4 : 3).joined(separator: "/")
    }
    return Set(keys).sorted().map(Self.init)
  }
}

/// Against torchvision and segmentation_models_pytorch in float64, whose own float32 is within 1e-5 of it.
@Suite("Segmentation networks are those of PyTorch", .serialized)
struct SegmentationParityTests {
  private static let golden = try! HashedNetwork.golden("segmentation.safetensors")

  @Test(
    "scores from the same weights, as they are and prepared", arguments: SegmentationCase.all(of: golden))
  func scores(case: SegmentationCase) throws {
    let (network, shape) = (try `case`.network(classes: 5), `case`.shape)
    let images = HashedValues("images." + `case`.key).tensor(shape, scale: 2)
    let expected = try #require(Self.golden[`case`.key]).values
    for kernels in KernelSet.all {
      let scores = network(Value(images), in: Pass(.inference, kernels: kernels)).scores.tensor
      #expect(scores.shape == [shape.batch, 5, shape.height, shape.width])
      let found = HashedNetwork.sampled(kernels.plain(scores).values, limit: 2048)
      #expect(scaledDifference(found, expected) < 1e-4, "\(kernels.name)")
      let prepared = network.prepared(for: [1, shape.channels, shape.height, shape.width], on: kernels)
      let ready = prepared(images)
      #expect(
        scaledDifference(HashedNetwork.sampled(ready.values, limit: 2048), expected) < 2e-4,
        "prepared, \(kernels.name)")
    }
  }

  private static let terratorch = try! HashedNetwork.golden("terratorch.safetensors")

  @Test(
    "transformers behind a neck are those of TerraTorch, with running statistics, a batch's, and prepared",
    arguments: SegmentationCase.all(of: terratorch))
  func necks(case: SegmentationCase) throws {
    let (network, shape) = (try `case`.network(classes: 5), `case`.shape)
    let images = HashedValues("images." + `case`.key).tensor(shape, scale: 2)
    let expected = try #require(Self.terratorch[`case`.key]).values
    for kernels in KernelSet.all {
      func sampled(_ tensor: Tensor) -> [Float] {
        HashedNetwork.sampled(kernels.plain(tensor).values, limit: 2048)
      }
      let scores = network(Value(images), in: Pass(.inference, kernels: kernels)).scores.tensor
      #expect(scores.shape == [shape.batch, 5, shape.height, shape.width])
      #expect(scaledDifference(sampled(scores), expected) < 1e-4, "\(kernels.name)")
      let prepared = network.prepared(for: [1, shape.channels, shape.height, shape.width], on: kernels)
      let ready = prepared(images)
      #expect(scaledDifference(sampled(ready), expected) < 2e-4, "prepared, \(kernels.name)")
      guard let expected = Self.terratorch[`case`.key + "/training"] else { continue }
      let before = network.parameters.snapshot()
      let trained = network(Value(images), in: Pass(.training, kernels: kernels)).scores.tensor
      network.parameters.restore(before)
      #expect(scaledDifference(sampled(trained), expected.values) < 1e-4, "training, \(kernels.name)")
    }
  }

  /// Numbers that TerraTorch's modules have, by the channels of the transformer.
  @Test(
    "necks and decoders behind transformers have as many learned numbers as TerraTorch's",
    arguments: [
      ("unet", "vit_base_patch16_224", 2_655_936, 12_869_376),
      ("upernet", "vit_small_patch16_224", 664_416, 7_944_192),
      ("upernet", "vit_base_patch16_224", 2_655_936, 9_394_176),
      ("upernet", "vit_large_patch16_224", 4_720_896, 10_360_832),
    ])
  func terratorchCounts(name: String, encoder: String, neck: Int, decoder: Int) throws {
    let architecture = try #require(Architecture.named(name, encoder: encoder))
    let network = architecture.network(bands: 3, classes: 2, seed: nil)
    func learned(_ prefix: String) -> Int {
      network.parameters.all.filter { $0.role.isLearned && $0.path.hasPrefix(prefix) }
        .reduce(0) { $0 + $1.tensor.shape.count }
    }
    #expect((learned("neck."), learned("decoder.")) == (neck, decoder))
  }

  @Test("every network has its first convolution, and each parameter in one stage")
  func stages() {
    for architecture in Architecture.ofPixels {
      let network = architecture.network(bands: 6, classes: 2, seed: nil)
      #expect(
        network.parameters[network.description.firstConvolution]?.tensor.shape[1] == 6,
        "\(architecture.encoder)")
      #expect(network.description.parts.suffix(2).map(\.role) == [.decoder, .head])
      for parameter in network.parameters.all {
        #expect(
          network.description.parts.count { $0.contains(parameter.path) } == 1,
          "\(architecture.name), \(architecture.encoder): \(parameter.path)")
      }
    }
  }

  /// Learned numbers as torchvision and segmentation_models_pytorch print them, auxiliary classifiers left
  /// out.
  static let counts: [(name: String, encoder: String, classes: Int, learned: Int)] = [
    ("fcn", "resnet50", 21, 32_957_013), ("deeplabv3", "resnet50", 21, 39_638_869),
    ("deeplabv3", "resnet101", 21, 58_630_997), ("unet", "resnet18", 2, 14_328_354),
    ("unet", "resnet34", 2, 24_436_514), ("unet", "resnet50", 2, 32_521_250),
    ("deeplabv3plus", "resnet50", 2, 26_677_842), ("fpn", "resnet50", 2, 26_116_162),
  ]

  @Test("as many learned numbers as published", arguments: counts.indices)
  func count(index: Int) throws {
    let (name, encoder, classes, learned) = Self.counts[index]
    let architecture = try #require(Architecture.named(name, encoder: encoder))
    let network = architecture.network(bands: 3, classes: classes, seed: nil)
    #expect(network.parameters.learnedCount == learned, "\(name) with \(encoder)")
  }
}
