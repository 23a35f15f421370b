import Checkpoints
import Foundation
import Numerics
import Tensors
import Testing

/// A graph comes from a stranger: it is read or refused, in no time and little memory.
@Suite("Malformed ONNX files")
struct MalformedONNXTests {
  typealias Bytes = ONNXBytes

  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let data: Data
    /// What the error says.
    let problem: String

    init(_ name: String, _ problem: String, _ data: Data) {
      (testDescription, self.problem, self.data) = (name, problem, data)
    }
  }

  private static let sound = Bytes.field(9, Bytes.floats(1, 2))

  static let cases: [Case] = protobuf + tensors + outside

  private static let protobuf: [Case] = [
    Case("no graph", "neither safetensors, nor written by torch.save, nor ONNX", Data(Bytes.field(1, 8))),
    Case(
      "a graph cut short", "of 19 bytes reaches past the end of its message at byte 22",
      Bytes.file(Bytes.tensor(sound)).dropLast(10)),
    Case(
      "a graph longer than integers go", "reaches past the end of its message",
      Data(Bytes.field(1, 8) + Bytes.varint(7 << 3 | 2) + Bytes.varint(UInt64.max))),
    Case(
      "two graphs", "the model has two graphs",
      Bytes.file(Bytes.tensor(sound)) + Data(Bytes.field(7, Bytes.graph(tensors: [])))),
    Case("no tensors", "there are no tensors in it", Bytes.model(Bytes.graph(tensors: []))),
    Case(
      "a number without an end", "in the middle of the number at byte",
      Bytes.model([0x08] + [UInt8](repeating: 0xFF, count: 4))),
    Case(
      "a number of more than 64 bits", "has more than 64 bits",
      Bytes.model([0x80] + [UInt8](repeating: 0xFF, count: 20))),
    Case("field 0", "has the impossible number 0", Bytes.model([0, 0])),
    Case("a group", "is of the unread kind 3", Bytes.model([9 << 3 | 3])),
    Case(
      "a tensor that is a number", "is of another kind than its number says", Bytes.model(Bytes.field(5, 3))),
    Case(
      "a name that is a number", "is of another kind than its number says",
      Bytes.file(Bytes.field(8, 3))),
    Case(
      "a name of two million letters", "a text of 2000000 bytes at byte",
      Bytes.file(Bytes.tensor(String(repeating: "n", count: 2_000_000), sound))),
    Case(
      "three hundred thousand operations", "more than 262144 operations",
      Bytes.model(Array(repeatElement([0x0A, 0] as [UInt8], count: 300_000).joined()))),
    Case(
      "a hundred thousand tensors", "more than 65536 tensors",
      Bytes.model(Array(repeatElement([0x2A, 0] as [UInt8], count: 100_000).joined()))),
  ]

  private static let tensors: [Case] = [
    Case("no name", "has no name", Bytes.file(Bytes.tensor("", sound))),
    Case(
      "one name twice", "the graph has two tensors 'w'", Bytes.file(Bytes.tensor(sound), Bytes.tensor(sound))),
    Case("bytes twice", "tensor 'w' has its bytes twice", Bytes.file(Bytes.tensor(sound + sound))),
    Case(
      "bytes and numbers", "tensor 'w' has its numbers twice",
      Bytes.file(Bytes.tensor(sound + Bytes.field(4, Bytes.floats(1, 2))))),
    Case(
      "too few bytes", "tensor 'w' of 3 F32 has 8 bytes, not 12", Bytes.file(Bytes.tensor([3], sound))),
    Case("too many bytes", "tensor 'w' of 1 F32 has 8 bytes, not 4", Bytes.file(Bytes.tensor([1], sound))),
    Case("no numbers", "tensor 'w' has no numbers", Bytes.file(Bytes.tensor([]))),
    Case(
      "a negative extent", "tensor 'w' has an impossible shape [-1, 2]",
      Bytes.file(Bytes.tensor([-1, 2], sound))),
    Case(
      "extents whose product overflows", "tensor 'w' has an impossible shape",
      Bytes.file(Bytes.tensor([1 << 40, 1 << 40], sound))),
    Case(
      "an extent of 0 beside enormous ones", "tensor 'w' has an impossible shape",
      Bytes.file(Bytes.tensor([0, 1 << 62], Bytes.field(9, [])))),
    Case(
      "a hundred extents", "has more than 64 extents",
      Bytes.file(Bytes.tensor([Int](repeating: 1, count: 100), sound))),
    Case(
      "a hundred packed extents", "has more than 64 extents",
      Bytes.file(Bytes.tensor([], Bytes.field(1, [UInt8](repeating: 1, count: 100)) + sound))),
    Case(
      "numbers of another type", "tensor 'w' of F32 has its numbers in the field of another type",
      Bytes.file(Bytes.tensor(Bytes.field(7, [1, 2])))),
    Case(
      "too few varints", "tensor 'w' of 5 I64 has 2 bytes of numbers",
      Bytes.file(Bytes.tensor(type: 7, [5], Bytes.field(7, [1, 2])))),
    Case(
      "fewer varints than bytes", "tensor 'w' has 1 numbers, its shape has 2",
      Bytes.file(Bytes.tensor(type: 7, [2], Bytes.field(7, [0x80, 1])))),
    Case(
      "more varints", "tensor 'w' has 3 numbers, its shape has 2",
      Bytes.file(Bytes.tensor(type: 7, [2], Bytes.field(7, [1, 2, 3])))),
    Case(
      "a varint that leaves its field", "in the middle of the number",
      Bytes.file(Bytes.tensor(type: 7, [1], Bytes.field(7, [0x80])))),
    Case(
      "a byte of 300", "is no U8",
      Bytes.file(Bytes.tensor(type: 2, [1], Bytes.field(5, Bytes.varint(300))))),
    Case(
      "a signed byte of 200", "is no I8",
      Bytes.file(Bytes.tensor(type: 3, [1], Bytes.field(5, Bytes.varint(200))))),
    Case(
      "a half of 70000", "is no F16",
      Bytes.file(Bytes.tensor(type: 10, [1], Bytes.field(5, Bytes.varint(70_000))))),
    Case(
      "a truth value of 2", "is no BOOL", Bytes.file(Bytes.tensor(type: 9, [1], Bytes.field(5, [2])))),
    Case(
      "a float that is a varint", "is of another kind than its number says",
      Bytes.file(Bytes.tensor([1], Bytes.field(4, 3)))),
    Case(
      "a segment", "tensors in segments are not read",
      Bytes.file(Bytes.tensor(Bytes.field(3, Bytes.field(1, 0)) + sound))),
  ]

  private static let outside: [Case] = [
    Case(
      "no location", "lies in another file and does not say in which",
      Bytes.file(Bytes.outside(("offset", "0")))),
    Case(
      "elsewhere and here", "tensor 'w' has its numbers twice",
      Bytes.file(Bytes.outside(("location", "w")) + sound)),
  ]

  @Test("a file is refused with the tensor or the byte, within a second", arguments: cases)
  func refused(case: Case) throws {
    var found: String?
    let start = MalformedTorchTests.computed()
    do {
      let file = try WeightsFile(data: `case`.data, path: "w")
      for entry in file.entries { _ = try file.tensor(entry.name) }
    } catch { found = "\(error)" }
    let time = MalformedTorchTests.computed() - start
    #expect(
      found?.hasPrefix("w: ") == true && found?.contains(`case`.problem) == true, "\(found ?? "it was read")")
    #expect(time < .seconds(1))
  }

  static let places =
    [
      ("-1", nil), ("4", nil), ("x", nil), ("9223372036854775807", nil), ("99999999999999999999", nil),
      ("0", "7"), ("0", "9"), ("0", "-8"), ("+0", nil), ("1", "8"),
    ] as [(String, String?)]

  @Test("a place that is not the tensor's is refused", arguments: places)
  func impossiblePlaces(offset: String, length: String?) throws {
    let folder = try Folder()
    defer { folder.remove() }
    try Data(Bytes.floats(1, 2)).write(to: folder.url("data"))
    let entries = [("location", "data"), ("offset", offset)] + (length.map { [("length", $0)] } ?? [])
    let fields = entries.flatMap { Bytes.field(13, Bytes.field(1, $0.0) + Bytes.field(2, $0.1)) }
    try Bytes.file(Bytes.tensor(fields + Bytes.field(14, 1))).write(to: folder.url("m.onnx"))
    let error = #expect(throws: CheckpointError.self) {
      try WeightsFile(contentsOf: folder.url("m.onnx").path)
    }
    #expect(error?.code == .malformed && error?.description.contains("tensor 'w'") == true)
  }

  @Test("damaged files are read or refused, never trapped on", arguments: 0..<200 as Range<UInt64>)
  func damaged(seed: UInt64) throws {
    var random = RandomSource(seed: seed, stream: "damage")
    let name = ["raw.onnx", "typed.onnx", "shapes.onnx"][Int(seed % 3)]
    var data = try Data(contentsOf: URL(fileURLWithPath: goldenPath("onnx/" + name)))
    for _ in 0...random.index(below: 6) {
      let place = random.index(below: data.count)
      switch random.index(below: 4) {
      case 0: data[place] = UInt8(random.index(below: 256))
      case 1: data[place] ^= 1 << UInt8(random.index(below: 8))
      case 2: data.removeSubrange(place..<min(data.count, place + 1 + random.index(below: 9)))
      default: data.insert(contentsOf: [0xFF, 0xFF, 0x7F], at: place)
      }
    }
    guard let file = try? WeightsFile(data: data, path: "w") else { return }
    for entry in file.entries { _ = try? file.tensor(entry.name) }
  }
}
