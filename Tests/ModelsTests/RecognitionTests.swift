import Checkpoints
import Foundation
import Layers
import Models
import Tensors
import Testing

/// Files of weights under publishers' names, made of our own networks.
@Suite("A file of weights is recognised by names and shapes", .serialized)
struct RecognitionTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "terrane-recognition-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

  /// A file with the tensors of a backbone, as they are after `change`.
  private func file(
    _ name: String, _ scheme: NamingScheme, bands: Int = 5, classes: Int? = 7,
    change: (inout [String: Tensor]) -> Void = { _ in }
  ) throws -> WeightsFile {
    let options = BackboneOptions(bands: bands, classes: classes, scheme: scheme)
    let published = try #require(
      PublishedArchitecture.all.first { $0.name == name && $0.schemes.contains(scheme) })
    let parameters = published.network(options, seed: 3).parameters
    var tensors = Dictionary(uniqueKeysWithValues: parameters.all.map { ($0.path, $0.tensor) })
    change(&tensors)
    let path = folder.appendingPathComponent("\(UUID().uuidString).safetensors").path
    try Safetensors(tensors: tensors).write(to: path)
    return try WeightsFile(contentsOf: path)
  }

  static let published: [(String, NamingScheme)] = [
    ("resnet18", .torchvision), ("mobilenet_v2", .torchvision), ("mobilenetv2_100", .timm),
    ("efficientnet_b0", .torchvision), ("efficientnet_b0", .timm), ("efficientnet-b0", .smp),
    ("densenet121", .torchvision), ("vit_small_patch16_224", .timm), ("swin_v2_t", .torchvision),
    ("convnext_tiny", .timm),
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
    #expect(best.missing == ["backbone.backbone.bn1.weight"] && best.leftOver == ["projector.weight"])
    #expect(best.misshapen.map(\.name) == ["backbone.backbone.bn1.bias"])
    #expect(best.misshapen.first?.found == [9] && best.misshapen.first?.wanted == [64])
  }

  @Test(
    "The weights of an encoder start a U-Net under any publisher's names",
    arguments: [
      ("mobilenetv2_100", NamingScheme.timm, "mobilenet_v2"), ("densenet121", .timm, "densenet121"),
      ("efficientnet_b0", .torchvision, "efficientnet-b0"), ("resnet18", .timm, "resnet18"),
    ])
  func starting(name: String, scheme: NamingScheme, encoder: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let weights = try file(name, scheme)
    let wanted = try #require(SegmentationArchitecture.named("unet", encoder: encoder))
    let start = try StartingWeights(weights, for: wanted)
    let network = wanted.network(bands: 5, classes: 2, seed: nil)
    let paths = network.stages.dropLast(2).flatMap(\.prefixes)
    let parts = network.parameters.all.filter { parameter in
      paths.contains { parameter.path.hasPrefix($0) }
    }
    #expect(!start.isWhole && start.file.entries.count == parts.count)
    for parameter in parts { #expect(start.file[parameter.path]?.shape == parameter.tensor.shape) }
    // The first and the last tensor went to their own places.
    let source = weights.entries.map(\.name).filter { !$0.hasPrefix("classifier") }
    #expect(!source.isEmpty)
    let first = try start.file.tensor(network.firstConvolution).values
    #expect(try source.contains { try weights.tensor($0).values == first })
    // Only EfficientNets are computed otherwise by different publishers.
    #expect(
      start.file.notes.contains { $0.hasPrefix("these weights were made for epsilon 1e-05") }
        == name.hasPrefix("efficientnet"), "\(start.file.notes)")
  }

  @Test("A file of something else is refused with what it is instead")
  func refused() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let wanted = try #require(SegmentationArchitecture.named("unet", encoder: "resnet50"))
    let weights = try file("resnet18", .torchvision)
    let error = #expect(throws: CheckpointError.self) { try StartingWeights(weights, for: wanted) }
    #expect(error?.code == .mismatch)
    #expect(
      error?.problem.hasPrefix("these are not weights of unet with resnet50: resnet18 explains") == true)
  }
}
