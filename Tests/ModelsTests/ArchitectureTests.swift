import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Numerics
import Tensors
import Testing

@Suite("Descriptions say of networks what they are, without making them", .serialized)
struct ArchitectureTests {
  /// The catalogue by publisher.
  static let all = Architecture.all.flatMap { architecture in
    architecture.schemes.map { (architecture, $0) }
  }

  /// Small networks of each family, which are recorded: nothing is computed, but the recorder wants weights.
  static let small = all.filter { architecture, _ in
    [
      "resnet18", "resnet50", "inception_v3", "densenet121", "mobilenet_v2", "mobilenetv2_100",
      "mobilenet_v3_small", "mobilenet_v3_large", "mobilenetv3_small_100", "efficientnet_b0",
      "tf_efficientnet_b0", "efficientnet-b0", "vgg16", "convnext_tiny", "vit_small_patch16_224",
      "swin_v2_t", "mlp", "prithvi_eo_v2_tiny_tl", "terramind_v1_tiny_s1grd", "vit_small_patch16_dinov3",
      "olmoearth_v1_nano", "olmoearth_v1_nano_patch4", "dofa_small_patch16_224", "clay_v1_5_tiny",
      "olmoearth_v1_1_nano", "olmoearth_v1_2_nano_patch4",
    ].contains(architecture.encoder ?? architecture.name)
  }

  private func options(_ scheme: NamingScheme, comparing comparison: DateComparison? = nil) -> NetworkOptions
  {
    NetworkOptions(bands: 5, comparing: comparison, classes: 3, scheme: scheme)
  }

  @Test("parts hold each parameter once, and the first convolution has the bands")
  func parameters() throws {
    for (architecture, scheme) in Self.all {
      let name = "\(architecture.description), \(scheme)"
      let network = architecture.network(options(scheme))
      let description = architecture.description(options(scheme))
      #expect(network.description == description, "\(name)")
      for parameter in network.parameters.all {
        #expect(description.parts.count { $0.contains(parameter.path) } == 1, "\(name): \(parameter.path)")
      }
      #expect(network.parameters[description.firstConvolution]?.tensor.shape[1] == 5, "\(name)")
      let heads = description.parts.with(.head)
      #expect(heads.count == 1 && heads[0] == description.parts.last, "\(name)")
      let outputs = network.parameters.all.filter { heads.contain($0.path) && $0.tensor.shape[0] == 3 }
      #expect(!outputs.isEmpty, "\(name): the head knows the classes")
    }
  }

  @Test("maps, features and scores have the channels and strides that are said")
  func shapes() throws {
    for (architecture, scheme) in Self.small {
      let name = "\(architecture.description), \(scheme)"
      let network = architecture.network(options(scheme))
      network.parameters.fillWithZeros()
      let description = network.description
      // 32 pixels a side after five halvings, and no padding in an Inception network.
      let side = 256
      let recorder = GraphRecorder(inputShape: [1, 5, side, side])
      let pass = Pass(.inference, kernels: recorder)
      let output = network(Value(recorder.input), in: pass)
      #expect(output.features.tensor.shape[1] == description.featureChannels, "\(name)")
      let scores = output.scores.tensor.shape
      #expect(scores == (architecture.encoder == nil ? [1, 3, 1, 1] : [1, 3, side, side]), "\(name)")
      let maps = network.encoderFeatures(of: Value(recorder.input), in: pass).map(\.tensor.shape)
      #expect(maps.map(\.channels) == description.maps.map(\.channels), "\(name)")
      guard !architecture.description.contains("inception") else { continue }
      #expect(maps.map { side / $0.height } == description.maps.map(\.stride), "\(name)")
    }
  }

  @Test("networks compute the smallest side of their contract")
  func smallestSide() throws {
    for (architecture, scheme) in Self.small where architecture.encoder == nil {
      let network = architecture.network(options(scheme))
      network.parameters.fillWithZeros()
      let side = network.description.input.smallestSide
      let recorder = GraphRecorder(inputShape: [1, 5, side, side])
      let scores = network(Value(recorder.input), in: Pass(.inference, kernels: recorder)).scores
      #expect(scores.tensor.shape == [1, 3, 1, 1], "\(architecture.description), \(scheme)")
    }
    let inception = try #require(Architecture.named("inception_v3"))
    let contract = inception.description(options(.torchvision)).input
    #expect((contract.smallestSide, contract.smallestEvenSide) == (75, 96))
  }

