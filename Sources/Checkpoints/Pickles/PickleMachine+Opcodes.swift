extension PickleMachine {
  /// Carries out one opcode.
  mutating func carryOut(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .INT, .LONG, .FLOAT, .BININT, .BININT1, .BININT2, .LONG1, .LONG4, .BINFLOAT, .NONE, .NEWTRUE,
      .NEWFALSE:
      push(try scalar(opcode))
    case .STRING, .UNICODE, .BINSTRING, .SHORT_BINSTRING, .BINUNICODE, .SHORT_BINUNICODE, .BINUNICODE8,
      .BINBYTES, .SHORT_BINBYTES, .BINBYTES8, .BYTEARRAY8:
      push(try text(opcode))
    case .EMPTY_LIST, .LIST, .APPEND, .APPENDS, .EMPTY_TUPLE, .TUPLE, .TUPLE1, .TUPLE2, .TUPLE3, .EMPTY_DICT,
      .DICT, .SETITEM, .SETITEMS, .EMPTY_SET, .ADDITEMS, .FROZENSET:
      try contain(opcode)
    case .GLOBAL, .STACK_GLOBAL, .REDUCE, .BUILD, .INST, .OBJ, .NEWOBJ, .NEWOBJ_EX, .BINPERSID:
      try make(opcode)
    case .MARK: mark()
    case .POP: try drop()
    case .POP_MARK: _ = try popToMark()
    case .DUP: push(try top())
    case .GET: try get(try index())
    case .BINGET: try get(Int(try number(UInt8.self)))
    case .LONG_BINGET: try get(Int(try number(UInt32.self)))
    case .PUT: try put(try index())
    case .BINPUT: try put(Int(try number(UInt8.self)))
    case .LONG_BINPUT: try put(Int(try number(UInt32.self)))
    case .MEMOIZE: try memoize()
    case .PROTO:
      let version = try number(UInt8.self)
      guard 2...5 ~= version else { throw failure("protocol \(version) is not read, 2 to 5 are") }
    case .FRAME:
      // The number is a promise about the bytes to come; they are read one by one all the same.
      try expect(try number(UInt64.self))
    case .STOP, .READONLY_BUFFER: break
    case .EXT1, .EXT2, .EXT4, .PERSID, .NEXT_BUFFER: throw failure("this opcode is not read")
    }
  }

  private mutating func index() throws(CheckpointError) -> Int {
    let line = try line()
    guard let index = Int(line), index >= 0 else { throw failure("a place in the memo is wanted") }
    return index
  }

  private mutating func scalar(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .INT:
      switch try line() {
      case "00": return .bool(false)
      case "01": return .bool(true)
      case let digits: return Int(digits).map { .integer($0) } ?? .opaque
      }
    case .LONG:
      let digits = try line()
      return Int(digits.hasSuffix("L") ? digits.dropLast() : digits[...]).map { .integer($0) } ?? .opaque
    case .FLOAT: return .float(Double(try line()) ?? .nan)
    case .BININT: return .integer(Int(try number(Int32.self)))
    case .BININT1: return .integer(Int(try number(UInt8.self)))
    case .BININT2: return .integer(Int(try number(UInt16.self)))
    case .LONG1: return try long(UInt64(try number(UInt8.self)))
    case .LONG4:
      let count = try number(Int32.self)
      guard count >= 0 else { throw failure("a number of \(count) bytes") }
      return try long(UInt64(count))
    case .BINFLOAT:
      return .float(Double(bitPattern: UInt64(bigEndian: try number(UInt64.self).littleEndian)))
    case .NEWTRUE: return .bool(true)
    case .NEWFALSE: return .bool(false)
    default: return .none
    }
  }

  /// Reads a number in two's complement.
  private mutating func long(_ count: UInt64) throws(CheckpointError) -> PickleValue {
    let part = try take(count)
    guard (1...8).contains(part.count) else { return part.isEmpty ? .integer(0) : .opaque }
    let bits = part.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let unused = 64 - 8 * part.count
    return .integer(Int(Int64(bitPattern: bits << unused) >> unused))
  }

  private mutating func text(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
    switch opcode {
    case .STRING:
      let quoted = try line()
      return .text(quoted.count >= 2 ? String(quoted.dropFirst().dropLast()) : quoted)
    case .UNICODE: return .text(try line())
    case .SHORT_BINSTRING, .SHORT_BINUNICODE: return .text(try text(UInt64(try number(UInt8.self))))
    case .BINSTRING, .BINUNICODE: return .text(try text(UInt64(try number(UInt32.self))))
    case .BINUNICODE8: return .text(try text(try number(UInt64.self)))
    case .SHORT_BINBYTES: _ = try take(UInt64(try number(UInt8.self)))
    case .BINBYTES: _ = try take(UInt64(try number(UInt32.self)))
    default: _ = try take(try number(UInt64.self))
    }
    return .opaque
  }

  private mutating func contain(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .EMPTY_LIST: push(.list)
    case .LIST: push(.list, try popToMark())
    case .APPEND:
      let item = try pop()
      try extend([item], byPairs: false)
    case .APPENDS, .ADDITEMS:
      let items = try popToMark()
      try extend(items, byPairs: false)
    case .EMPTY_TUPLE: push(.tuple)
    case .TUPLE: push(.tuple, try popToMark())
    case .TUPLE1: push(.tuple, try pop(1))
    case .TUPLE2: push(.tuple, try pop(2))
    case .TUPLE3: push(.tuple, try pop(3))
    case .EMPTY_DICT: push(.dictionary)
    case .DICT:
      let items = try popToMark()
      push(.dictionary)
      try extend(items, byPairs: true)
    case .SETITEM:
      let items = try pop(2)
      try extend(items, byPairs: true)
    case .SETITEMS:
      let items = try popToMark()
      try extend(items, byPairs: true)
    case .EMPTY_SET: push(.object(of: "builtins set"))
    default: push(.object(of: "builtins frozenset"), try popToMark())
    }
  }

  private mutating func make(_ opcode: PickleOpcode) throws(CheckpointError) {
    switch opcode {
    case .GLOBAL: try push(module: try line(), name: try line())
    case .STACK_GLOBAL:
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1] else {
        throw failure("a module and a name are wanted")
      }
      try push(module: module, name: name)
    case .REDUCE, .NEWOBJ:
      let call = try pop(2)
      try self.call(call[0], call[1])
    case .NEWOBJ_EX:
      let call = try pop(3)
      try self.call(call[0], call[1])
    case .BUILD:
      let state = try pop()
      try build(state)
    case .INST:
      try push(module: try line(), name: try line())
      let made = try pop()
      let arguments = try popToMark()
      push(.tuple, arguments)
      try call(made, try pop())
    case .OBJ:
      let parts = try popToMark()
      guard let made = parts.first else { throw failure("a class is wanted") }
      push(.tuple, Array(parts.dropFirst()))
      try call(made, try pop())
    default: try pushPersistent(try pop())
    }
  }
}
