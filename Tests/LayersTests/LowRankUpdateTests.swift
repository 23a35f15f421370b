import CPUKernels
import Checkpoints
import Foundation
import Layers
import NumericOracles
import Tensors
import Testing

/// Against peft and PyTorch in float64; see `Golden/write_lora.py`.
@Suite("Low-rank updates of weights")
struct LowRankUpdateTests {
  private static let golden = Result {
    let folder = Bundle.module.resourceURL!.appendingPathComponent("Golden")
    return try Safetensors(contentsOf: folder.appendingPathComponent("lora.safetensors").path).tensors
  }

  struct Case: CustomTestStringConvertible, Sendable {
    let kind: LowRankUpdates.Kind
    let set: Int
    var kernels: any Kernels { KernelSet.all[set] }
    var testDescription: String { "\(kind) on \(kernels.name)" }

    static let all = LowRankUpdates.Kind.allCases.flatMap { kind in
      KernelSet.all.indices.map { Case(kind: kind, set: $0) }
    }
  }

  private static let images = HashedValues("images").tensor([2, 3, 7, 9])

  private func updates(_ kind: LowRankUpdates.Kind, of network: Net, hashed: Bool = true) -> LowRankUpdates {
    let updates = LowRankUpdates(
      .init(kind: kind, rank: 2, alpha: 3), on: network.parameters, seed: 7, where: { _ in true })
    if hashed { Net.fill(updates.parameters) }
    return updates
  }

  @Test("results and gradients are those of branches beside the layers", arguments: Case.all)
  func parity(case: Case) throws {
    let (golden, kernels) = (try Self.golden.get(), `case`.kernels)
    func expected(_ name: String) throws -> [Float] {
      try #require(golden["\(`case`.kind)/\(name)"], "\(name)").values
    }
    let network = Net()
    network.parameters.freeze([""])
    let updates = updates(`case`.kind, of: network)
    let pass = Pass(.training, kernels: kernels)
    let output = network(Value(Self.images), in: pass)
    #expect(scaledDifference(kernels.plain(output.tensor).values, try expected("output")) < 1e-5)

    output.accumulate(HashedValues("factors").tensor([2, 5]), with: kernels)
    let gradients = pass.backward()
    #expect(Set(gradients.map(\.parameter.path)) == Set(updates.parameters.all.map(\.path)))
    for (parameter, gradient) in gradients {
      let expected = try expected("\(parameter.path).gradient")
      #expect(scaledDifference(kernels.plain(gradient).values, expected) < 1e-5, "\(parameter.path)")
    }
  }

  @Test("merged weights are peft's")
  func mergedWeights() throws {
    let network = Net()
    updates(.lora, of: network).merge(on: KernelSet.standard)
    for name in ["first", "second", "head"] {
      let expected = try #require(try Self.golden.get()["lora/\(name).merged"]).values
      #expect(scaledDifference(network.parameters["\(name).weight"]!.tensor.values, expected) < 1e-6)
    }
  }

  @Test("merged or not, results are the same; detached, they are what they were", arguments: Case.all)
  func merging(case: Case) {
    func scores(_ network: Net) -> [Float] {
      let kernels = `case`.kernels
      return kernels.plain(network(Value(Self.images), in: Pass(.inference, kernels: kernels)).tensor).values
    }
    let network = Net()
    let before = scores(network)
    let updates = updates(`case`.kind, of: network)
    let adapted = scores(network)
    #expect(scaledDifference(adapted, before) > 1e-2)
    updates.detach()
    #expect(updates.places.isEmpty && scores(network) == before)

    self.updates(`case`.kind, of: network).merge(on: KernelSet.standard)
    #expect(network.parameters.all.allSatisfy { $0.update == nil })
    #expect(scaledDifference(scores(network), adapted) < 1e-6)
  }