  @Test("what two dates are made of is said, and the filters that read the image are where it is said")
  func dates() throws {
    let architecture = try #require(Architecture.named("unet-image-skip", encoder: "resnet18"))
    for (comparison, first, image) in [
      (nil, 5, 32 + 5), (.earlyFusion, 10, 32 + 10), (.difference, 5, 32 + 5),
      (.concatenation, 5, 32 + 10),
    ] as [(DateComparison?, Int, Int)] {
      let network = architecture.network(options(.smp, comparing: comparison))
      let description = network.description
      #expect(description.input.comparison == comparison)
      #expect(description.input.channels == (comparison == nil ? 5 : 10))
      #expect(network.parameters[description.firstConvolution]?.tensor.shape[1] == first)
      let filters = try #require(description.imageConvolution.flatMap { network.parameters[$0] })
      #expect(filters.tensor.shape[1] == image, "\(String(describing: comparison))")
    }
    let plain = try #require(Architecture.named("unet", encoder: "resnet18"))
    #expect(plain.description(options(.smp)).imageConvolution == nil)
  }

  @Test("a transformer says for which grid its positions are")
  func positionGrid() throws {
    let architecture = try #require(Architecture.named("vit_small_patch16_224", scheme: .timm))
    var options = options(.timm)
    #expect(architecture.description(options).input.positionGrid == 14)
    #expect(architecture.description(options).input.sideMultiple == 16)
    options.positionGrid = 6
    #expect(architecture.description(options).input.positionGrid == 6)
    #expect(architecture.network(options).parameters["pos_embed"]?.tensor.shape == [1, 37, 384])
    let resnet = try #require(Architecture.named("resnet18"))
    #expect(resnet.description(self.options(.torchvision)).input.positionGrid == nil)
  }

  @Test("an encoder with its classifier of images is a model like the others")
  func classifier() throws {
    let bands = ["B02", "B03", "B04"].map {
      ModelCard.Band(name: $0, wavelength: nil, mean: 0.1, deviation: 0.05)
    }
    let classes = (1...4).map { LandClass(value: UInt8($0), name: "class \($0)") }
    let card = ModelCard(
      architecture: "classifier", encoder: "resnet18", sensor: "sentinel-2-l2a", bands: bands,
      classes: classes)
    let model = try Model(card: card, seed: 4)
    let network = model.network
    #expect(network.parameters["fc.weight"]?.tensor.shape == [4, 512])
    #expect(
      network.description.parts.map(\.name) == ["stem", "layer1", "layer2", "layer3", "layer4", "head"])
    let images = HashedValues("images").tensor([2, 3, 40, 56], scale: 2)
    let kernels = KernelSet.standard
    let output = network(Value(images), in: Pass(.inference, kernels: kernels))
    #expect(output.scores.tensor.shape == [2, 4, 1, 1] && output.features.tensor.shape == [2, 512, 1, 1])
    let scores = kernels.plain(output.scores.tensor).values
    let prepared = model.prepared(height: 40, width: 56, on: kernels)
    let ready = prepared(images)
    #expect(scaledDifference(ready.values, scores) < 1e-5)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("classifier-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try model.write(to: path)
    let read = try Model(contentsOf: path)
    let again = read.network(Value(images), in: Pass(.inference, kernels: kernels)).scores
    #expect(kernels.plain(again.tensor).values == scores)
    // The head learns from the dropped channels of what it reads.
    let noise = TrainingNoise(dropout: 0.5, stochasticDepth: 0, random: .init(seed: 1, stream: "noise"))
    let noisy = network(Value(images), in: Pass(.training, kernels: kernels, noise: noise))
    #expect(noisy.scores.tensor.shape == [2, 4, 1, 1])
    let plain = network(Value(images), in: Pass(.training, kernels: kernels))
    #expect(kernels.plain(noisy.scores.tensor).values != kernels.plain(plain.scores.tensor).values)
    #expect(kernels.plain(noisy.features.tensor).values == kernels.plain(plain.features.tensor).values)
  }
}
