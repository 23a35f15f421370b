import CPUKernels
import Checkpoints
import Classes
import Foundation
import Layers
import Models
import NumericOracles
import Tensors
import Testing

@Suite("Low-rank updates of whole networks", .serialized)
struct LowRankNetworkTests {
  private static let shape: Shape = [2, 4, 64, 64]
  private static let images = HashedValues("images").tensor(shape, scale: 2)

  /// Everything but the head, with B far from 0.
  private func updates(_ kind: LowRankUpdates.Kind, of parameters: ParameterList, head: [String])
    -> LowRankUpdates
  {
    let updates = LowRankUpdates(
      .init(kind: kind, rank: 4, alpha: 8), on: parameters, seed: 5
    ) { parameter in !head.contains { parameter.path.hasPrefix($0) } }
    for (_, update) in updates.places {
      let shape = update.expansion.tensor.shape
      update.expansion.set(HashedValues(update.expansion.path).tensor(shape, scale: 0.02))
    }
    return updates
  }

  private func check(_ parameters: ParameterList, _ updates: LowRankUpdates, _ run: () -> [Float]) {
    let adapted = run()
    updates.merge(on: KernelSet.standard)
    #expect(scaledDifference(run(), adapted) < 1e-6)
    #expect(parameters.all.allSatisfy { $0.update == nil })
  }

  @Test("of a U-Net: merged or not, as it is or prepared", arguments: LowRankUpdates.Kind.allCases)
  func unet(kind: LowRankUpdates.Kind) {
    let network = HashedNetwork.unet(.eighteen, bands: 4, classes: 3)
    func scores() -> [Float] {
      let scores = network(Value(Self.images), in: Pass(.inference, kernels: KernelSet.standard)).scores
        .tensor
      return KernelSet.standard.plain(scores).values
    }
    let before = scores()
    let updates = updates(
      kind, of: network.parameters, head: network.description.parts.with(.head).flatMap(\.prefixes))
    // 20 convolutions of the encoder and 10 of the decoder.
    #expect(updates.places.count == 30)
    let adapted = scores()
    #expect(scaledDifference(adapted, before) > 1e-2)
    let prepared = network.prepared(for: [1, 4, 64, 64], on: KernelSet.standard)
    #expect(scaledDifference(prepared(Self.images).values, adapted) < 2e-4)
    check(network.parameters, updates, scores)
  }

  @Test("of a transformer: merged or not", arguments: LowRankUpdates.Kind.allCases)
  func transformer(kind: LowRankUpdates.Kind) throws {
    let architecture = try #require(Architecture.named("vit_small_patch16_224", scheme: .timm))
    let (network, parameters) = HashedNetwork.backbone(
      architecture, .init(bands: 4, classes: 3, scheme: .timm))
    let updates = updates(kind, of: parameters, head: ["head."])
    // Four linear maps a block; an adapter has no place in the patches, whose kernel is even.
    #expect(updates.places.count == (kind == .lora ? 49 : 48))
    check(parameters, updates) {
      let pass = Pass(.inference, kernels: KernelSet.standard)
      let pooled = network.pooled(network.features(of: Value(Self.images), in: pass), in: pass)
      return KernelSet.standard.plain(network.scores(of: pooled, in: pass).tensor).values
    }
  }

  /// Only A and B move, and the loss falls.
  @Test("training moves A and B alone", arguments: LowRankUpdates.Kind.allCases)
  func training(kind: LowRankUpdates.Kind) {
    let network = HashedNetwork.unet(.eighteen, bands: 4, classes: 3)
    network.parameters.freeze([""])
    let updates = updates(kind, of: network.parameters, head: [])
    let before = network.parameters.snapshot()
    let optimizer = AdamW(weightDecay: 0)
    let targets = HashedNetwork.targets("targets", count: 2 * 64 * 64, classes: 3)
    let losses = (0..<4).map { _ in
      let pass = Pass(.training, kernels: KernelSet.standard)
      let scores = network(Value(Self.images), in: pass).scores
      let value = CrossEntropy().evaluate(
        probabilities: Softmax.probabilities(KernelSet.standard.plain(scores.tensor)), targets: targets)
      scores.accumulate(value.gradient, with: KernelSet.standard)
      let gradients = pass.backward().map { ($0.parameter, KernelSet.standard.plain($0.gradient)) }
      #expect(gradients.count == updates.parameters.all.count)
      optimizer.step(gradients) { _ in 1e-3 }
      return value.value
    }
    #expect(losses.last! < losses[0])
    #expect(network.parameters.all.allSatisfy { $0.tensor.values == before[$0.path]!.values })
  }

  /// A folder for `Parity/adapters.py`: the network, its adapter and what both make of images. Where
  /// `TERRANE_ADAPTERS` names one it is written there and left.
  @Test("a network and its adapter are written side by side", arguments: LowRankUpdates.Kind.allCases)
  func folder(kind: LowRankUpdates.Kind) throws {
    let chosen = ProcessInfo.processInfo.environment["TERRANE_ADAPTERS"]
    let root =
      chosen.map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.temporaryDirectory.appendingPathComponent("adapters-\(UUID())")
    defer { if chosen == nil { try? FileManager.default.removeItem(at: root) } }
    let folder = root.appendingPathComponent(kind.rawValue)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let card = ModelCard(
      architecture: "unet", encoder: "resnet18", sensor: "sentinel-2-l2a",
      bands: (0..<4).map { .init(name: "B\($0)", wavelength: nil, mean: 0, deviation: 1) },
      classes: (1...3).map { .init(value: UInt8($0), name: "class \($0)") })
    let model = try Model(card: card, seed: nil)
    HashedNetwork.fill(model.network.parameters)
    try model.write(to: folder.appendingPathComponent("model.safetensors").path)
    let updates = updates(
      kind, of: model.network.parameters,
      head: model.network.description.parts.with(.head).flatMap(\.prefixes))
    try PEFTAdapter(updates).write(to: folder.path)
    let scores = model.network(Value(Self.images), in: Pass(.inference, kernels: KernelSet.standard)).scores
      .tensor
    try Safetensors(tensors: ["images": Self.images, "scores": KernelSet.standard.plain(scores)])
      .write(to: folder.appendingPathComponent("images.safetensors").path)

    let other = try Model(contentsOf: folder.appendingPathComponent("model.safetensors").path)
    try LowRankUpdates.read(from: folder.path, into: other.network.parameters).merge(on: KernelSet.standard)
    updates.merge(on: KernelSet.standard)
    for (found, expected) in zip(other.network.parameters.all, model.network.parameters.all) {
      #expect(scaledDifference(found.tensor.values, expected.tensor.values) < 1e-6, "\(found.path)")
    }
  }
}
