/// The stack machine that runs a pickle as its program.
///
/// The memory of the machine grows with the pickle: an opcode adds at most one node, one value on the stack
/// and one place in the memo.
struct PickleMachine {
  private(set) var nodes: [PickleNode] = []
  /// The types of the storages by key; nil for bytes.
  private(set) var storages: [String: ElementType?] = [:]
  /// The place of the next byte of the pickle.
  private(set) var place = 0

  /// Whether the machine failed because the bytes that it has end too early.
  private(set) var wantsMore = false

  private let raw: UnsafeRawBufferPointer
  /// The number of bytes of the pickle, of which `raw` may be the beginning.
  private let count: Int
  private let path: String
  private var opcode = PickleOpcode.PROTO
  private var opcodePlace = 0
  private var stack: [PickleValue] = []
  /// The height of the stack at each MARK.
  private var marks: [Int] = []
  /// The memo at the places that picklers count up from 0; pickles that leave gaps use a table.
  private var memo: [PickleValue] = []
  private var sparseMemo: [Int: PickleValue] = [:]
  private var copies = 0

  /// The most nodes, values on the stack, and places in the memo, of each: hundreds of times what checkpoints
  /// hold.
  private static let limit = 1 << 21
  /// The most bytes of a name; two names are joined, so a long one would multiply.
  private static let nameLimit = 512

  /// Creates a machine over bytes that are lent until it has run: the whole pickle, or the beginning of its
  /// `count` bytes.
  init(_ raw: UnsafeRawBufferPointer, of count: Int, path: String) {
    (self.raw, self.count, self.path) = (raw, count, path)
  }

  /// Runs the pickle, and returns the value on the stack when it stops.
  mutating func run() throws(CheckpointError) -> PickleValue {
    while place < raw.count {
      opcodePlace = place
      let code = raw[place]
      guard let known = PickleOpcode(rawValue: code) else {
        throw malformed("byte \(place) of the pickle is no opcode: 0x" + String(code, radix: 16))
      }
      opcode = known
      place += 1
      if opcode == .STOP { return try pop() }
      try carryOut(opcode)
      guard nodes.count <= Self.limit, stack.count + marks.count <= Self.limit,
        memo.count + sparseMemo.count <= Self.limit
      else { throw failure("more than \(Self.limit) values: this is not a checkpoint") }
    }
    wantsMore = true
    throw malformed("the pickle ends without STOP")
  }

  private func malformed(_ problem: String) -> CheckpointError {
    CheckpointError(.malformed, path: path, problem)
  }

  /// Returns an error at the present opcode.
  func failure(_ problem: String) -> CheckpointError {
    malformed("\(opcode) at byte \(opcodePlace) of the pickle: \(problem)")
  }

  // MARK: The bytes that follow an opcode

  /// Checks that the pickle has at least so many more bytes.
  mutating func expect(_ count: UInt64) throws(CheckpointError) {
    guard count <= UInt64(raw.count - place) else {
      wantsMore = count <= UInt64(self.count - place)
      throw failure("\(count) bytes are wanted, the pickle has \(raw.count - place) more")
    }
  }

  /// Reads the next bytes.
  mutating func take(_ count: UInt64) throws(CheckpointError) -> UnsafeRawBufferPointer {
    try expect(count)
    defer { place += Int(count) }
    return UnsafeRawBufferPointer(rebasing: raw[place..<place + Int(count)])
  }

  mutating func number<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(CheckpointError) -> Integer {
    Integer(littleEndian: try take(UInt64(MemoryLayout<Integer>.size)).loadUnaligned(as: type))
  }

  mutating func text(_ count: UInt64) throws(CheckpointError) -> String {
    String(decoding: try take(count), as: UTF8.self)
  }

