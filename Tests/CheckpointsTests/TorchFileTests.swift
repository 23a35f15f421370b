import Checkpoints
import Foundation
import Tensors
import Testing

@Suite("Files of torch.save")
struct TorchFileTests {
  /// What Python says is in the files: `FILE/TENSOR`, and for each file names and types in their order.
  private static let expected = Result {
    try WeightsFile(contentsOf: goldenPath("torch/expected.safetensors"))
  }

  private static let listing = (try? expected.get().metadata["listing"]).flatMap {
    try? JSONDecoder().decode([String: [[String]]].self, from: Data($0.utf8))
  }
  static let files = (listing ?? [:]).keys.sorted()

  @Test("there are files for each format, protocol and kind of checkpoint")
  func coverage() { #expect(Self.files.count == 28) }

  @Test("every tensor has the name, place, type, shape and bits that PyTorch gives it", arguments: files)
  func parity(name: String) throws {
    let file = try WeightsFile(contentsOf: goldenPath("torch/" + name))
    let expected = try Self.expected.get()
    #expect(file.entries.map { [$0.name, $0.type] } == Self.listing?[name])
    #expect(file.format == (name.contains("legacy") ? .torchLegacy : .torchArchive))
    #expect(file.metadata.isEmpty)
    for entry in file.entries where !["C64", "C128"].contains(entry.type) {
      let theirs = try expected.tensor(name + "/" + entry.name)
      let ours = try file.tensor(entry.name)
      #expect(ours.shape == theirs.shape && entry.shape == theirs.shape, "\(entry.name)")
      #expect(bits(ours) == bits(theirs), "\(entry.name)")
    }
  }

  private func bits(_ tensor: Tensor) -> [UInt32] {
    tensor.values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  @Test(
    "complex numbers are listed, and refused when they are asked for", arguments: ["types", "types-legacy"])
  func complex(name: String) throws {
    let path = goldenPath("torch/\(name).pth")
    let file = try WeightsFile(contentsOf: path)
    #expect(file["complex64"]?.shape == [2, 3])
    let error = #expect(throws: CheckpointError.self) { try file.tensor("complex64") }
    #expect(
      error?.description
        == "\(path): tensor 'complex64' has type C64; BOOL, U8, I8, U16, I16, U32, I32, U64, I64, F16, BF16, "
        + "F32, F64, F8_E4M3, F8_E5M2 are read")
  }

  static let notes: [(file: String, notes: [String])] = [
    ("zip-2.pth", []), ("legacy-2.pth", []), ("views.pth", []),
    (
      "lightning.ckpt",
      [
        "took the tensors out of 'state_dict'",
        "left out 'epoch', 'global_step', 'pytorch-lightning_version', 'loops', 'callbacks' and 11 more",
        "took 'model.' off 8 tensors",
      ]
    ),
    ("wrapped.pth", ["took the tensors out of 'model.state_dict'", "left out 'epoch', 'best'"]),
    (
      "ddp.pth",
      [
        "took the tensors out of 'state_dict'", "left out 'arch', 'best_acc1'",
        "took 'module.' off 8 tensors",
      ]
    ),
    (
      "compiled.pth",
      [
        "took the tensors out of 'model'", "took '_orig_mod.' off 8 tensors",
        "took 'module.' off 8 tensors",
      ]
    ),
    ("training.pth", ["took the tensors out of 'model'", "left out 'optimizer', 'epoch'"]),
    (
      "students.pth",
      ["took the tensors out of 'teacher'", "left out 'student'", "took 'module.' off 8 tensors"]
    ),
    ("ema.pth", ["left out the counter 'n_averaged'", "took 'module.' off 8 tensors"]),
    (
      "moco.pth",
      [
        "took the tensors out of 'state_dict'", "left out 'epoch'", "took 'module.' off 18 tensors",
        "kept the branch 'encoder_q.': took it off 8 tensors",
        "left out the branch 'encoder_k.': 8 tensors", "left out the branch 'queue': 2 tensors",
      ]
    ),
    (
      "moco-3.pth",
      [
        "kept the branch 'base_encoder.': took it off 8 tensors",
        "left out the branch 'momentum_encoder.': 8 tensors", "left out the branch 'predictor.': 1 tensor",
      ]
    ),
    ("nested.pth", ["left out 'note', 'optimizer'"]),
    ("minority.pth", ["took 'model.' off 8 tensors"]),
    ("densenet.pth", ["gave 3 tensors of an older DenseNet the names of today"]),
    ("transformer.pth", ["gave 2 tensors of an older vision transformer the names of today"]),
  ]

  @Test("each rule that was applied is noted, in order", arguments: notes)
  func tellsRules(file: String, notes: [String]) throws {
    #expect(try WeightsFile(contentsOf: goldenPath("torch/" + file)).notes == notes)
  }

  @Test(
    "what is not tensors by name is refused with advice",
    arguments: [
      (
        "module.pth",
        "the checkpoint is an object of class torch.nn.modules.linear.Linear, not tensors by name: "
          + "save its weights where its code is, with torch.save(model.state_dict(), ...)"
      ),
      (
        "wrapped-module.pth",
        "'model' is an object of class torch.nn.modules.linear.Linear, not tensors by name: "
          + "save its weights where its code is, with torch.save(model.state_dict(), ...)"
      ),
      ("tensor.pth", "the checkpoint is a tensor without a name"),
      ("list.pth", "the checkpoint is a list, not tensors by name"),
      ("no-tensors.pth", "the checkpoint holds no tensors by name"),
      ("collision.pth", "tensors 'model.a' and 'a' both become 'a'"),
    ])
  func refused(name: String, problem: String) {
    let path = goldenPath("torch/" + name)
    expectError(.malformed, "\(path): \(problem)", at: path)
  }

  @Test("names below a prefix are taken alone, and it is said how many there are")
  func below() throws {
    let file = try WeightsFile(contentsOf: goldenPath("torch/nested.pth")).below("s1.")
    #expect(file.entries.map(\.name) == ["a.weight", "0"])
    #expect(file.notes.last == "took 's1.' off 2 tensors, left out the other 1")
    #expect(try file.tensor("a.weight").values == [1, 1])
    #expect(file["s2.deep.b"] == nil)
    let error = #expect(throws: CheckpointError.self) { try file.tensor("s2.deep.b") }
    #expect(error?.code == .mismatch && error?.problem == "there is no tensor 's2.deep.b'")
    #expect(file.below("none.").entries.isEmpty)
  }

  @Test("names that become equal are refused, both named")
  func renamed() throws {
    let file = try WeightsFile(contentsOf: goldenPath("torch/nested.pth"))
    #expect(try file.renamed { "encoder." + $0 }.entries.first?.name == "encoder.s1.a.weight")
    let error = #expect(throws: CheckpointError.self) { try file.renamed { _ in "x" } }
    #expect(error?.problem == "tensors 's1.a.weight' and 's1.0' both become 'x'")
  }

  @Test("the name of a file says nothing about its format")
  func extensions() throws {
    try inTemporaryFolder { folder in
      for (name, format) in [
        ("torch/zip-2.pth", WeightsFile.Format.torchArchive), ("torch/legacy-4.pth", .torchLegacy),
        ("types.safetensors", .safetensors),
      ] {
        let path = folder + "/" + format.rawValue + ".bin"
        try FileManager.default.copyItem(atPath: goldenPath(name), toPath: path)
        #expect(try WeightsFile(contentsOf: path).format == format)
      }
    }
  }
}
