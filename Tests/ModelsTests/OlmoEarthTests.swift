import CPUKernels
import Checkpoints
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

/// Against olmoearth-pretrain-minimal in float64, by `Golden/write_olmoearth.py`.
@Suite("OlmoEarth's encoder is that of its publisher", .serialized)
struct OlmoEarthTests {
  private static let golden = try! HashedNetwork.golden("olmoearth.safetensors")
  private static let cases = Set(
    golden.keys.map { $0.split(separator: "/").prefix(2).joined(separator: "/") }
  )
  .sorted()

  /// The publisher's file with the weights of the rule, and with what lies beside the encoder of Sentinel-2.
  private func published(_ name: String) throws -> WeightsFile {
    let architecture = try #require(Architecture.named(name))
    let parameters = architecture.network(NetworkOptions(bands: 12, scheme: .terrane)).parameters
    let place = "patch_embeddings.per_modality_embeddings."
    var tensors: [String: Tensor] = [:]
    for parameter in parameters.all where !parameter.path.hasPrefix(place) {
      tensors[parameter.path] = HashedValues.parameter(parameter.path, parameter.tensor.shape)
    }
    let channels = try #require(parameters["norm.weight"]).tensor.shape[0]
    // From 1.1 on the bands of pixels are mixed, and one linear map is of the pixels of a patch.
    let one = place + "sentinel2_l2a.sentinel2_l2a__0."
    if let pixels = parameters[one + "pixel_proj.0.bias"]?.tensor.shape {
      for (name, shape) in [
        ("pixel_proj.0.weight", [pixels[0], 12]), ("pixel_proj.0.bias", pixels),
        ("proj.weight", [channels, 64 * pixels[0]]), ("proj.bias", [channels]),
      ] as [(String, Shape)] {
        tensors[one + name] = HashedValues.parameter(one + name, shape)
      }
      tensors["attention_pooler.norm.weight"] = Tensor(repeating: 1, shape: [channels])
    }
    let groups = parameters[one + "proj.bias"] == nil ? [4, 6, 2] : [Int]()
    for (group, bands) in groups.enumerated() {
      let module = "\(place)sentinel2_l2a.sentinel2_l2a__\(group).proj."
      for (name, shape) in [("weight", [channels, bands, 8, 8]), ("bias", [channels])] as [(String, Shape)] {
        tensors[module + name] = HashedValues.parameter(module + name, shape)
      }
    }
    let quarter = channels / 4
    tensors["composite_encodings.month_embed.weight"] = Tensor(
      (0..<12 * quarter).map { index in
        let angle = Double(index / quarter) * .pi / 6
        return Float(index % quarter < quarter / 2 ? sin(angle) : cos(angle))
      }, shape: [12, quarter])
    tensors[place + "sentinel1.sentinel1__0.proj.weight"] = Tensor(repeating: 1, shape: [channels, 2, 8, 8])
    tensors["project_and_aggregate.projection.0.weight"] = Tensor(repeating: 1, shape: [channels, channels])
    tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("encoder." + $0.key, $0.value) })
    tensors["decoder.decoder_embed.weight"] = Tensor(repeating: 1, shape: [channels, channels])
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("olmoearth-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(data: Data(contentsOf: URL(fileURLWithPath: path)), path: "weights")
  }

  @Test("maps from the publisher's file, as they are and prepared", arguments: cases)
  func parity(key: String) throws {
    let parts = key.split(separator: "/").map(String.init)
    let shape = Shape(parts[1].split(separator: "x").map { Int($0)! })
    let file = try published(parts[0])
    let found = try #require(
      Recognition.candidates(for: file).first { $0.network.name == parts[0] && $0.isExact })
    #expect(found.options.bands == 12 && found.prefix == "encoder.")
    let network = try found.network(from: file)
    let images = HashedValues("images." + key).tensor(shape, scale: 2)
    func expect(_ tensor: Tensor, _ name: String, location: SourceLocation = #_sourceLocation) throws {
      let expected = try #require(Self.golden["\(key)/\(name)"]).values
      let sample = HashedNetwork.sampled(tensor.values, limit: 256)
      #expect(scaledDifference(sample, expected) < 1e-4, "\(name)", sourceLocation: location)
    }
    for kernels in KernelSet.all {
      let maps = network.encoderFeatures(of: Value(images), in: Pass(.inference, kernels: kernels))
      for (map, value) in zip(network.description.maps, maps) {
        try expect(kernels.plain(value.tensor), map.name)
      }
      let prepared = network.prepared(for: Shape([1] + shape.extents.dropFirst()), on: kernels)
      try expect(prepared(images), "norm")
    }
  }

  @Test("the publisher's file starts networks over it, with the filters of each group for its own bands")
  func starting() throws {
    let file = try published("olmoearth_v1_nano")
    let best = try #require(Recognition.candidates(for: file).first)
    #expect(best.network.name == "olmoearth_v1_nano" && best.isExact)
    #expect(
      PublishedCard.likely(for: Recognition.candidates(for: file)).map(\.name)
        == ["olmoearth-1.0-nano-s2", "olmoearth-1.0-nano-s2-patch4"])
    #expect(
      try PublishedCard.likely(for: Recognition.candidates(for: published("olmoearth_v1_2_nano"))).map(\.name)
        == ["olmoearth-1.2-nano-s2", "olmoearth-1.2-nano-s2-patch4"])
    let wanted = try #require(Architecture.named("unet", encoder: "olmoearth_v1_nano_patch4"))
    let start = try StartingWeights(file, for: wanted)
    #expect(!start.isWhole)
    let place = "encoder.patch_embeddings.per_modality_embeddings.sentinel2_l2a."
    let filters = try start.file.tensor(place + "proj.weight")
    #expect(filters.shape == [384, 12, 8, 8])
    // The first filter of the second group: 0 for the first four bands, then its own, then 0 again.
    let row = Array(filters.values[128 * 12 * 64..<129 * 12 * 64])
    let own = try file.tensor(place + "sentinel2_l2a__1.proj.weight").values.prefix(6 * 64)
    #expect(row == Array(repeating: 0, count: 4 * 64) + own + Array(repeating: 0, count: 2 * 64))
    #expect(try start.file.tensor(place + "proj.bias").shape == [384])
  }

  @Test("the versions are told apart: the turns of 1.2 are no part of 1.1, and are missed where they lack")
  func versions() throws {
    for (name, other) in [("v1_2", "v1_1"), ("v1_1", "v1_2"), ("v1", "v1_1")] {
      let file = try published("olmoearth_\(name)_nano")
      #expect(Recognition.candidates(for: file).first?.network.name == "olmoearth_\(name)_nano")
      let wanted = try #require(Architecture.named("unet", encoder: "olmoearth_\(other)_nano"))
      #expect(throws: CheckpointError.self) { try StartingWeights(file, for: wanted) }
    }
  }

  @Test("frequencies are no learned numbers, and the bands of pixels are the first convolution's")
  func fixedFrequencies() throws {
    let wanted = try #require(Architecture.named("unet", encoder: "olmoearth_v1_2_nano"))
    let start = try StartingWeights(published("olmoearth_v1_2_nano"), for: wanted)
    let options = NetworkOptions(bands: 12, classes: 2, scheme: wanted.schemes[0])
    let network = wanted.network(options, seed: 1)
    let path = "encoder.blocks.0.attn.rope_mixed_freqs"
    #expect(try start.file.tensor(path).shape == [3, 8, 8])
    network.parameters.freeze([])
    #expect(network.parameters[path]?.isTrainable == false)
    let first = network.description.firstConvolution
    #expect(first.hasSuffix("sentinel2_l2a__0.pixel_proj.0.weight"))
    #expect(start.file[first]?.shape == [12, 12, 1, 1])
  }

  @Test(
    "as many learned numbers as the publisher's encoder has for Sentinel-2, and those of the joined filters")
  func counts() throws {
    for (name, channels, blocks) in [("nano", 128, 4), ("tiny", 192, 12), ("base", 768, 12)] {
      let architecture = try #require(Architecture.named("olmoearth_v1_" + name))
      let parameters = architecture.network(NetworkOptions(bands: 12, scheme: .terrane)).parameters
      let block = 12 * channels * channels + 13 * channels
      let stem = 3 * channels * (12 * 64 + 1) + 3 * channels / 4
      #expect(parameters.learnedCount == blocks * block + stem + 2 * channels)
      let later = try #require(Architecture.named("olmoearth_v1_2_" + name))
      let ofLater = later.network(NetworkOptions(bands: 12, scheme: .terrane)).parameters
      let hidden = name == "nano" ? 12 : 64
      let oneToken = hidden * 13 + channels * (64 * hidden + 1) + channels / 4
      #expect(ofLater.learnedCount == blocks * block + oneToken + 2 * channels)
      let fixed = ofLater.all.filter { $0.role == .fixed }.reduce(0) { $0 + $1.tensor.shape.count }
      #expect(fixed == blocks * 3 * channels / 2)
    }
  }
}