  /// Reads the rest of a line.
  mutating func line() throws(CheckpointError) -> String {
    guard let end = raw[place...].firstIndex(of: UInt8(ascii: "\n")) else {
      wantsMore = true
      throw failure("a line does not end")
    }
    defer { place = end + 1 }
    return String(decoding: raw[place..<end], as: UTF8.self)
  }

  // MARK: Stack and memo

  mutating func push(_ value: PickleValue) { stack.append(value) }

  /// Pushes a new node.
  mutating func push(_ kind: PickleNode.Kind, _ items: [PickleValue] = []) {
    nodes.append(PickleNode(kind: kind, items: items))
    push(.node(nodes.count - 1))
  }

  mutating func push(module: String, name: String) throws(CheckpointError) {
    guard module.utf8.count + name.utf8.count <= Self.nameLimit else {
      throw failure("a name of \(module.utf8.count + name.utf8.count) bytes")
    }
    push(.global(module + " " + name))
  }

  mutating func pop() throws(CheckpointError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw failure("there is nothing on the stack")
    }
    return value
  }

  mutating func pop(_ count: Int) throws(CheckpointError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else { throw failure("there is too little on the stack") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  func top() throws(CheckpointError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw failure("there is nothing on the stack")
    }
    return value
  }

  mutating func mark() { marks.append(stack.count) }

  mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
    guard let height = marks.popLast() else { throw failure("there is no MARK") }
    defer { stack.removeLast(stack.count - height) }
    return Array(stack[height...])
  }

  /// Removes the value on top of the stack; POP takes a MARK away where there is nothing above it.
  mutating func drop() throws(CheckpointError) {
    if stack.count > marks.last ?? 0 {
      stack.removeLast()
    } else if marks.popLast() == nil {
      throw failure("there is nothing on the stack")
    }
  }

  mutating func put(_ index: Int) throws(CheckpointError) {
    let value = try top()
    if index < memo.count {
      memo[index] = value
    } else if index == memo.count {
      memo.append(value)
    } else {
      sparseMemo[index] = value
    }
  }

  /// Puts the value on top of the stack into the memo, at the place whose number is the count of places.
  mutating func memoize() throws(CheckpointError) { try put(memo.count + sparseMemo.count) }

  mutating func get(_ index: Int) throws(CheckpointError) {
    guard let value = index < memo.count ? memo[index] : sparseMemo[index] else {
      throw failure("nothing was put at \(index) of the memo")
    }
    push(value)
  }

  // MARK: Nodes

  func node(_ value: PickleValue) -> PickleNode? {
    if case .node(let index) = value { nodes[index] } else { nil }
  }

  /// Adds to the container on top of the stack.
  mutating func extend(_ items: [PickleValue], byPairs: Bool) throws(CheckpointError) {
    guard case .node(let index) = try top() else { throw failure("a container is wanted") }
    switch nodes[index].kind {
    case .dictionary where byPairs, .list where !byPairs, .object: break
    default: throw failure(byPairs ? "a dictionary is wanted" : "a list is wanted")
    }
    guard !byPairs || items.count.isMultiple(of: 2) else { throw failure("a key has no value") }
    nodes[index].items += items
  }

  /// Keeps the state that an object is given after it was made; dictionaries are complete without.
  mutating func build(_ state: PickleValue) throws(CheckpointError) {
    guard case .node(let index) = try top(), case .object = nodes[index].kind else { return }
    nodes[index].items.append(state)
  }

  /// Counts items that are copied from one node to another, where an opcode could ask for the same ones again
  /// and again.
  mutating func countCopies(_ count: Int) throws(CheckpointError) {
    copies += count
    guard copies <= count else { throw failure("more is copied than the pickle holds") }
  }

  mutating func push(_ storage: TorchStorage) throws(CheckpointError) {
    let known = storages.updateValue(storage.element, forKey: storage.key)
    guard known == nil || known == .some(storage.element) else {
      throw failure("storage '\(storage.key)' has two types")
    }
    push(.storage(storage))
  }
}
