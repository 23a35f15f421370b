import Foundation

extension MalformedTorchTests {
  static let archives: [Case] = [
    Case(
      "a compressed member of terabytes",
      "member 'w/data/1' is compressed: torch.save did not write this archive",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())),
        .init(name: "w/data/1", content: [1], method: 8, size: 0xFFFF_FFFE))),
    Case(
      "a member past the end", "member 'w/data/1' of 4294967294 bytes does not fit the file",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], size: 0xFFFF_FFFE))),
    Case(
      "a member twice", "the archive holds 'w/data/0' twice",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/0", content: Bytes.numbers))),
    Case(
      "a locked member", "member 'w/data/1' is encrypted",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], flags: 1))),
    Case(
      "a member whose place lies past the end", "byte 4000000000 lies after the end of the file",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], place: 4_000_000_000))),
    Case(
      "a member without its own header", "the header of member 'w/data/1' is damaged",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], signature: 7))),
    Case(
      "a 64-bit size that is not there", "member 'w/data/1' lacks its 64-bit size or place",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], size: 0xFFFF_FFFF))),
    Case(
      "a 64-bit size of everything", "member 'w/data/1' of 18446744073709551615 bytes does not fit the file",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())),
        .init(
          name: "w/data/1", content: [1], size: 0xFFFF_FFFF,
          extra: [1, 0, 16, 0] + [UInt8](repeating: 255, count: 16)))),
    Case(
      "an extra field that is longer than it can be", nil,
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/data/1", content: [1], extra: [9, 0, 255, 255]))),
    Case(
      "more entries than fit", "the archive's directory of 65535 members does not fit the file",
      file: Bytes.zip([.init(name: "w/data.pkl", content: [])], entries: .max)),
    Case(
      "one entry too many", "the archive's directory is damaged at byte",
      file: Bytes.zip([.init(name: "w/data.pkl", content: Bytes.pickle(("a", Bytes.tensor())))], entries: 2)),
    Case(
      "no directory", "the archive has no directory: was the file cut off?",
      file: Data([0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 99))),
    Case("an empty archive", "a zip archive without data.pkl", file: Bytes.zip([])),
    Case(
      "a zip file of something else", "a zip archive without data.pkl: torch.save did not write it",
      file: Bytes.zip([.init(name: "w/weights.npy", content: [1])])),
    Case(
      "two checkpoints", "the archive holds 2 checkpoints: v/data.pkl, w/data.pkl",
      file: Bytes.archive(Bytes.pickle(("a", Bytes.tensor())), .init(name: "v/data.pkl", content: [1]))),
    Case(
      "big-endian numbers", "its numbers are big-endian",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/byteorder", content: Array("big".utf8)))),
    Case(
      "a program with compressed code", "a TorchScript program ('w/code/net.py'), not weights",
      file: Bytes.archive(
        Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/code/net.py", content: [1], method: 8))),
    Case(
      "a program", "a TorchScript program ('w/constants.pkl'), not weights",
      file: Bytes.archive(Bytes.pickle(("a", Bytes.tensor())), .init(name: "w/constants.pkl", content: [1]))),
    Case(
      "a comment", nil,
      file: Bytes.zip(
        [
          .init(name: "any root/data.pkl", content: Bytes.pickle(("a", Bytes.tensor()))),
          .init(name: "any root/data/0", content: Bytes.numbers),
        ], comment: [UInt8](repeating: 65, count: 65_535))),
    Case(
      "a 64-bit directory past the end", "byte 18446744073709551615 lies after the end of the file",
      file: wide(directory: .max)),
    Case(
      "a 64-bit directory that is none", "the archive's 64-bit directory is damaged", file: wide(directory: 0)
    ),
  ]

  /// An archive with a locator of a 64-bit directory.
  private static func wide(directory: UInt64) -> Data {
    let sound = Bytes.archive(Bytes.pickle(("a", Bytes.tensor())))
    let locator = Bytes.bytes(UInt32(0x0706_4b50)) + [0, 0, 0, 0] + Bytes.bytes(directory) + [1, 0, 0, 0]
    return sound.dropLast(22) + Data(locator) + sound.suffix(22)
  }

  static let legacies: [Case] = [
    Case("a sound file", nil, file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())))),
    Case(
      "another version", "version 1001 of the format before 1.6 is read",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), version: 1002)),
    Case(
      "a big-endian machine", "its numbers are big-endian",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), littleEndian: 0x89)),
    Case(
      "no list of storages", "the list of storages is missing",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), keys: Bytes.none)),
    Case(
      "an empty list of storages", "tensor 'a': its storage '0' is not in the file",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), keys: Bytes.emptyList)),
    Case(
      "a storage that no tensor has", "the list of storages names one that the checkpoint does not have",
      file: Bytes.legacy(
        Bytes.pickle(("a", Bytes.tensor())), keys: Bytes.emptyList + Bytes.text("1") + [0x61])),
    Case(
      "a storage twice", "the list of storages names '0' twice",
      file: Bytes.legacy(
        Bytes.pickle(("a", Bytes.tensor())),
        keys: Bytes.emptyList + Bytes.mark + Bytes.text("0") + Bytes.text("0") + [0x65],
        storages: Bytes.bytes(Int64(1)) + Bytes.numbers.prefix(4) + Bytes.bytes(Int64(1)) + Bytes.numbers)),
    Case(
      "a negative count", "storage '0' of -1 elements does not fit the 16 bytes that are left",
      file: Bytes.legacy(
        Bytes.pickle(("a", Bytes.tensor())), storages: Bytes.bytes(Int64(-1)) + Bytes.numbers)),
    Case(
      "a count past the end",
      "storage '0' of 9223372036854775807 elements does not fit the 16 bytes that are left",
      file: Bytes.legacy(
        Bytes.pickle(("a", Bytes.tensor())), storages: Bytes.bytes(Int64.max) + Bytes.numbers)),
    Case(
      "fewer elements than the checkpoint says", "tensor 'a': its storage '0' of 4 elements has 8 bytes",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), storages: Bytes.bytes(Int64(2)) + Bytes.numbers)
    ),
    Case(
      "no storages", "in the middle of a number",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor())), storages: [])),
    Case(
      "a view past its storage", "the view of storage '0' reaches past its 4 elements",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(view: viewed(2, 3))))))),
    Case(
      "a view of text", "the view of storage '0' is not (key, offset, size)",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(view: Bytes.text("view"))))))),
    Case(
      "a tensor past its view", "reaches past the end of its storage of 3 elements",
      file: Bytes.legacy(Bytes.pickle(("a", Bytes.tensor(of: Bytes.storage(view: viewed(1, 3))))))),
    Case(
      "a pickle of another program", "a pickle that torch.save did not write",
      file: Data(Bytes.pickle(("a", Bytes.none)))),
    Case("nothing", "the file is empty", file: Data()),
    Case("one byte", "neither safetensors, nor written by torch.save, nor ONNX", file: Data([1])),
    Case(
      "a text", "neither safetensors, nor written by torch.save, nor ONNX",
      file: Data("epoch,loss\n1,0.5\n".utf8)),
    Case(
      "a tar archive",
      "a tar archive: PyTorch's format before 0.1.10 is not read; load it with PyTorch and save it again",
      file: Data("sys_info".utf8) + Data(count: 249) + Data("ustar".utf8) + Data(count: 250)),
  ]

  static func viewed(_ offset: Int, _ count: Int) -> [UInt8] {
    Bytes.tuple(Bytes.text("v"), Bytes.integer(offset), Bytes.integer(count))
  }
}
