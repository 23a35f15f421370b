import CPUKernels
import Checkpoints
import Foundation
import Layers
import NumericOracles
import Tensors
import Testing

@Suite("Adapters in peft's format")
struct PEFTAdapterTests {
  /// A convolution and a linear map.
  private struct Net {
    let parameters = ParameterList()

    init() {
      let root = ParameterScope(parameters, seed: 3)
      _ = Convolution(
        .init(inputs: 3, outputs: 4, kernel: SlidingKernel(size: 3, padding: 1)),
        in: root.descendant("encoder.conv1"), initializer: .xavierUniform)
      _ = Linear(inputs: 4, outputs: 5, in: root.child("head"))
    }

    var weights: [[Float]] { parameters.all.map(\.tensor.values) }

    func updated(_ kind: LowRankUpdates.Kind) -> LowRankUpdates {
      let updates = LowRankUpdates(
        .init(kind: kind, rank: 2, alpha: 5), on: parameters, seed: 1, where: { _ in true })
      for (_, update) in updates.places {
        update.expansion.set(HashedValues(update.expansion.path).tensor(update.expansion.tensor.shape))
      }
      return updates
    }
  }

  @Test("what is written is read and merged to the same weights", arguments: LowRankUpdates.Kind.allCases)
  func roundTrip(kind: LowRankUpdates.Kind) throws {
    try inTemporaryFolder { folder in
      let network = Net()
      let updates = network.updated(kind)
      try PEFTAdapter(updates).write(to: folder)
      let file = try WeightsFile(contentsOf: folder + "/adapter_model.safetensors")
      #expect(
        file.entries.map { "\($0.name) \($0.shape)" }.sorted() == [
          "base_model.model.encoder.conv1.lora_A.weight [2, 3, 3, 3]",
          "base_model.model.encoder.conv1.lora_B.weight [4, 2, 1, 1]",
          "base_model.model.head.lora_A.weight [2, 4]", "base_model.model.head.lora_B.weight [5, 2]",
        ])
      updates.merge(on: KernelSet.standard)

      let other = Net()
      let before = other.weights
      let read = try LowRankUpdates.read(from: folder, into: other.parameters)
      #expect(read.options.rank == 2 && read.options.alpha == 5 && other.weights == before)
      read.merge(on: KernelSet.standard)
      for (found, expected) in zip(other.weights, network.weights) {
        #expect(scaledDifference(found, expected) < 1e-6)
      }
      #expect(other.weights != before)
    }
  }

  /// Without the counter, and with `head` in the place of `head.head.2`, peft 0.21 fails to load the folder.
  @Test("Modules that trained whole are named one by one, with the counter that peft wants of statistics")
  func wholeModules() throws {
    try inTemporaryFolder { folder in
      let parameters = ParameterList()
      let root = ParameterScope(parameters, seed: 3)
      _ = Linear(inputs: 4, outputs: 5, in: root.descendant("encoder.map"))
      _ = BatchNormalization(channels: 5, in: root.descendant("decoder.norm"))
      _ = Linear(inputs: 5, outputs: 2, in: root.descendant("head.head.2"))
      _ = Linear(inputs: 5, outputs: 2, in: root.descendant("header"))
      let updates = LowRankUpdates(
        .init(rank: 2), on: parameters, seed: 1, where: { $0.path == "encoder.map.weight" })
      try PEFTAdapter(updates, saving: ["decoder", "head"], of: parameters).write(to: folder)
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/adapter_config.json"))
      let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(fields["modules_to_save"] as? [String] == ["decoder.norm", "head.head.2"])
      let file = try WeightsFile(contentsOf: folder + "/adapter_model.safetensors")
      let names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"].map {
        "decoder.norm." + $0
      }
      let whole = names + ["head.head.2.weight", "head.head.2.bias"]
      let parts = ["encoder.map.lora_A.weight", "encoder.map.lora_B.weight"]
      #expect(Set(file.entries.map(\.name)) == Set((whole + parts).map { "base_model.model." + $0 }))
    }
  }

  /// Against peft; see `Golden/write_split_adapter.py`.
  @Test("TerraTorch's updates of queries and values apart become one of the matrix that holds the three")
  func split() throws {
    let golden = Bundle.module.resourceURL!.appendingPathComponent("Golden/split-adapter").path
    let network = Block()
    let updates = try LowRankUpdates.read(from: golden, into: network.parameters)
    #expect(updates.places.map(\.update.reduction.tensor.shape) == [[4, 6], [2, 6]])
    updates.merge(on: KernelSet.standard)
    let merged = try Safetensors(contentsOf: golden + "/merged.safetensors").tensors
    for (path, expected) in merged {
      let found = try #require(network.parameters[path], "\(path)").tensor.values
      #expect(scaledDifference(found, expected.values) < 1e-6, "\(path)")
    }
  }

  @Test("updates of a part that the network does not have together, or of another size, are refused")
  func splitMisfit() throws {
    let golden = Bundle.module.resourceURL!.appendingPathComponent("Golden/split-adapter").path
    for (channels, outputs) in [(4, 12), (6, 12)] {
      let network = Block(channels: channels, outputs: outputs)
      let error = #expect(throws: CheckpointError.self) {
        try LowRankUpdates.read(from: golden, into: network.parameters)
      }
      #expect(error?.code == .mismatch && error?.problem.contains("blocks.0.attn.qkv.q_linear") == true)
      #expect(network.parameters.all.allSatisfy { $0.update == nil })
    }
  }

  /// The linear maps of one block of a transformer, with the weights of `write_split_adapter.py`.
  private struct Block {
    let parameters = ParameterList()

    init(channels: Int = 6, outputs: Int = 18) {
      let root = ParameterScope(parameters, seed: nil).descendant("blocks.0.attn")
      _ = Linear(inputs: channels, outputs: outputs, in: root.child("qkv"))
      _ = Linear(inputs: channels, outputs: channels, in: root.child("proj"))
      for parameter in parameters.all {
        let shape = parameter.tensor.shape
        parameter.set(Tensor((0..<shape.count).map { Float((7 * $0) % 11 - 5) / 10 }, shape: shape))
      }
    }
  }

  @Test("the configuration names modules by their whole paths")
  func configuration() throws {
    try inTemporaryFolder { folder in
      try PEFTAdapter(Net().updated(.lora)).write(to: folder)
      let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/adapter_config.json"))
      let fields = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(fields["target_modules"] as? [String] == ["encoder.conv1", "head"])
      #expect(fields["peft_type"] as? String == "LORA" && fields["bias"] as? String == "none")
      #expect(fields["r"] as? Int == 2 && fields["lora_alpha"] as? Int == 5)
      #expect(fields["task_type"] is NSNull && fields["modules_to_save"] is NSNull)
    }
  }

  @Test(
    "what is no plain LoRA of one rank is refused with the field's name",
    arguments: [
      ("\"peft_type\": \"IA3\"", "peft_type is IA3"), ("\"use_dora\": true", "use_dora"),
      ("\"bias\": \"all\"", "bias is all"), ("\"r\": 0", "r is 0"),
      ("\"rank_pattern\": {\"head\": 4}", "rank_pattern"),
      ("\"alpha_pattern\": {\"head\": 4}", "alpha_pattern"),
      ("\"modules_to_save\": [\"head\"]", "modules_to_save: head"), ("\"r\": \"two\"", "cannot be read"),
    ])
  func refused(field: String, problem: String) throws {
    try inTemporaryFolder { folder in
      try PEFTAdapter(Net().updated(.lora)).write(to: folder)
      let path = folder + "/adapter_config.json"
      // Of two fields of one name the first one would count.
      let key = String(field.split(separator: ":")[0])
      let usual = ["\"peft_type\": \"LORA\"", "\"r\": 2", "\"lora_alpha\": 5"]
      let text = "{" + (usual.filter { !$0.hasPrefix(key + ":") } + [field]).joined(separator: ", ") + "}"
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let network = Net()
      let error = #expect(throws: CheckpointError.self) {
        try LowRankUpdates.read(from: folder, into: network.parameters)
      }
      #expect(error?.path == path && error?.problem.contains(problem) == true, "\(String(describing: error))")
      #expect(network.parameters.all.allSatisfy { $0.update == nil })
    }
  }

  @Test("scales by the root of the rank where the file says so")
  func rootScale() throws {
    try inTemporaryFolder { folder in
      try PEFTAdapter(Net().updated(.lora)).write(to: folder)
      let text = "{\"peft_type\": \"LORA\", \"r\": 4, \"lora_alpha\": 6, \"use_rslora\": true}"
      try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/adapter_config.json"))
      // The file has rank 2: the mismatch is said, and nothing is left attached.
      let network = Net()
      let error = #expect(throws: CheckpointError.self) {
        try LowRankUpdates.read(from: folder, into: network.parameters)
      }
      #expect(error?.problem.contains("tensor 'encoder.conv1.lora_A.weight' is [2, 3, 3, 3]") == true)
      #expect(network.parameters.all.allSatisfy { $0.update == nil })

      try Data(text.replacingOccurrences(of: "4", with: "2").utf8)
        .write(to: URL(fileURLWithPath: folder + "/adapter_config.json"))
      let read = try LowRankUpdates.read(from: folder, into: network.parameters)
      #expect(abs(read.places[0].update.scale - 6 / Float(2).squareRoot()) < 1e-6)
    }
  }

  @Test("a module that the network has not, and a missing folder, are named")
  func unknown() throws {
    try inTemporaryFolder { folder in
      let missing = #expect(throws: CheckpointError.self) {
        try LowRankUpdates.read(from: folder, into: Net().parameters)
      }
      #expect(missing?.code == .notFound)
      try PEFTAdapter(Net().updated(.lora)).write(to: folder)
      let other = ParameterList()
      _ = Linear(inputs: 4, outputs: 5, in: ParameterScope(other, seed: 0).child("head"))
      let error = #expect(throws: CheckpointError.self) {
        try LowRankUpdates.read(from: folder, into: other)
      }
      #expect(error?.problem.contains("'encoder.conv1'") == true)
      #expect(other.all.allSatisfy { $0.update == nil })
    }
  }
}
