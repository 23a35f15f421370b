import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against torchgeo and claymodel, by `Golden/write_waves.py`.
@Suite("Encoders for any bands make their filters from wavelengths", .serialized)
struct GeneratedKernelTests {
  private static let golden = try! HashedNetwork.golden("waves.safetensors")
  private static let cases = Set(
    golden.keys.map { $0.split(separator: "/").prefix(2).joined(separator: "/") }
  ).sorted()
  private static let classes = 7

  /// The tensors of the publisher's file, with the weights of the rule: the generator in the place of the
  /// filters.
  private func published(_ name: String, classes: Int? = nil, grid: Int? = nil) throws -> [String: Tensor] {
    let architecture = try #require(Architecture.named(name))
    var options = NetworkOptions(bands: 1, classes: classes, scheme: architecture.schemes[0])
    options.positionGrid = grid
    let parameters = architecture.network(options).parameters
    let generator = try #require(parameters.generators.first)
    var shapes = generator.tensors
    for parameter in parameters.all where !parameter.path.hasPrefix(generator.path) {
      shapes[parameter.path] = parameter.tensor.shape
    }
    return Dictionary(uniqueKeysWithValues: shapes.map { ($0, HashedValues.parameter($0, $1)) })
  }

  private func file(_ tensors: [String: Tensor]) throws -> WeightsFile {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("waves-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(data: Data(contentsOf: URL(fileURLWithPath: path)), path: "weights")
  }

  private func bands(_ wavelengths: [Double?]) -> [(name: String, wavelength: Double?)] {
    wavelengths.enumerated().map { ("band \($0)", $1) }
  }

  @Test("maps, filters and scores from the publisher's file, as they are and prepared", arguments: cases)
  func parity(key: String) throws {
    let parts = key.split(separator: "/").map(String.init)
    let shape = Shape(parts[1].split(separator: "x").map { Int($0)! })
    let scores = Self.golden[key + "/scores"]
    let grid = parts[0].hasPrefix("dofa") ? (shape.height + 2) / 16 : nil
    let file = try file(published(parts[0], classes: scores == nil ? nil : Self.classes, grid: grid))
    let found = try #require(Recognition.candidates(for: file).first)
    #expect(found.network.name == parts[0] && found.isExact && found.isOfAnyBands, "\(found.missing)")
    let wavelengths = try #require(Self.golden[key + "/wavelengths"]).values.map(Double.init)
    let network = try found.network(from: file, wavelengths: wavelengths)
    let images = HashedValues("images." + key).tensor(shape, scale: 2)
    func expect(_ tensor: Tensor, _ name: String, location: SourceLocation = #_sourceLocation) throws {
      let expected = try #require(Self.golden["\(key)/\(name)"]).values
      let sample = HashedNetwork.sampled(tensor.values, limit: 256)
      #expect(scaledDifference(sample, expected) < 1e-4, "\(name)", sourceLocation: location)
    }
    let first = network.description.firstConvolution
    try expect(try #require(network.parameters[first]).tensor, "filters")
    let bias = try #require(network.parameters[first.replacing(/weight$/, with: "bias")])
    try expect(bias.tensor, "bias")
    for kernels in KernelSet.all {
      let maps = network.encoderFeatures(of: Value(images), in: Pass(.inference, kernels: kernels))
      for (map, value) in zip(network.description.maps, maps) {
        try expect(kernels.plain(value.tensor), map.name)
      }
      let prepared = network.prepared(for: Shape([1] + shape.extents.dropFirst()), on: kernels)(images)
      if let scores {
        #expect(scaledDifference(prepared.values, scores.values) < 1e-4)
      } else if parts[0].hasPrefix("dofa") {
        try expect(prepared, network.description.maps.last!.name)
      } else {
        #expect(prepared.shape == [shape.batch, maps.last!.tensor.shape.channels])
      }
    }
  }

  @Test("networks over them start with an ordinary convolution, for the bands that are at hand")
  func starting() throws {
    let file = try file(published("dofa_small_patch16_224"))
    let wanted = try #require(Architecture.named("unet", encoder: "dofa_small_patch16_224"))
    let start = try StartingWeights(file, for: wanted, bands: bands([665, 842]))
    #expect(!start.isWhole && start.isMadeForBands)
    let filters = try start.file.tensor("encoder.patch_embed.filters.weight")
    #expect(filters.shape == [384, 2, 16, 16])
    // A band's filters know of the others: the tokens of all attend to each other.
    let alone = try StartingWeights(file, for: wanted, bands: bands([665])).file.tensor(
      "encoder.patch_embed.filters.weight")
    #expect(alone.shape == [384, 1, 16, 16] && alone.values.prefix(256) != filters.values.prefix(256))
    #expect(
      start.file.notes.contains {
        $0 == "made 'patch_embed.filters.weight' [384, 2, 16, 16] for wavelengths of 665, 842 nm"
      }, "\(start.file.notes)")
    let network = wanted.network(NetworkOptions(bands: 2, classes: 3, scheme: wanted.schemes[0]))
    let encoder = network.parameters.all.filter {
      network.description.parts.with(.encoder).contain($0.path)
    }
    for parameter in encoder { #expect(start.file[parameter.path]?.shape == parameter.tensor.shape) }
  }

  @Test("bands without a wavelength are refused by name; without bands the header is all that is read")
  func unknownWavelengths() throws {
    let file = try file(published("dofa_small_patch16_224"))
    let wanted = try #require(Architecture.named("unet", encoder: "dofa_small_patch16_224"))
    let error = #expect(throws: CheckpointError.self) {
      try StartingWeights(file, for: wanted, bands: bands([665, nil]))
    }
    #expect(error?.code == .card && error?.problem.hasSuffix("none is known of band 1") == true)
    let header = try StartingWeights(file, for: wanted)
    #expect(header.isMadeForBands && header.file["encoder.patch_embed.filters.weight"] == nil)
  }

  @Test("a generator that lacks a tensor, or has one of another shape, makes nothing")
  func incompleteGenerator() throws {
    let whole = try published("dofa_small_patch16_224")
    let wanted = try #require(Architecture.named("unet", encoder: "dofa_small_patch16_224"))
    let bias = "patch_embed.weight_generator.fc_bias.bias"
    for changed in [nil, Tensor(repeating: 0, shape: [383])] {
      var tensors = whole
      tensors[bias] = changed
      let file = try file(tensors)
      let error = #expect(throws: CheckpointError.self) {
        try StartingWeights(file, for: wanted, bands: bands([665]))
      }
      #expect(error?.code == .mismatch)
    }
  }

