import Checkpoints
import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Strict loading")
struct StrictLoadingTests {
  private let parameters = ParameterList()

  init() {
    let root = ParameterScope(parameters, seed: 1)
    _ = Convolution(
      .init(inputs: 2, outputs: 3, kernel: SlidingKernel(size: 3)), in: root.child("encoder").child("conv1"),
      initializer: .xavierUniform)
    _ = BatchNormalization(channels: 3, activation: .relu, in: root.child("encoder").child("bn1"))
    _ = Convolution(
      .init(inputs: 3, outputs: 4, kernel: SlidingKernel(size: 1), hasBias: true), in: root.child("head"),
      initializer: .xavierUniform)
  }

  private var sound: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: parameters.all.map { ($0.path, HashedValues($0.path).tensor($0.tensor.shape)) })
  }

  @Test("every tensor goes to its path; PyTorch's batch counters are passed over")
  func wholeNetwork() throws {
    var tensors = sound
    tensors["encoder.bn1.num_batches_tracked"] = Tensor([3], shape: [])
    try StrictLoading.load(tensors, into: parameters, file: "w.safetensors")
    for parameter in parameters.all { #expect(parameter.tensor.values == sound[parameter.path]!.values) }
  }

  @Test("training a loaded network leaves the tensors it was loaded from alone")
  func copies() throws {
    let tensors = sound
    try StrictLoading.load(tensors, into: parameters, file: "w.safetensors")
    parameters["head.bias"]!.tensor.mutate { $0[0] = 100 }
    #expect(tensors["head.bias"]!.values == sound["head.bias"]!.values)
  }

  @Test("a missing tensor is named with the shape that is wanted, and nothing is loaded")
  func missing() {
    var tensors = sound
    tensors["head.weight"] = nil
    expectMismatch(tensors, "tensor 'head.weight' [4, 3, 1, 1] is missing")
  }

  @Test("a tensor of another shape is named with both shapes")
  func otherShape() {
    var tensors = sound
    tensors["encoder.conv1.weight"] = HashedValues("x").tensor([3, 13, 3, 3])
    expectMismatch(tensors, "tensor 'encoder.conv1.weight' is [3, 13, 3, 3], the network wants [3, 2, 3, 3]")
  }

  @Test("a tensor left over is named")
  func leftOver() {
    var tensors = sound
    tensors["fc.weight"] = HashedValues("x").tensor([2])
    expectMismatch(tensors, "tensor 'fc.weight' has no place in the network")
  }

  @Test("values that are not numbers are named", arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) {
    var tensors = sound
    tensors["head.bias"] = Tensor([0, value, 0, 0], shape: [4])
    expectMismatch(tensors, "tensor 'head.bias' holds NaN or infinity")
  }

  @Test("of many problems five are shown and the others counted, missing ones first")
  func many() {
    var tensors = sound
    for path in parameters.all.map(\.path) where path.hasPrefix("encoder.bn1.") { tensors[path] = nil }
    tensors["head.bias"] = HashedValues("x").tensor([5])
    tensors["x.1"] = HashedValues("x").tensor([1])
    tensors["x.2"] = HashedValues("x").tensor([1])
    expectMismatch(
      tensors,
      "tensor 'encoder.bn1.weight' [3] is missing; tensor 'encoder.bn1.bias' [3] is missing; "
        + "tensor 'encoder.bn1.running_mean' [3] is missing; tensor 'encoder.bn1.running_var' [3] is missing; "
        + "tensor 'head.bias' is [5], the network wants [4]; and 2 more")
  }

  @Test("with a prefix only what is below it is wanted and loaded")
  func prefix() throws {
    let before = parameters["head.weight"]!.tensor.values
    let encoder = sound.filter { $0.key.hasPrefix("encoder.") }
    try StrictLoading.load(encoder, into: parameters, prefix: "encoder.", file: "w.safetensors")
    #expect(parameters["head.weight"]!.tensor.values == before)
    #expect(parameters["encoder.conv1.weight"]!.tensor.values == sound["encoder.conv1.weight"]!.values)
    expectMismatch(
      sound, prefix: "encoder.",
      "tensor 'head.bias' has no place in the network; "
        + "tensor 'head.weight' has no place in the network")
  }

  private func expectMismatch(
    _ tensors: [String: Tensor], prefix: String = "", _ problem: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let before = parameters.snapshot()
    let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
      try StrictLoading.load(tensors, into: parameters, prefix: prefix, file: "w.safetensors")
    }
    #expect(
      error == CheckpointError(.mismatch, path: "w.safetensors", problem), sourceLocation: sourceLocation)
    for parameter in parameters.all {
      #expect(parameter.tensor.values == before[parameter.path]!.values, sourceLocation: sourceLocation)
    }
  }
}
