import Checkpoints
import Foundation
import Tensors
import Testing

@Suite("ONNX files")
struct ONNXFileTests {
  typealias Bytes = ONNXBytes

  /// What onnx says is in the files: `FILE/TENSOR`, and for each file names and types in their order.
  private static let expected = Result {
    try WeightsFile(contentsOf: goldenPath("onnx/expected.safetensors"))
  }
  private static let listing = (try? expected.get().metadata["listing"]).flatMap {
    try? JSONDecoder().decode([String: [[String]]].self, from: Data($0.utf8))
  }
  static let files = (listing ?? [:]).keys.sorted()

  @Test("there are files of bytes, of typed fields and of data beside the graph")
  func coverage() {
    #expect(Self.files == ["beside.onnx", "parts.onnx", "raw.onnx", "shapes.onnx", "typed.onnx"])
  }

  @Test("every tensor has the name, place, type, shape and value that onnx gives it", arguments: files)
  func parity(name: String) throws {
    let file = try WeightsFile(contentsOf: goldenPath("onnx/" + name))
    let expected = try Self.expected.get()
    #expect(file.format == .onnx)
    #expect(file.entries.map { [$0.name, $0.type] } == Self.listing?[name])
    for entry in file.entries {
      let (ours, theirs) = (try file.tensor(entry.name), try expected.tensor(name + "/" + entry.name))
      #expect(ours.shape == theirs.shape && entry.shape == theirs.shape, "\(entry.name)")
      #expect(bits(ours) == bits(theirs), "\(entry.name)")
    }
  }

  private func bits(_ tensor: Tensor) -> [UInt32] {
    tensor.values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  @Test("the metadata is the model's, and the notes say what the graph is")
  func description() throws {
    let file = try WeightsFile(contentsOf: goldenPath("onnx/raw.onnx"))
    #expect(file.metadata == ["terrane.note": "constants as bytes"])
    #expect(file.notes == ["an ONNX graph by write_onnx_files 1 of 1 nodes: 1 Identity"])
  }

  @Test("the files beside the graph are named, each once")
  func companions() throws {
    let names = { (name: String) in
      try WeightsFile(contentsOf: goldenPath("onnx/" + name)).companions
        .map { URL(fileURLWithPath: $0).lastPathComponent }
    }
    #expect(try names("beside.onnx") == ["beside.bin"])
    #expect(try names("parts.onnx") == ["w0", "w1", "w2"])
    #expect(try names("raw.onnx").isEmpty)
  }

  @Test("numbers that are not packed, and packed ones in pieces, are one tensor")
  func pieces() throws {
    let single = Bytes.varint(4 << 3 | 5) + Bytes.floats(0.5)
    let file = try WeightsFile(
      data: Bytes.file(
        Bytes.tensor("unpacked", [3], single + single + single),
        Bytes.tensor("pieces", [3], Bytes.field(4, Bytes.floats(1, 2)) + Bytes.field(4, Bytes.floats(3))),
        Bytes.tensor("whole", type: 7, [2], Bytes.field(7, -5) + Bytes.field(7, 1 << 40)),
        Bytes.tensor("packed extents", [], Bytes.field(1, [2, 1]) + Bytes.field(9, Bytes.floats(4, 5)))),
      path: "w")
    #expect(try file.tensor("unpacked").values == [0.5, 0.5, 0.5])
    #expect(try file.tensor("pieces").values == [1, 2, 3])
    #expect(try file.tensor("whole").values == [-5, Float(1 << 40)])
    #expect(try file.tensor("packed extents").values == [4, 5])
    #expect(file["packed extents"]?.shape == [2, 1])
  }

  @Test("fields that nobody knows, and attributes with graphs in them, are passed over")
  func unknownFields() throws {
    let inner = Bytes.field(5, Bytes.field(6, Bytes.graph(tensors: [Bytes.tensor("inner", [1], [])])))
    let node = Bytes.node("If", ["c"], ["y"], inner)
    let file = try WeightsFile(
      data: Bytes.model(
        Bytes.graph(nodes: [node], tensors: [Bytes.tensor(Bytes.field(9, Bytes.floats(1, 2)))])
          + Bytes.field(99, 7) + Bytes.field(98, "text"), Bytes.field(200, 1)), path: "w")
    #expect(file.entries.map(\.name) == ["w"])
  }

  @Test("texts, four-bit integers and sparse tensors are left out and said")
  func leftOut() throws {
    let file = try WeightsFile(
      data: Bytes.model(
        Bytes.graph(tensors: [
          Bytes.tensor("text", type: 8, [1], Bytes.field(6, "a")),
          Bytes.tensor("w", [2], Bytes.field(9, Bytes.floats(1, 2))),
          Bytes.tensor("nibbles", type: 22, [2], Bytes.field(9, [0x21])),
        ]) + Bytes.field(15, [])), path: "w")
    #expect(file.entries.map(\.name) == ["w"])
    #expect(
      file.notes.dropFirst() == [
        "left out tensors of types that are not read: 'text', 'nibbles'", "left out 1 tensor in sparse form",
      ])
  }