  @Test("plain vision transformers with the same tensors are other networks")
  func plainTransformers() throws {
    let plain = try #require(Architecture.named("vit_small_patch16_224"))
    let parameters = plain.network(NetworkOptions(bands: 3, scheme: .timm)).parameters.all
    let ofTimm = try file(
      Dictionary(
        uniqueKeysWithValues: parameters.map { ($0.path, Tensor(repeating: 0, shape: $0.tensor.shape)) }))
    #expect(Recognition.candidates(for: ofTimm).first?.network.name == "vit_small_patch16_224")
    let dofa = try #require(Architecture.named("unet", encoder: "dofa_small_patch16_224"))
    let error = #expect(throws: CheckpointError.self) {
      try StartingWeights(ofTimm, for: dofa, bands: bands([665, 560, 490]))
    }
    #expect(error?.code == .mismatch)
    let ofTorchgeo = try file(published("dofa_small_patch16_224"))
    let vit = try #require(Architecture.named("unet", encoder: "vit_small_patch16_224"))
    #expect(throws: CheckpointError.self) { try StartingWeights(ofTorchgeo, for: vit, bands: bands([665])) }
  }

  @Test("Clay's own file has a teacher and a decoder with a generator of its own beside")
  func lightning() throws {
    var tensors = try published("clay_v1_5_tiny")
    for (name, shape) in [
      ("decoder.transformer.layers.0.0.to_qkv.weight", [288, 96]),
      ("decoder.embed_to_pixels.weight_generator.weight_tokens", [128, 128]),
      ("decoder.embed_to_pixels.fclayer.l1.weight", [128, 128]), ("decoder.mask_patch", [96]),
      ("teacher.blocks.0.attn.qkv.weight", [12, 4]), ("proj.weight", [768, 192]),
    ] as [(String, Shape)] {
      tensors["model." + name] = Tensor(repeating: 0, shape: shape)
    }
    for (name, tensor) in try published("clay_v1_5_tiny") {
      tensors[name] = nil
      tensors["model.encoder." + name] = tensor
    }
    let file = try file(tensors)
    let found = try #require(Recognition.candidates(for: file).first)
    #expect(found.network.name == "clay_v1_5_tiny" && found.isExact && found.isOfAnyBands)
    let wanted = try #require(Architecture.named("upernet", encoder: "clay_v1_5_tiny"))
    let start = try StartingWeights(file, for: wanted, bands: bands([493, 560, 665]))
    #expect(try start.file.tensor("encoder.patch_embedding.filters.weight").shape == [192, 3, 8, 8])
  }

  /// Learned numbers of the publishers' encoders, less those of the generator, which the filters stand for.
  @Test(
    "encoders have the published parameters",
    arguments: [
      // 111,346,733 with a head of 45 classes and the normalisation before it.
      ("dofa_base_patch16_224", 111_346_733 - 45 * 769 - 2 * 768),
      ("dofa_large_patch16_224", 337_151_533 - 45 * 1025 - 2 * 1024),
      ("clay_v1_5_large", 311_442_944),
    ])
  func counts(name: String, published: Int) throws {
    let architecture = try #require(Architecture.named(name))
    let parameters = architecture.network(NetworkOptions(bands: 1, scheme: architecture.schemes[0]))
      .parameters
    let generator = try #require(parameters.generators.first)
    let ofGenerator = generator.tensors.values.reduce(0) { $0 + $1.count }
    let filters = generator.channels * (generator.side * generator.side + 1)
    #expect(parameters.learnedCount - filters + ofGenerator == published)
  }
}
