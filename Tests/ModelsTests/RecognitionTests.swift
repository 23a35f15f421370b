import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

/// Files of weights under publishers' names, made of our own networks.
@Suite("A file of weights is recognised by names and shapes")
struct RecognitionTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "terrane-recognition-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  /// A file with the tensors of a backbone, as they are after `change`.
  private func file(
    _ name: String, _ scheme: NamingScheme, bands: Int = 5, classes: Int? = 7,
    change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> WeightsFile {
    let options = NetworkOptions(bands: bands, classes: classes, scheme: scheme)
    let published = try #require(
      Architecture.all.first { $0.name == name && $0.schemes.contains(scheme) })
    var tensors = Self.numbered(published.network(options, seed: nil).parameters)
    change(&tensors)
    let path = folder.appendingPathComponent("\(UUID().uuidString).safetensors").path
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(contentsOf: path)
  }

  /// Each tensor of a network full of its own number: which went where is all that is asked here, and drawing
  /// millions of numbers takes longer than the answer.
  private static func numbered(_ parameters: ParameterList) -> [String: Tensor] {
    let numbers = parameters.all.enumerated().map {
      ($1.path, Tensor(repeating: Float($0), shape: $1.tensor.shape))
    }
    return Dictionary(uniqueKeysWithValues: numbers)
  }

  static let published: [(String, NamingScheme)] = [
    ("resnet18", .torchvision), ("mobilenet_v2", .torchvision), ("mobilenetv2_100", .timm),
    ("efficientnet_b0", .torchvision), ("efficientnet_b0", .timm), ("efficientnet-b0", .smp),
    ("efficientnet_lite0", .timm), ("efficientnet-lite0", .smp), ("efficientnet-lite3", .smp),
    ("densenet121", .torchvision), ("vit_small_patch16_224", .timm), ("swin_v2_t", .torchvision),
    ("convnext_tiny", .timm), ("prithvi_eo_v2_tiny_tl", .timm), ("vit_small_patch14_dinov2_224", .timm),
    ("vit_small_patch16_dinov3", .timm), ("dinov3_vits16", .meta),
    ("terramind_v1_tiny_s2l2a", .terratorch),
  ]

  @Test("with its bands and classes", arguments: published)
  func exact(name: String, scheme: NamingScheme) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let best = try #require(Recognition.candidates(for: file(name, scheme)).first)
    #expect(best.network.name == name && best.isExact && best.agreement == 1)
    #expect((best.options.bands, best.options.classes) == (5, 7))
    let headless = try #require(Recognition.candidates(for: file(name, scheme, classes: nil)).first)
    #expect(headless.network.name == name && headless.options.classes == nil)
  }

  @Test("below the names of what wraps it, and with what is missing, left over or of another shape")
  func wrapped() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let wrapped = try file("resnet18", .torchvision) { tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { ("backbone.backbone." + $0.key, $0.value) })
      tensors["backbone.backbone.bn1.weight"] = nil
      tensors["backbone.backbone.bn1.bias"] = Tensor(repeating: 0, shape: [9])
      tensors["projector.weight"] = Tensor(repeating: 0, shape: [2, 2])
    }
    let best = try #require(Recognition.candidates(for: wrapped).first)
    #expect(best.network.name == "resnet18" && best.prefix == "backbone.backbone.")
    #expect(best.missing == ["backbone.backbone.bn1.weight"])
    #expect(best.leftOver.isEmpty && best.outside == ["projector.weight"])
    #expect(best.misshapen.map(\.name) == ["backbone.backbone.bn1.bias"])
    #expect(best.misshapen.first?.found == [9] && best.misshapen.first?.wanted == [64])
  }

  @Test(
    "The weights of an encoder start a U-Net under any publisher's names",
    arguments: [
      ("mobilenetv2_100", NamingScheme.timm, "mobilenet_v2"), ("densenet121", .timm, "densenet121"),
      ("efficientnet_b0", .torchvision, "efficientnet-b0"), ("resnet18", .timm, "resnet18"),
      ("efficientnet_lite0", .timm, "efficientnet-lite0"),
    ])
  func starting(name: String, scheme: NamingScheme, encoder: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let weights = try file(name, scheme)
    let wanted = try #require(Architecture.named("unet", encoder: encoder))
    let start = try StartingWeights(weights, for: wanted)
    let network = wanted.network(bands: 5, classes: 2, seed: nil)
    let paths = network.description.parts.with(.encoder).flatMap(\.prefixes)
    let parts = network.parameters.all.filter { parameter in
      paths.contains { parameter.path.hasPrefix($0) }
    }
    #expect(!start.isWhole && start.file.entries.count == parts.count)
    for parameter in parts { #expect(start.file[parameter.path]?.shape == parameter.tensor.shape) }
    // The first and the last tensor went to their own places.
    let source = weights.entries.map(\.name).filter { !$0.hasPrefix("classifier") }
    #expect(!source.isEmpty)
    let first = try start.file.tensor(network.description.firstConvolution).values
    #expect(try source.contains { try weights.tensor($0).values == first })
    // Only EfficientNets are computed otherwise by different publishers.
    #expect(
      start.file.notes.contains { $0.hasPrefix("these weights were made for epsilon 1e-05") }
        == name.hasPrefix("efficientnet"), "\(start.file.notes)")
  }

  /// A U-Net over ResNet-18 of five bands and seven classes, its names as they are after `change`.
  private func unet(
    encoder: String = "resnet18", _ change: (String) -> String = { $0 }, adding: [String: Shape] = [:]
  ) throws
    -> WeightsFile
  {
    let network = try #require(Architecture.named("unet", encoder: encoder))
      .network(bands: 5, classes: 7, seed: nil)
    var tensors = Dictionary(
      uniqueKeysWithValues: Self.numbered(network.parameters).map { (change($0), $1) })
    for (name, shape) in adding { tensors[name] = Tensor(repeating: 1, shape: shape) }
    let path = folder.appendingPathComponent("\(UUID().uuidString).safetensors").path
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(contentsOf: path)
  }

  /// Whether a file starts a U-Net over ResNet-18 with each tensor in its place.
  private func expectWhole(_ file: WeightsFile, encoder: String = "resnet18") throws {
    let wanted = try #require(Architecture.named("unet", encoder: encoder))
    let start = try StartingWeights(file, for: wanted)
    try #require(start.isWhole, "\(start.file.notes)")
    let network = wanted.network(bands: 5, classes: 7, seed: nil).parameters
    let expected = Self.numbered(network)
    try StrictLoading.load(start.file, into: network)
    for parameter in network.all where !network.isUnused(parameter.path) {
      let values = try #require(expected[parameter.path]).values
      #expect(parameter.tensor.values == values, "\(parameter.path)")
    }
  }

  private static func within(_ part: String, _ word: String) -> @Sendable (String) -> String {
    { name in name.hasPrefix(part) ? part + word + "." + name.dropFirst(part.count) : name }
  }

  private static func below(_ prefix: String) -> @Sendable (String) -> String { { prefix + $0 } }

  @Test(
    "A network is whole under the names of any wrapper, wherever its word stands, and below any entry",
    arguments: [
      within("encoder.", "_orig_mod"), within("encoder.", "module"), within("decoder.", "_orig_mod"),
      within("encoder.layer3.", "_checkpoint_wrapped_module"),
      within("encoder.layer1.0.", "_fsdp_wrapped_module"),
      below("_fsdp_wrapped_module."), below("_forward_module."), below("_forward_module.model."),
      below("segmentor."),
      below("params."), below("weights.net."), below("my.own.word."), below("module._orig_mod."),
      within("encoder.", "model"),
    ])
  func wrappedWhole(change: @Sendable (String) -> String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try expectWhole(unet(change))
  }

  private static let besides: [[String: Shape]] = [
    ["criterion.weight": [7]], ["loss_fn.pos_weight": [7]], ["classification_head.3.weight": [4, 512]],
    ["train_metrics.confmat": [7, 7]], ["encoder.fc.weight": [10, 512], "encoder.fc.bias": [10]],
    ["queue": [3, 4]],
  ]

  @Test("What no result depends on is never missed and never refused", arguments: besides)
  func beside(adding: [String: Shape]) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try expectWhole(unet(adding: adding))
    try expectWhole(unet(Self.below("model."), adding: adding))
    try expectWhole(unet(Self.below("net."), adding: adding))
    let recognised = try #require(Recognition.candidates(for: unet(adding: adding)).first)
    #expect(recognised.isExact && Set(recognised.outside) == Set(adding.keys))
    _ = try recognised.network(from: unet(adding: adding))
  }

  private static let topLevelNames = [
    "pos_weight", "embedding.weight", "embedding.bias", "embedding_head.weight", "embed.weight",
    "fc_embed.weight", "bn_neck.weight", "fc_norm.weight", "norm_head.weight", "bn.weight",
    "pre_logits.fc.weight", "norm.mean", "masked_token", "proj_norm.weight",
  ]

  @Test("Heads and losses beside convolutions are none of theirs", arguments: topLevelNames)
  func besideConvolutions(tensor: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try expectWhole(unet(adding: [tensor: [3]]))
    let weights = try file("resnet18", .torchvision, classes: nil) {
      $0[tensor] = Tensor(repeating: 1, shape: [3])
      $0["projector.0.weight"] = Tensor(repeating: 1, shape: [3, 512])
    }
    let wanted = try #require(Architecture.named("unet", encoder: "resnet18"))
    let start = try StartingWeights(weights, for: wanted)
    #expect(start.file.notes.contains { $0.contains(tensor) }, "\(start.file.notes)")
  }

  @Test("A head of another form keeps no encoder from being read")
  func otherHeads() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    func expectEncoder(_ name: String, _ change: (inout [String: Tensor]) -> Void) throws {
      let weights = try file(name, .torchvision, change: change)
      let wanted = try #require(Architecture.named("unet", encoder: name))
      let start = try StartingWeights(weights, for: wanted)
      let encoder = wanted.network(bands: 5, classes: 2, seed: nil).parameters.all
        .filter { $0.path.hasPrefix("encoder.") }
      #expect(Set(start.file.entries.map(\.name)) == Set(encoder.map(\.path)))
    }
    try expectEncoder("resnet18") { $0["fc.bias"] = nil }
    try expectEncoder("resnet18") { $0["fc.weight"] = Tensor(repeating: 0, shape: [10, 512, 1, 1]) }
    try expectEncoder("resnet18") { $0["fc.weight"] = Tensor(repeating: 0, shape: [7, 2048]) }
    try expectEncoder("mobilenet_v2") { $0["classifier.1.bias"] = nil }
    #expect(throws: CheckpointError.self) {
      try expectEncoder("resnet18") { $0["bn1.bias"] = Tensor(repeating: 0, shape: [9]) }
    }
    #expect(throws: CheckpointError.self) { try expectEncoder("resnet18") { $0["bn1.bias"] = nil } }
  }

  @Test("An encoder's last convolution that no map depends on may be missing")
  func unused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let whole = try unet(encoder: "efficientnet-b0")
    #expect(whole.entries.contains { $0.name == "encoder._conv_head.weight" })
    try expectWhole(whole, encoder: "efficientnet-b0")
    let cut = try whole.renamed {
      $0.hasPrefix("encoder._conv_head") || $0.hasPrefix("encoder._bn1") ? nil : $0
    }
    try expectWhole(cut, encoder: "efficientnet-b0")
    let other = try whole.renamed { $0.hasPrefix("encoder._bn0") ? nil : $0 }
    #expect(throws: CheckpointError.self) { try expectWhole(other, encoder: "efficientnet-b0") }
  }

  @Test(
    "What is added inside a network is refused with its name",
    arguments: [
      ("resnet18", NamingScheme.timm, "layer1.0.se.fc1.weight"), ("resnet18", .torchvision, "conv1.bias"),
      ("mobilenet_v2", .torchvision, "features.3.conv.9.weight"),
      ("densenet121", .torchvision, "features.norm6.weight"),
      ("efficientnet_b0", .timm, "blocks.1.0.bn4.weight"), ("vgg16", .torchvision, "features.31.weight"),
      ("convnext_tiny", .timm, "stages.0.blocks.0.grn.weight"), ("convnext_tiny", .timm, "norm_pre.weight"),
      ("vit_small_patch16_224", .timm, "blocks.0.ls1.gamma"), ("vit_small_patch16_224", .timm, "reg_token"),
      ("vit_small_patch16_224", .timm, "dist_token"), ("vit_small_patch16_224", .timm, "fc_norm.weight"),
      ("swin_v2_t", .torchvision, "features.1.0.norm3.weight"),
      ("swin_v2_t", .torchvision, "absolute_pos_embed"),
      ("inception_v3", .torchvision, "Mixed_5b.branch1x1.se.weight"),
    ])
  func added(name: String, scheme: NamingScheme, tensor: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    for classes in [7, nil] {
      let weights = try file(name, scheme, classes: classes) { $0[tensor] = Tensor(repeating: 1, shape: [3]) }
      let best = try #require(
        Recognition.candidates(for: weights).first { $0.network.name == name && $0.options.scheme == scheme })
      #expect(best.leftOver == [tensor])
      let error = #expect(throws: CheckpointError.self) { () throws in
        _ = try best.network(from: weights)
      }
      #expect(error?.problem.contains("tensor '\(tensor)' has no place in the network") == true)
      guard let wanted = Architecture.named("unet", encoder: name) else { continue }
      let refusal = #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted) }
      #expect(refusal?.problem.contains("'\(tensor)' has no place in the network") == true)
    }
  }

  private static let otherTables: [(String, Shape)] = [
    ("features.1.0.attn.relative_coords_table", [1, 31, 31, 2]),
    ("features.1.0.attn.relative_coords_table", [1, 15, 15, 2]),
    ("features.5.1.attn.relative_position_index", [65536]),
    ("features.5.1.attn.relative_position_index", [4096]),
  ]

  @Test("Tables that show other constants are refused", arguments: otherTables)
  func otherConstants(name: String, shape: Shape) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let weights = try file("swin_v2_t", .torchvision) { $0[name] = Tensor(repeating: 1, shape: shape) }
    let best = try #require(Recognition.candidates(for: weights).first)
    #expect(throws: CheckpointError.self) { () throws in
      _ = try best.network(from: weights)
    }
    let wanted = try #require(Architecture.named("unet", encoder: "swin_v2_t"))
    #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted) }
  }

  @Test("A decoder that does not fit is said to be left")
  func otherDecoder() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let other = try unet({ $0.hasPrefix("encoder.") ? "encoder.model." + $0.dropFirst(8) : $0 })
      .renamed { $0 == "decoder.blocks.2.conv1.0.weight" ? nil : $0 }
    let start = try StartingWeights(
      other, for: try #require(Architecture.named("unet", encoder: "resnet18")))
    #expect(!start.isWhole)
    #expect(
      start.file.notes.contains("the file has a decoder, too, which is not taken: not all of it fits unet"))
  }

  @Test("A file of something else is refused with what it is instead")
  func refused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let wanted = try #require(Architecture.named("unet", encoder: "resnet50"))
    let weights = try file("resnet18", .torchvision)
    let error = #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted) }
    #expect(error?.code == .mismatch)
    #expect(
      error?.problem.hasPrefix("these are not weights of unet with resnet50: resnet18 explains") == true)
  }
}
