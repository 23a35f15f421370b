import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

/// Files with the tensors that publishers' have, in their shapes and with what lies beside the encoder.
@Suite("Files of transformers are read as their publishers keep them")
struct PublishedTransformerTests {
  /// A file with the tensors of an encoder, each full of its own number, as they are after `change`.
  private func file(
    _ name: String, bands: Int, change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> WeightsFile {
    let architecture = try #require(Architecture.named(name))
    let options = NetworkOptions(bands: bands, scheme: architecture.schemes[0])
    var tensors: [String: Tensor] = [:]
    for (number, parameter) in architecture.network(options).parameters.all.enumerated() {
      tensors[parameter.path] = Tensor(repeating: Float(number), shape: parameter.tensor.shape)
    }
    change(&tensors)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("transformer-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(data: Data(contentsOf: URL(fileURLWithPath: path)), path: "weights")
  }

  /// sin, then cos, of p / 10000^(k / n) for k < n.
  private func code(_ position: Int, _ channels: Int) -> [Float] {
    let angles = (0..<channels / 2).map { Double(position) / pow(10_000, Double($0) / Double(channels / 2)) }
    return angles.map { Float(sin($0)) } + angles.map { Float(cos($0)) }
  }

  /// The table that `get_3d_sincos_pos_embed` of TerraTorch makes of 14 x 14 patches of some dates.
  private func prithviTable(dates: Int) -> Tensor {
    var rows = Array(repeating: Float(0), count: 192)
    for date in 0..<dates {
      for row in 0..<14 { for column in 0..<14 { rows += code(column, 72) + code(row, 72) + code(date, 48) } }
    }
    return Tensor(rows, shape: [1, 1 + dates * 196, 192])
  }

  /// Prithvi's own file: encoder and decoder, a convolution over dates, the table of four dates.
  private func prithvi(_ table: Tensor) throws -> WeightsFile {
    try file("prithvi_eo_v2_tiny_tl", bands: 6) { tensors in
      let filters = (0..<192 * 6 * 256).map { Float($0 % 251) }
      tensors["patch_embed.proj.weight"] = Tensor(filters, shape: [192, 6, 1, 16, 16])
      tensors["pos_embed"] = table
      for name in ["temporal_embed_enc.scale", "location_embed_enc.scale"] {
        tensors[name] = Tensor(repeating: 0.1, shape: [1])
      }
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("encoder." + $0.key, $0.value) })
      for name in [
        "decoder_blocks.0.norm1.weight", "decoder_embed.weight", "mask_token", "decoder_pos_embed",
      ] {
        tensors["decoder." + name] = Tensor(repeating: 1, shape: [512])
      }
    }
  }

