import Checkpoints
import Foundation
import Tensors
import Testing

@Suite("Weights in several files")
struct ShardedWeightsTests {
  private static func write(_ tensors: [String: [Float]], to url: URL) throws {
    try Safetensors(tensors: tensors.mapValues { Tensor($0, shape: [$0.count]) }).write(to: url.path)
  }

  private static func index(_ map: [String: String], in folder: Folder, name: String = "model.safetensors")
    throws -> String
  {
    let json = try JSONSerialization.data(
      withJSONObject: ["metadata": ["total_size": 12], "weight_map": map] as [String: Any])
    try json.write(to: folder.url(name + ".index.json"))
    return folder.url(name + ".index.json").path
  }

  @Test("the tensors of all files are one file's, under the rules for names")
  func whole() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try Self.write(["model.a": [1, 2], "model.c": [5]], to: folder.url("m-1.safetensors"))
    try Self.write(["model.b": [3, 4], "model.extra": [9]], to: folder.url("m-2.safetensors"))
    let path = try Self.index(
      ["model.a": "m-1.safetensors", "model.b": "m-2.safetensors", "model.c": "m-1.safetensors"], in: folder)
    let file = try WeightsFile(contentsOf: path)
    #expect(file.format == .index)
    #expect(file.entries.map(\.name) == ["a", "c", "b"])
    #expect(try file.tensor("b").values == [3, 4] && file.tensor("a").values == [1, 2])
    #expect(
      file.companions.map { URL(fileURLWithPath: $0).lastPathComponent } == [
        "m-1.safetensors", "m-2.safetensors",
      ])
    #expect(
      file.notes == [
        "an index of 2 files", "left out tensors that the index does not name: 'model.extra'",
        "took 'model.' off 3 tensors",
      ])
  }

  @Test("files of torch.save are read behind an index, too")
  func pickles() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try FileManager.default.copyItem(
      atPath: goldenPath("torch/zip-2.pth"), toPath: folder.url("pytorch_model-1.bin").path)
    let alone = try WeightsFile(contentsOf: folder.url("pytorch_model-1.bin").path)
    let path = try Self.index(
      Dictionary(uniqueKeysWithValues: alone.entries.map { ($0.name, "pytorch_model-1.bin") }), in: folder,
      name: "pytorch_model.bin")
    let file = try WeightsFile(contentsOf: path)
    #expect(file.entries == alone.entries)
    let name = try #require(alone.entries.first?.name)
    #expect(try file.tensor(name).values == alone.tensor(name).values)
    #expect(file.notes.first == "an index of 1 file")
  }

  static let faults: [(map: [String: String], problem: String)] = [
    (
      ["a": "m.safetensors", "b": "m.safetensors"],
      "tensor 'b' is not in 'm.safetensors', where the index says it is"
    ),
    (["a": "n.safetensors"], "it names the file 'n.safetensors', which is not there"),
    (["a": "../m.safetensors"], "which is not in its folder"),
    (["a": "/m.safetensors"], "which is not in its folder"),
    (["a": "broken"], "neither safetensors"),
    (
      ["a": "model.safetensors.index.json"],
      "the file 'model.safetensors.index.json', which is no file of tensors"
    ),
    ([:], "there are no tensors in it"),
  ]

  @Test("an index that does not say where tensors are is refused", arguments: faults)
  func faulty(map: [String: String], problem: String) throws {
    let folder = try Folder()
    defer { folder.remove() }
    try Self.write(["a": [1]], to: folder.url("m.safetensors"))
    try Data("nothing of the kind".utf8).write(to: folder.url("broken"))
    let path = try Self.index(map, in: folder)
    let error = #expect(throws: CheckpointError.self) { try WeightsFile(contentsOf: path) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "it was read")")
  }

  @Test(
    "other JSON is refused", arguments: ["{}", #"{"weight_map": ["a"]}"#, #"{"weight_map": {"a": 1}}"#, "{"])
  func otherJSON(text: String) throws {
    let error = #expect(throws: CheckpointError.self) { try WeightsFile(data: Data(text.utf8), path: "w") }
    #expect(
      error?.description == "w: JSON, but no index of weights: it has no 'weight_map' of files by tensor")
  }
}