  @Test("nothing changes at first, to the last bit; A starts within 1 / sqrt(fan-in)", arguments: Case.all)
  func start(case: Case) {
    let kernels = `case`.kernels
    func bits(_ network: Net) -> [UInt32] {
      let scores = network(Value(Self.images), in: Pass(.inference, kernels: kernels)).tensor
      return kernels.plain(scores).values.map(\.bitPattern)
    }
    let network = Net()
    let before = bits(network)
    let updates = updates(`case`.kind, of: network, hashed: false)
    #expect(bits(network) == before)
    for (weight, update) in updates.places {
      let shape = update.reduction.tensor.shape
      let bound = 1 / Float(shape.count / shape[0]).squareRoot()
      let largest = update.reduction.tensor.values.map(abs).max()!
      #expect(largest <= bound && largest > 0.5 * bound, "\(weight.path)")
      #expect(update.expansion.tensor.values.allSatisfy { $0 == 0 })
    }
    // Each A has a stream of its own.
    let again = LowRankUpdates(
      .init(kind: `case`.kind, rank: 2), on: Net().parameters, seed: 7, where: { $0.path == "head.weight" })
    #expect(
      again.places[0].update.reduction.tensor.values == updates.places[2].update.reduction.tensor.values)
  }

  @Test("a weight that trains beside its update gets the gradient that it had")
  func ownGradient() throws {
    func gradient(updated: Bool) throws -> [Float] {
      let network = Net()
      if updated { _ = updates(.lora, of: network, hashed: false) }
      let pass = Pass(.training, kernels: ReferenceKernels())
      network(Value(Self.images), in: pass).accumulate(
        HashedValues("factors").tensor([2, 5]), with: ReferenceKernels())
      return try #require(pass.backward().first { $0.parameter.path == "first.weight" }).gradient.values
    }
    #expect(try gradient(updated: true) == gradient(updated: false))
  }

  @Test("what can be updated: one group, for adapters a kernel around its pixel")
  func choice() {
    let list = ParameterList()
    let root = ParameterScope(list, seed: 1)
    func convolution(_ name: String, _ kernel: SlidingKernel, groups: Int = 1) {
      _ = Convolution(
        .init(inputs: 4, outputs: 4, kernel: kernel, groups: groups, hasBias: true), in: root.child(name),
        initializer: .xavierUniform)
    }
    convolution("centred", SlidingKernel(size: 3, stride: 2, padding: 1))
    convolution("dilated", SlidingKernel(size: 3, padding: 2, dilation: 2))
    convolution("pixel", SlidingKernel(size: 1))
    convolution("flat", SlidingKernel(rows: .init(size: 1), columns: .init(size: 7, before: 3)))
    convolution("grouped", SlidingKernel(size: 3, padding: 1), groups: 2)
    convolution("unpadded", SlidingKernel(size: 3))
    convolution("even", SlidingKernel(size: 2, stride: 2))
    convolution(
      "askew", SlidingKernel(rows: .init(size: 3, before: 0, after: 1), columns: .init(size: 3, before: 1)))
    _ = BatchNormalization(channels: 4, in: root.child("norm"))
    _ = Linear(inputs: 4, outputs: 2, in: root.child("linear"))
    _ = root.child("packed").parameter(
      "in_proj_weight", .weight, shape: [6, 2], initializer: .xavierUniform)
    func chosen(_ kind: LowRankUpdates.Kind) -> Set<String> {
      let updates = LowRankUpdates(.init(kind: kind, rank: 1), on: list, seed: nil) { _ in true }
      defer { updates.detach() }
      return Set(updates.places.map(\.weight.modulePath))
    }
    #expect(chosen(.adapter) == ["centred", "dilated", "pixel", "flat", "linear"])
    #expect(chosen(.lora) == chosen(.adapter).union(["unpadded", "even", "askew"]))
    let one = LowRankUpdates(.init(rank: 1), on: list, seed: nil) { $0.path == "pixel.weight" }
    #expect(one.parameters.all.map(\.path) == ["pixel.lora_A.weight", "pixel.lora_B.weight"])
  }
}

/// Two convolutions, the means of the channels, a linear map: the network of `Golden/write_lora.py`.
private struct Net {
  let parameters = ParameterList()
  private let first, second: Convolution
  private let head: Linear

  init() {
    let root = ParameterScope(parameters, seed: nil)
    first = Convolution(
      .init(inputs: 3, outputs: 6, kernel: SlidingKernel(size: 3, stride: 2, padding: 1), hasBias: true),
      in: root.child("first"), initializer: .constant(0))
    second = Convolution(
      .init(inputs: 6, outputs: 4, kernel: SlidingKernel(size: 1)), in: root.child("second"),
      initializer: .constant(0))
    head = Linear(inputs: 4, outputs: 5, in: root.child("head"))
    Self.fill(parameters)
  }

  static func fill(_ parameters: ParameterList) {
    for parameter in parameters.all {
      parameter.set(HashedValues(parameter.path).tensor(parameter.tensor.shape, scale: 0.5))
    }
  }

  func callAsFunction(_ input: Value, in pass: Pass) -> Value {
    let tape = pass.tape
    let maps = second(tape.activation(first(input, in: pass), .silu), in: pass)
    return head(tape.reshaped(tape.channelMeans(maps), to: [input.tensor.shape.batch, 4]), in: pass)
  }
}