  @Test(
    "Prithvi's file starts networks over it, for any number of dates that its table is of", arguments: [1, 4])
  func prithvi(dates: Int) throws {
    let weights = try prithvi(prithviTable(dates: dates))
    let best = try #require(Recognition.candidates(for: weights).first)
    #expect(best.network.name == "prithvi_eo_v2_tiny_tl" && best.isExact && best.prefix == "encoder.")
    #expect(best.options.bands == 6)
    for name in ["unet", "fpn", "upernet"] {
      let wanted = try #require(Architecture.named(name, encoder: "prithvi_eo_v2_tiny_tl"))
      let start = try StartingWeights(weights, for: wanted)
      #expect(!start.isWhole)
      #expect(
        try start.file.tensor("encoder.patch_embed.proj.weight").values
          == weights.tensor("encoder.patch_embed.proj.weight").values)
      #expect(
        start.file.notes.contains {
          $0 == "read 'patch_embed.proj.weight' [192, 6, 1, 16, 16] as [192, 6, 16, 16]"
        }, "\(start.file.notes)")
    }
    let card = PublishedCard.likely(for: Recognition.candidates(for: weights))
    #expect(card.map(\.name) == ["prithvi-eo-2.0-tiny-tl"])
  }

  @Test("A table of other positions is refused, and so is one of another shape")
  func otherTable() throws {
    let wanted = try #require(Architecture.named("unet", encoder: "prithvi_eo_v2_tiny_tl"))
    var values = prithviTable(dates: 1).values
    values[5000] += 0.1
    for table in [Tensor(values, shape: [1, 197, 192]), Tensor(repeating: 0, shape: [1, 198, 192])] {
      let error = #expect(throws: CheckpointError.self) {
        try StartingWeights(prithvi(table), for: wanted)
      }
      #expect(error?.code == .mismatch)
    }
  }

  @Test("A transformer of pictures with learned positions is none of Prithvi's")
  func learnedPositions() throws {
    let weights = try file("vit_base_patch16_224", bands: 6)
    #expect(Recognition.candidates(for: weights).first?.network.name == "vit_base_patch16_224")
    let wanted = try #require(Architecture.named("unet", encoder: "prithvi_eo_v1_100"))
    let error = #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted) }
    #expect(error?.problem.contains("'pos_embed' [1, 197, 768] is not the table") == true)
  }

  @Test("TerraMind's file has a linear map in place of filters, and other products beside")
  func terramind() throws {
    let place = "encoder_embeddings.untok_sen2l2a@224."
    let weights = try file("terramind_v1_tiny_s2l2a", bands: 12) { tensors in
      tensors[place + "proj.weight"] = Tensor(
        (0..<192 * 3072).map { Float($0 % 3072) }, shape: [192, 3072])
      var table: [Float] = []
      for row in 0..<14 { for column in 0..<14 { table += code(row, 96) + code(column, 96) } }
      tensors[place + "pos_emb"] = Tensor(table, shape: [1, 196, 192])
      tensors["encoder_embeddings.untok_sen1grd@224.mod_emb"] = Tensor(repeating: 0, shape: [1, 1, 192])
      tensors["encoder_embeddings.tok_lulc@224.token_emb.weight"] = Tensor(repeating: 0, shape: [9, 192])
      tensors["decoder_embeddings.tok_lulc@224.token_emb.weight"] = Tensor(repeating: 0, shape: [9, 192])
      tensors["decoder.0.self_attn.qkv.weight"] = Tensor(repeating: 0, shape: [576, 192])
      tensors["decoder_norm.weight"] = Tensor(repeating: 0, shape: [192])
      tensors["mask_token"] = Tensor(repeating: 0, shape: [1, 1, 192])
    }
    let best = try #require(Recognition.candidates(for: weights).first)
    #expect(best.network.name == "terramind_v1_tiny_s2l2a" && best.isExact && best.options.bands == 12)
    let wanted = try #require(Architecture.named("upernet", encoder: "terramind_v1_tiny_s2l2a"))
    let start = try StartingWeights(weights, for: wanted)
    let filters = try start.file.tensor("encoder." + place + "proj.weight")
    #expect(filters.shape == [192, 12, 16, 16])
    // Filter 0, band 2, row 1, column 3 is number (1 x 16 + 3) x 12 + 2 of a row.
    #expect(filters.values[2 * 256 + 16 + 3] == 230)
  }

  @Test("SoftCon's grid of positions is told from DINOv2's", arguments: [("_224", 16), ("", 37)])
  func grids(suffix: String, side: Int) throws {
    let name = "vit_small_patch14_dinov2" + suffix
    let weights = try file(name, bands: 13)
    #expect(weights["pos_embed"]?.shape == [1, 1 + side * side, 384])
    let best = try #require(Recognition.candidates(for: weights).first)
    #expect(best.network.name == name && best.isExact)
    let wanted = try #require(Architecture.named("unet", encoder: name))
    #expect(try !StartingWeights(weights, for: wanted).isWhole)
  }

  @Test("The publisher's file of DINOv3 has a mask of biases, periods and a token of its training")
  func dinov3() throws {
    func periods(base: Double) -> Tensor {
      Tensor((0..<16).map { Float(pow(base, Double($0) / 16)) }, shape: [16])
    }
    func published(base: Double) throws -> WeightsFile {
      try file("dinov3_vits16", bands: 3) { tensors in
        for block in 0..<12 {
          tensors["blocks.\(block).attn.qkv.bias_mask"] = Tensor(
            (0..<1152).map { $0 / 384 == 1 ? 0 : 1 }, shape: [1152])
        }
        tensors["rope_embed.periods"] = periods(base: base)
        tensors["mask_token"] = Tensor(repeating: 0, shape: [1, 384])
        tensors["local_cls_norm.weight"] = Tensor(repeating: 0, shape: [384])
      }
    }
    let best = try #require(Recognition.candidates(for: published(base: 100)).first)
    #expect(best.network.name == "dinov3_vits16" && best.isExact)
    let wanted = try #require(Architecture.named("unet", encoder: "dinov3_vits16"))
    _ = try StartingWeights(published(base: 100), for: wanted)
    #expect(throws: CheckpointError.self) { try StartingWeights(published(base: 10_000), for: wanted) }
  }

  @Test("timm's file of a ConvNeXt starts networks over torchvision's", arguments: ["tiny", "small"])
  func convnext(size: String) throws {
    let weights = try file("convnext_" + size, bands: 3) { tensors in
      let timm = Architecture.named("convnext_" + size)!.network(NetworkOptions(bands: 3, scheme: .timm))
      tensors = Dictionary(
        uniqueKeysWithValues: timm.parameters.all.enumerated().map {
          ($1.path, Tensor(repeating: Float($0), shape: $1.tensor.shape))
        })
    }
    let wanted = try #require(Architecture.named("unet", encoder: "convnext_" + size))
    let start = try StartingWeights(weights, for: wanted)
    let gain = try start.file.tensor("encoder.features.1.0.layer_scale")
    #expect(gain.shape == [96, 1, 1])
    #expect(try gain.values == weights.tensor("stages.0.blocks.0.gamma").values)
  }

  /// Learned numbers that the publishers' networks have; TerraMind's without the shifts of normalisations,
  /// which are no parameters there.
  @Test(
    "Encoders have the published parameters",
    arguments: [
      ("prithvi_eo_v2_tiny_tl", 6, 5_634_048), ("prithvi_eo_v1_100", 6, 86_237_184),
      ("prithvi_eo_v2_300", 6, 303_886_336), ("prithvi_eo_v2_600", 6, 631_188_480),
      ("terramind_v1_tiny_s2l2a", 12, 5_923_968), ("terramind_v1_small_s2l2a", 12, 22_464_768),
      ("terramind_v1_base_s2l2a", 12, 87_313_920), ("terramind_v1_large_s2l2a", 12, 305_137_664),
      ("vit_small_patch14_dinov2", 3, 22_056_192), ("vit_base_patch14_dinov2", 3, 86_579_712),
      ("vit_small_patch16_dinov3", 3, 21_586_944), ("vit_base_patch16_dinov3", 3, 85_641_216),
      ("vit_large_patch16_dinov3", 3, 303_079_424), ("dinov3_vits16", 3, 21_600_768),
    ])
  func counts(name: String, bands: Int, learned: Int) throws {
    let architecture = try #require(Architecture.named(name))
    let parameters = architecture.network(
      NetworkOptions(bands: bands, scheme: architecture.schemes[0])
    ).parameters
    let shifts = parameters.all.filter { $0.role == .normShift }.reduce(0) { $0 + $1.tensor.shape.count }
    #expect(parameters.learnedCount - (name.hasPrefix("terramind") ? shifts : 0) == learned)
  }
}
