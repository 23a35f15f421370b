import Checkpoints
import Foundation
import NumericOracles
import Tensors
import Testing

@Suite("Safetensors files")
struct SafetensorsTests {
  @Test(
    "a file written by Python is read bit by bit: F32, F16, BF16, I64, a scalar, an empty tensor, text metadata"
  )
  func python() throws {
    let file = try WeightsFile(contentsOf: goldenPath("types.safetensors"))
    #expect(file.format == .safetensors && file.notes.isEmpty)
    #expect(file.metadata == ["format": "pt", "note": "quotes \" and a letter: é"])
    #expect(
      Set(file.entries.map { "\($0.name) \($0.type)" }) == [
        "single F32", "half F16", "brain BF16", "scalar F32", "empty F32", "bn1.num_batches_tracked I64",
      ])
    let common: [Float] = [0, -0.0, 1, -1.5, 65504, 0x1p-24, 0x1p-14, .infinity, -.infinity, .nan]
    let brain: [Float] = [0, -0.0, 1, -1.5, 65536, 0x1p-24, 0x1p-14, .infinity, -.infinity, .nan]
    expect(try file.tensor("single"), [3, 4], common + [3.14159274, Float(bitPattern: 71362)])
    expect(try file.tensor("half"), [2, 5], common)
    expect(try file.tensor("brain"), [2, 2, 3], brain + [3.140625, 0x1p127])
    expect(try file.tensor("scalar"), [], [7.5])
    expect(try file.tensor("empty"), [0, 3], [])
    expect(try file.tensor("bn1.num_batches_tracked"), [], [12])
    expect(try WeightsFile(contentsOf: goldenPath("integers.safetensors")).tensor("steps"), [2], [1, 2])
  }

  @Test("what was written is read back, and written again gives the same bytes")
  func roundTrip() throws {
    try inTemporaryFolder { folder in
      let tensors = [
        "decoder.weight": HashedValues("w").tensor([3, 2, 3, 3]), "a": Tensor([.nan, -0.0], shape: [2]),
        "Z/é \"quoted\"": Tensor([1], shape: []), "empty": Tensor([], shape: [0]),
      ]
      let (first, second) = (folder + "/first.safetensors", folder + "/second.safetensors")
      try Safetensors(tensors: tensors, metadata: ["terrane.card": "{\"a\": 1}"]).write(to: first)
      let read = try Safetensors(contentsOf: first)
      #expect(read.metadata == ["terrane.card": "{\"a\": 1}", "format": "pt"])
      #expect(Set(read.tensors.keys) == Set(tensors.keys))
      for (name, tensor) in tensors { expect(read.tensors[name], tensor.shape, tensor.values) }
      try read.write(to: second)
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: first)) == Data(contentsOf: URL(fileURLWithPath: second)))
    }
  }

  @Test("A file that becomes shorter while it is read is an error, not a signal")
  func cutShort() throws {
    try inTemporaryFolder { folder in
      let path = folder + "/a.safetensors"
      try Safetensors(tensors: ["a": Tensor(repeating: 1, shape: [40_000])]).write(to: path)
      let file = try WeightsFile(contentsOf: path)
      truncate(path, 4096)
      let error = #expect(throws: CheckpointError.self) { try file.tensor("a") }
      #expect(error?.code == .cannotRead)
      #expect(error?.problem == "cannot read it: it became shorter while it was read")
    }
  }

  @Test("a file that is not there, and one that cannot be written, are named")
  func missing() throws {
    try inTemporaryFolder { folder in
      expectError(.notFound, "\(folder)/none: no such weights file", at: folder + "/none")
      expectError(.malformed, "\(folder): is a folder, not a weights file", at: folder)
      let path = folder + "/no/such/folder/file.safetensors"
      let error = #expect(throws: CheckpointError.self) { try Safetensors(tensors: [:]).write(to: path) }
      #expect(error?.code == .cannotWrite)
      #expect(error?.path == path)
    }
  }

  private func expect(_ tensor: Tensor?, _ shape: Shape, _ values: [Float]) {
    #expect(tensor?.shape == shape)
    // NaN differs from itself; its payload may change on the way from half precision.
    let found = tensor?.values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
    #expect(found == values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern })
  }
}

/// A file of reference values.
func goldenPath(_ name: String) -> String {
  Bundle.module.resourceURL!.appendingPathComponent("Golden").appendingPathComponent(name).path
}

/// Runs `body` with a folder of its own and removes it.
func inTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("terrane-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}

/// Expects that reading fails with this code and this whole text.
func expectError(
  _ code: CheckpointError.Code, _ text: String, at path: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = #expect(throws: CheckpointError.self, sourceLocation: sourceLocation) {
    try WeightsFile(contentsOf: path)
  }
  #expect(error?.code == code, sourceLocation: sourceLocation)
  #expect(error?.description == text, sourceLocation: sourceLocation)
}
