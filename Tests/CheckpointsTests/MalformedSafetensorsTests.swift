import Checkpoints
import Foundation
import Numerics
import Tensors
import Testing

/// Weights come from strangers: whatever the bytes, the answer is an error that names file and tensor, never
/// a crash.
@Suite("Malformed safetensors")
struct MalformedSafetensorsTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let header: String
    let payload: Int
    let problem: String

    init(_ name: String, _ header: String, payload: Int = 0, _ problem: String) {
      (testDescription, self.header, self.payload, self.problem) = (name, header, payload, problem)
    }

    static let all = [
      Case("not JSON", "weights", "the header is not a JSON object"),
      Case("an array", "[]", "the header is not a JSON object"),
      Case("broken text", "{\"a\": \u{1}", "the header is not a JSON object"),
      Case(
        "overlap",
        entries(("a", "F32", "[2]", "0, 8"), ("b", "F32", "[2]", "4, 12")), payload: 12,
        "tensor 'b' overlaps another or leaves a hole"),
      Case(
        "hole", entries(("a", "F32", "[1]", "0, 4"), ("b", "F32", "[1]", "8, 12")), payload: 12,
        "tensor 'b' overlaps another or leaves a hole"),
      Case(
        "hole at the start", entries(("a", "F32", "[1]", "4, 8")), payload: 8,
        "tensor 'a' overlaps another or leaves a hole"),
      Case(
        "truncated", entries(("a", "F32", "[4]", "0, 16")), payload: 15,
        "tensor 'a' ends 1 bytes after the end of the file"),
      Case(
        "trailing bytes", entries(("a", "F32", "[1]", "0, 4")), payload: 6,
        "2 bytes follow the last tensor"),
      Case(
        "negative shape", entries(("a", "F32", "[-1, -4]", "0, 16")), payload: 16,
        "tensor 'a' has an impossible shape [-1, -4]"),
      Case(
        "overflowing shape", entries(("a", "F32", "[4294967296, 4294967296]", "0, 16")), payload: 16,
        "tensor 'a' has an impossible shape [4294967296, 4294967296]"),
      Case(
        "size at the limit of integers",
        entries(("a", "F32", "[2305843009213693951]", "0, 9223372036854775804")), payload: 16,
        "tensor 'a' has an impossible shape [2305843009213693951]"),
      Case(
        "an end at the limit of integers",
        entries(("a", "F32", "[288230376151711743]", "0, 1152921504606846972")), payload: 16,
        "tensor 'a' ends 1152921504606846956 bytes after the end of the file"),
      Case(
        "no elements, but extents that overflow",
        entries(("a", "F32", "[4611686018427387904, 4611686018427387904, 0]", "0, 0")),
        "tensor 'a' has an impossible shape [4611686018427387904, 4611686018427387904, 0]"),
      Case("no tensors", "{}", "there are no tensors in it"),
      Case(
        "half a byte", entries(("a", "F4", "[1]", "0, 0")),
        "tensor 'a' of shape [1] does not fill bytes 0 to 0"),
      Case(
        "negative offset", entries(("a", "F32", "[1]", "-4, 0")),
        "tensor 'a' of shape [1] does not fill bytes -4 to 0"),
      Case(
        "reversed offsets", entries(("a", "F32", "[1]", "4, 0")), payload: 4,
        "tensor 'a' of shape [1] does not fill bytes 4 to 0"),
      Case(
        "shape and bytes that differ", entries(("a", "F16", "[3]", "0, 4")), payload: 4,
        "tensor 'a' of shape [3] does not fill bytes 0 to 4"),
      Case(
        "unknown type", entries(("a", "F9", "[1]", "0, 1")), payload: 1,
        "tensor 'a' has the unknown type F9"),
      Case(
        "names that become equal",
        entries(
          ("a", "U8", "[1]", "0, 1"), ("module.a", "U8", "[1]", "1, 2"), ("module.b", "U8", "[1]", "2, 3")),
        payload: 3, "tensors 'a' and 'module.a' both become 'a'"),
      Case("no type", #"{"a": {"shape": [0], "data_offsets": [0, 0]}}"#, lacks("a")),
      Case("not an object", #"{"a": 3}"#, lacks("a")),
      Case("a fractional extent", entries(("a", "F32", "[0.5]", "0, 2")), payload: 2, lacks("a")),
      Case("three offsets", entries(("a", "F32", "[1]", "0, 4, 4")), payload: 4, lacks("a")),
      Case("metadata that are not text", #"{"__metadata__": {"a": 1}}"#, "the metadata is not text by name"),
      Case(
        "a name given twice",
        #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "#
          + #""\u0061": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#,
        payload: 4, "the header names a tensor twice"),
    ]

    private static func lacks(_ name: String) -> String {
      "tensor '\(name)' lacks dtype, shape or data_offsets"
    }

    private static func entries(_ list: (String, String, String, String)...) -> String {
      let fields = list.map { #""\#($0)": {"dtype": "\#($1)", "shape": \#($2), "data_offsets": [\#($3)]}"# }
      return "{" + fields.joined(separator: ", ") + "}"
    }
  }

  @Test("a damaged header is an error that says what is wrong", arguments: Case.all)
  func header(case: Case) throws {
    try inTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      var data = Data()
      withUnsafeBytes(of: UInt64(`case`.header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
      data.append(contentsOf: `case`.header.utf8)
      data.append(Data(count: `case`.payload))
      try data.write(to: URL(fileURLWithPath: path))
      expectError(.malformed, "\(path): \(`case`.problem)", at: path)
    }
  }

  @Test(
    "a header longer than the file or than any header may be is refused before it is read",
    arguments: [100, 100_000_001, UInt64.max])
  func length(length: UInt64) throws {
    try inTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      try (withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}".utf8)).write(
        to: URL(fileURLWithPath: path))
      expectError(.malformed, "\(path): a header of \(length) bytes is too large: not safetensors?", at: path)
    }
  }

  @Test("a sound file cut or changed at any byte is read or refused, never a crash")
  func everyByte() throws {
    try inTemporaryFolder { folder in
      let path = folder + "/weights.safetensors"
      try Safetensors(tensors: ["a": Tensor([1, 2], shape: [2]), "b": Tensor([3], shape: [1])]).write(
        to: path)
      let sound = try Data(contentsOf: URL(fileURLWithPath: path))
      var random = RandomSource(seed: 9, stream: "damage")
      for place in sound.indices {
        try sound.prefix(place).write(to: URL(fileURLWithPath: path))
        #expect(throws: CheckpointError.self, "cut at \(place)") { try WeightsFile(contentsOf: path) }
        var changed = sound
        changed[place] = UInt8(random.index(below: 256))
        try changed.write(to: URL(fileURLWithPath: path))
        do {
          let read = try WeightsFile(contentsOf: path)
          for entry in read.entries { _ = try? read.tensor(entry.name) }
        } catch let error as CheckpointError {
          #expect(error.path == path)
        }
      }
    }
  }
}
