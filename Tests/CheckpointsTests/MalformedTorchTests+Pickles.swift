import Foundation

extension MalformedTorchTests {
  static let opcodes: [Case] = [
    Case("no STOP", "the pickle ends without STOP", Bytes.pickle(opcodes: Bytes.none)),
    Case("an empty pickle", "the pickle ends without STOP", []),
    Case(
      "STOP with nothing", "STOP at byte 2 of the pickle: there is nothing on the stack",
      Bytes.pickle(opcodes: Bytes.stop)),
    Case(
      "STOP below a mark", "STOP at byte 4 of the pickle: there is",
      Bytes.pickle(opcodes: Bytes.none, Bytes.mark, Bytes.stop)),
    Case("no opcode", "byte 2 of the pickle is no opcode: 0xff", Bytes.pickle(opcodes: [0xFF])),
    Case("protocol 9", "PROTO at byte 0 of the pickle: protocol 9 is not read, 2 to 5 are", [0x80, 9]),
    Case(
      "BINGET of nothing", "BINGET at byte 2 of the pickle: nothing was put at 5 of the memo",
      Bytes.pickle(opcodes: [0x68, 5])),
    Case(
      "LONG_BINGET of nothing", "LONG_BINGET at byte 2 of the pickle: nothing was put at 4294967295",
      Bytes.pickle(opcodes: [0x6A, 255, 255, 255, 255])),
    Case(
      "GET of no number", "GET at byte 2 of the pickle: a place in the memo is wanted",
      Bytes.pickle(opcodes: Array("g-1\n".utf8))),
    Case(
      "BINPUT of nothing", "BINPUT at byte 2 of the pickle: there is nothing on the stack",
      Bytes.pickle(opcodes: [0x71, 0])),
    Case("MEMOIZE of nothing", "MEMOIZE at byte 2", Bytes.pickle(opcodes: [0x94])),
    Case(
      "LONG_BINPUT at the end of the memo", nil,
      Bytes.pickle(with: Bytes.none + [0x72, 255, 255, 255, 255] + [0x30, 0x6A, 255, 255, 255, 255])),
    Case(
      "POP of nothing", "POP at byte 2 of the pickle: there is nothing on the stack",
      Bytes.pickle(opcodes: [0x30])),
    Case(
      "POP_MARK without MARK", "POP_MARK at byte 2 of the pickle: there is no MARK",
      Bytes.pickle(opcodes: [0x31])),
    Case("POP of a mark", nil, Bytes.pickle(with: Bytes.mark + [0x30] + Bytes.none)),
    Case(
      "DUP of nothing", "DUP at byte 2 of the pickle: there is nothing on the stack",
      Bytes.pickle(opcodes: [0x32])),
    Case("DUP below a mark", "DUP at byte 4", Bytes.pickle(opcodes: Bytes.none, Bytes.mark, [0x32])),
    Case(
      "TUPLE without MARK", "TUPLE at byte 2 of the pickle: there is no MARK", Bytes.pickle(opcodes: [0x74])),
    Case(
      "TUPLE3 of two", "TUPLE3 at byte 4 of the pickle: there is too little on the stack",
      Bytes.pickle(opcodes: Bytes.none, Bytes.none, [0x87])),
    Case(
      "SETITEMS of three", "SETITEMS at byte 7 of the pickle: a key has no value",
      Bytes.pickle(
        opcodes: Bytes.emptyDictionary, Bytes.mark, Bytes.none, Bytes.none, Bytes.none, Bytes.setItems)),
    Case(
      "SETITEM in a list", "SETITEM at byte 5 of the pickle: a dictionary is wanted",
      Bytes.pickle(opcodes: Bytes.emptyList, Bytes.none, Bytes.none, Bytes.setItem)),
    Case(
      "SETITEM in a number", "SETITEM at byte 5 of the pickle: a container is wanted",
      Bytes.pickle(opcodes: Bytes.none, Bytes.none, Bytes.none, Bytes.setItem)),
    Case(
      "APPEND to a dictionary", "APPEND at byte 4 of the pickle: a list is wanted",
      Bytes.pickle(opcodes: Bytes.emptyDictionary, Bytes.none, [0x61])),
    Case(
      "APPENDS to nothing", "APPENDS at byte 3 of the pickle: there is nothing",
      Bytes.pickle(opcodes: Bytes.mark, [0x65])),
    Case("LONG1 of 255 bytes", nil, Bytes.pickle(with: [0x8A, 255] + [UInt8](repeating: 0xAA, count: 255))),
    Case(
      "LONG1 cut off", "LONG1 at byte 2 of the pickle: 255 bytes are wanted, the pickle has 3 more",
      Bytes.pickle(opcodes: [0x8A, 255, 1, 2, 3])),
    Case(
      "LONG4 of negative length", "LONG4 at byte 2 of the pickle: a number of -1 bytes",
      Bytes.pickle(opcodes: [0x8B, 255, 255, 255, 255])),
    Case(
      "text of 4 GB",
      "BINUNICODE at byte 2 of the pickle: 4294967295 bytes are wanted, the pickle has 1 more",
      Bytes.pickle(opcodes: [0x58, 255, 255, 255, 255], Bytes.stop)),
    Case(
      "text of 2^64 bytes", "BINUNICODE8 at byte 2 of the pickle: 18446744073709551615 bytes",
      Bytes.pickle(opcodes: [0x8D], Bytes.bytes(UInt64.max))),
    Case(
      "bytes of 2^63", "BINBYTES8 at byte 2 of the pickle: 9223372036854775808 bytes",
      Bytes.pickle(opcodes: [0x8E], Bytes.bytes(UInt64(1) << 63))),
    Case(
      "a frame past the end", "FRAME at byte 2 of the pickle: 1000 bytes are wanted",
      Bytes.pickle(opcodes: [0x95], Bytes.bytes(UInt64(1000)), Bytes.none, Bytes.stop)),
    Case("a frame that is too short", nil, Bytes.pickle(with: [0x95] + Bytes.bytes(UInt64(0)) + Bytes.none)),
    Case(
      "a name of numbers", "STACK_GLOBAL at byte 22 of the pickle: a module and a name are wanted",
      Bytes.pickle(opcodes: Bytes.integer(1), Bytes.integer(2), [0x93])),
    Case(
      "a name of 600 bytes", "GLOBAL at byte 2 of the pickle: a name of 602 bytes",
      Bytes.pickle(opcodes: Bytes.global(String(repeating: "m", count: 600), "xx"))),
    Case(
      "a name without end", "GLOBAL at byte 2 of the pickle: a line does not end",
      Bytes.pickle(opcodes: Array("cabc".utf8))),
    Case(
      "an extension", "EXT1 at byte 2 of the pickle: this opcode is not read",
      Bytes.pickle(opcodes: [0x82, 1])),
    Case("a persistent id in text", "PERSID at byte 2", Bytes.pickle(opcodes: Array("P1\n".utf8))),
    Case("a buffer elsewhere", "NEXT_BUFFER at byte 2", Bytes.pickle(opcodes: [0x97])),
    Case("a number that is none", nil, Bytes.pickle(with: Array("Iabc\n".utf8))),
    Case(
      "OBJ of nothing", "OBJ at byte 3 of the pickle: a class is wanted",
      Bytes.pickle(opcodes: Bytes.mark, [0x6F])),
    Case(
      "REDUCE of one", "REDUCE at byte 3 of the pickle: there is too little on the stack",
      Bytes.pickle(opcodes: Bytes.none, Bytes.reduce)),
    Case("a call of a number", nil, Bytes.pickle(with: Bytes.integer(3) + Bytes.emptyTuple + Bytes.reduce)),
    Case("BUILD on a number", nil, Bytes.pickle(with: Bytes.integer(3) + Bytes.emptyTuple + [0x62])),
    Case(
      "torch.Size of nothing", "torch.Size lacks its sizes", Bytes.pickle(with: Bytes.call("torch", "Size"))),
    Case(
      "a dictionary of single things", "REDUCE at byte",
      Bytes.pickle(with: Bytes.call("collections", "OrderedDict", Bytes.emptyList + Bytes.none + [0x61]))),
  ]