  @Test("a graph whose exporter made up names says so")
  func madeUpNames() throws {
    let tensors = ["onnx::Conv_497", "123", "val_7", "stem.weight"].map {
      Bytes.tensor($0, [2], Bytes.field(9, Bytes.floats(1, 2)))
    }
    let file = try WeightsFile(
      data: Bytes.model(
        Bytes.graph(nodes: [Bytes.node("Conv", ["x", "onnx::Conv_497", "123"], ["y"])], tensors: tensors)),
      path: "w")
    #expect(
      file.notes == [
        "an ONNX graph by pytorch of 1 nodes: 1 Conv",
        "the exporter made up names of tensors ('onnx::Conv_497', '123'): it joined normalisations with "
          + "convolutions, or turned matrices",
      ])
  }

  @Test("data in the file's folder is read at its place, and only what the tensor has of it")
  func dataBeside() throws {
    let folder = try Folder()
    defer { folder.remove() }
    try Data([9, 9, 9, 9] + Bytes.floats(1.5, -2) + [9]).write(to: folder.url("data"))
    let path = folder.url("m.onnx")
    try Bytes.file(Bytes.outside(("location", "data"), ("offset", "4"))).write(to: path)
    let file = try WeightsFile(contentsOf: path.path)
    #expect(try file.tensor("w").values == [1.5, -2])
    // What no file could hold is refused, though its bits cannot be counted.
    let vast = folder.url("vast.onnx")
    try Bytes.file(Bytes.outside(("location", "data"), extents: [1 << 58])).write(to: vast)
    #expect(throws: CheckpointError.self) { try WeightsFile(contentsOf: vast.path) }
    // What became shorter is an error, not a trap.
    try Data([1]).write(to: folder.url("data"))
    #expect(throws: CheckpointError.self) { try file.tensor("w") }
  }

  static let places: [(String, String)] = [
    ("../data", "it names the file '../data', which is not in its folder"),
    ("/etc/hostname", "it names the file '/etc/hostname', which is not in its folder"),
    ("sub/../../data", "which is not in its folder"),
    ("", "it names the file '', which is not in its folder"),
    ("d\0", "which is not in its folder"),
    ("missing", "it names the file 'missing', which is not there"),
    ("link", "it names the file 'link', a link that leaves its folder"),
    ("folder/inside", "a link that leaves its folder"),
    ("pipe", "a pipe"),
    ("directory", "a directory"),
  ]

  @Test("data outside of the file's folder is refused, and what is no file", arguments: places)
  func dataElsewhere(location: String, problem: String) throws {
    let folder = try Folder()
    defer { folder.remove() }
    let outside = folder.root.appendingPathComponent("outside")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    for url in [folder.root.appendingPathComponent("data"), outside.appendingPathComponent("inside")] {
      try Data(Bytes.floats(1, 2)).write(to: url)
    }
    let manager = FileManager.default
    try manager.createSymbolicLink(
      at: folder.url("link"), withDestinationURL: outside.appending(path: "inside"))
    try manager.createSymbolicLink(at: folder.url("folder"), withDestinationURL: outside)
    try manager.createDirectory(at: folder.url("directory"), withIntermediateDirectories: true)
    mkfifo(folder.url("pipe").path, 0o600)
    let path = folder.url("m.onnx")
    try Bytes.file(Bytes.outside(("location", location))).write(to: path)
    let error = #expect(throws: CheckpointError.self) { try WeightsFile(contentsOf: path.path) }
    #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
  }
}

/// A folder of a test, in another one that is its own too.
struct Folder {
  let root: URL

  init() throws {
    root = FileManager.default.temporaryDirectory.appendingPathComponent("weights-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: root.appendingPathComponent("in"), withIntermediateDirectories: true)
  }

  func url(_ name: String) -> URL { root.appendingPathComponent("in").appendingPathComponent(name) }
  func remove() { try? FileManager.default.removeItem(at: root) }
}
