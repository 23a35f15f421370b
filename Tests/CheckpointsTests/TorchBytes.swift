import Foundation

/// Pickles, opcode by opcode, and the files around them: sound ones, and what no `torch.save` would write.
enum TorchBytes {
  // MARK: Opcodes

  static let mark: [UInt8] = [0x28]
  static let stop: [UInt8] = [0x2E]
  static let none: [UInt8] = [0x4E]
  static let emptyList: [UInt8] = [0x5D]
  static let emptyTuple: [UInt8] = [0x29]
  static let emptyDictionary: [UInt8] = [0x7D]
  static let reduce: [UInt8] = [0x52]
  static let setItem: [UInt8] = [0x73]
  static let setItems: [UInt8] = [0x75]
  /// BINPUT and BINGET of place 9.
  static let put: [UInt8] = [0x71, 9]
  static let get: [UInt8] = [0x68, 9]
  static let persistent: [UInt8] = [0x51]

  /// The little-endian bytes of a number.
  static func bytes<Integer: FixedWidthInteger>(_ number: Integer) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  static func text(_ text: String) -> [UInt8] { [0x58] + bytes(UInt32(text.utf8.count)) + Array(text.utf8) }

  static func integer(_ number: Int) -> [UInt8] { [0x8A, 8] + bytes(Int64(number)) }

  static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  static func tuple(_ items: [UInt8]...) -> [UInt8] { mark + items.joined() + [0x74] }

  static func integers(_ numbers: [Int]) -> [UInt8] { mark + numbers.flatMap(integer) + [0x74] }

  static func call(_ module: String, _ name: String, _ arguments: [UInt8]...) -> [UInt8] {
    global(module, name) + mark + arguments.joined() + [0x74] + reduce
  }

  // MARK: Tensors

  static func storage(
    _ type: String = "FloatStorage", key: String = "0", count: Int = 4, view: [UInt8] = []
  ) -> [UInt8] {
    tuple(text("storage"), global("torch", type), text(key), text("cpu"), integer(count), view) + persistent
  }

  static func tensor(
    of storage: [UInt8] = storage(), offset: Int = 0, _ extents: [Int] = [2, 2], _ strides: [Int] = [2, 1]
  ) -> [UInt8] {
    call(
      "torch._utils", "_rebuild_tensor_v2", storage, integer(offset), integers(extents), integers(strides),
      [0x89],
      call("collections", "OrderedDict"))
  }

  /// A pickle of a dictionary.
  static func pickle(_ entries: (String, [UInt8])...) -> [UInt8] {
    [0x80, 2] + emptyDictionary + mark + entries.flatMap { text($0.0) + $0.1 } + setItems + stop
  }

  /// A sound dictionary with one more entry.
  static func pickle(with extra: [UInt8]) -> [UInt8] { pickle(("a", tensor()), ("x", extra)) }

  /// A pickle that begins with any opcodes.
  static func pickle(opcodes: [UInt8]...) -> [UInt8] { [0x80, 2] + opcodes.joined() }

  /// The numbers 1 to 4.
  static let numbers: [UInt8] = [1, 2, 3, 4].flatMap { bytes(Float($0).bitPattern) }

  // MARK: Files

  struct Member {
    var name: String
    var content: [UInt8]
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// What the directory says, where it is not so.
    var size: UInt32?
    var place: UInt32?
    var signature: UInt32 = 0x0403_4b50
    var extra: [UInt8] = []
  }

  /// A zip archive of stored members, its directory last.
  static func zip(_ members: [Member], entries: UInt16? = nil, comment: [UInt8] = []) -> Data {
    var (file, directory): ([UInt8], [UInt8]) = ([], [])
    for member in members {
      let (name, size) = (Array(member.name.utf8), member.size ?? UInt32(member.content.count))
      let place = member.place ?? UInt32(file.count)
      file += bytes(member.signature) + [UInt8](repeating: 0, count: 22) + bytes(UInt16(name.count)) + [0, 0]
      file += name + member.content
      directory += bytes(UInt32(0x0201_4b50)) + [0, 0, 0, 0] + bytes(member.flags) + bytes(member.method)
      directory += [UInt8](repeating: 0, count: 8) + bytes(size) + bytes(size) + bytes(UInt16(name.count))
      directory += bytes(UInt16(member.extra.count)) + [UInt8](repeating: 0, count: 10) + bytes(place)
      directory += name + member.extra
    }
    let count = entries ?? UInt16(members.count)
    let end = bytes(UInt32(0x0605_4b50)) + [0, 0, 0, 0] + bytes(count) + bytes(count)
    let places = bytes(UInt32(directory.count)) + bytes(UInt32(file.count)) + bytes(UInt16(comment.count))
    return Data(file + directory + end + places + comment)
  }

  /// What torch.save writes today, with the storage 0 of the numbers 1 to 4.
  static func archive(_ pickle: [UInt8], _ others: Member...) -> Data {
    zip([Member(name: "w/data.pkl", content: pickle), Member(name: "w/data/0", content: numbers)] + others)
  }

  /// What torch.save wrote before version 1.6.
  static func legacy(
    _ pickle: [UInt8], version: Int = 1001, littleEndian: UInt8 = 0x88, keys: [UInt8]? = nil,
    storages: [UInt8] = bytes(Int64(4)) + numbers
  ) -> Data {
    let magic: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    let machine = self.pickle(("little_endian", [littleEndian]))
    let list = keys ?? emptyList + text("0") + [0x61]
    return Data(
      magic + self.pickle(opcodes: integer(version), stop) + machine + pickle
        + self.pickle(opcodes: list, stop)
        + storages)
  }
}