  /// Dictionaries that hold what is on the stack, then the one before under each of the keys.
  private static func inEachOther(_ count: Int, _ keys: [String]) -> [UInt8] {
    var dictionary: [UInt8] = Bytes.put + [0x30] + Bytes.emptyDictionary
    for key in keys { dictionary += Bytes.text(key) + Bytes.get + Bytes.setItem }
    return repeating(dictionary, count)
  }

  private static func repeating(_ opcodes: [UInt8], _ count: Int) -> [UInt8] {
    Array(repeatElement(opcodes, count: count).joined())
  }

  static let shapes: [Case] = [
    Case("a list in itself", nil, Bytes.pickle(with: Bytes.emptyList + Bytes.put + Bytes.get + [0x61])),
    Case(
      "a dictionary in itself", nil,
      Bytes.pickle(with: Bytes.emptyDictionary + Bytes.put + Bytes.text("me") + Bytes.get + Bytes.setItem)),
    Case(
      "the root in itself", nil,
      Bytes.pickle(
        opcodes: Bytes.emptyDictionary, Bytes.put, Bytes.text("model"), Bytes.get, Bytes.setItem,
        Bytes.text("a"),
        Bytes.tensor(), Bytes.setItem, Bytes.stop)),
    Case(
      "a million tuples in each other", nil,
      Bytes.pickle(with: Bytes.none + [UInt8](repeating: 0x85, count: 1_000_000))),
    Case(
      "a million lists in each other", nil,
      Bytes.pickle(
        with: [UInt8](repeating: 0x5D, count: 1_000_000) + [UInt8](repeating: 0x61, count: 999_999))),
    Case(
      "a hundred dictionaries in each other", "the checkpoint holds no tensors by name",
      Bytes.pickle(
        opcodes: Bytes.tensor(),
        inEachOther(100, ["a"]), Bytes.stop)),
    Case(
      "wrappers that share what they hold", "the checkpoint holds no tensors by name",
      Bytes.pickle(
        opcodes: Bytes.none,
        inEachOther(40, ["state_dict", "model", "net", "ema"]), Bytes.stop)),
    Case(
      "dictionaries that share what they hold", "the checkpoint holds no tensors by name",
      Bytes.pickle(
        opcodes: Bytes.none,
        inEachOther(40, ["a", "b", "c", "d"]), Bytes.stop)),
    Case(
      "a name of 600 bytes for a tensor", "the name of an entry is 600 bytes long",
      Bytes.pickle((String(repeating: "n", count: 600), Bytes.tensor()))),
    Case(
      "three million marks", "MARK at byte 2097154 of the pickle: more than 2097152 values",
      Bytes.pickle(opcodes: [UInt8](repeating: 0x28, count: 3_000_000))),
    Case(
      "three million lists", "EMPTY_LIST at byte 2097154 of the pickle: more than 2097152 values",
      Bytes.pickle(opcodes: [UInt8](repeating: 0x5D, count: 3_000_000))),
    Case(
      "three million places in the memo", "more than 2097152 values",
      Bytes.pickle(opcodes: Bytes.none, [UInt8](repeating: 0x94, count: 3_000_000))),
    Case(
      "one list made into dictionaries again and again", "more is copied than the pickle holds",
      Bytes.pickle(
        opcodes: Bytes.emptyList, Bytes.mark,
        repeating([0x4E, 0x4E, 0x86], 10_000), [0x65, 0x71, 9],
        repeating(Bytes.call("collections", "OrderedDict", Bytes.get), 1000), Bytes.stop)),
    Case(
      "unknown classes and functions", nil,
      Bytes.pickle(
        ("a", Bytes.tensor()),
        ("b", Bytes.call("elsewhere", "Thing", Bytes.integer(1)) + Bytes.emptyDictionary + [0x62]),
        ("c", Bytes.global("elsewhere", "Thing") + Bytes.emptyTuple + [0x81]),
        ("d", Bytes.global("elsewhere", "Thing") + Bytes.emptyTuple + Bytes.emptyDictionary + [0x92]),
        ("e", Bytes.mark + Bytes.integer(1) + Array("ielsewhere\nThing\n".utf8)),
        ("f", Bytes.mark + Bytes.global("elsewhere", "Thing") + Bytes.integer(1) + [0x6F]))),
  ]
}
