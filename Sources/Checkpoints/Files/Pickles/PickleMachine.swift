/// The stack machine that a pickle is a program of.
///
/// What it keeps grows with the pickle: an opcode adds at most one node, one value on the stack and one place in the memo.
struct PickleMachine {
  private(set) var nodes: [PickleNode] = []
  /// The types of the storages by key; of bytes, nil.
  private(set) var storages: [String: ElementType?] = [:]
  /// The next byte of the file.
  private(set) var place: Int

  let bytes: FileBytes
  private let part: Range<Int>
  private var opcode = PickleOpcode.PROTO
  private var opcodePlace: Int
  private var stack: [PickleValue] = []
  /// How high the stack was at each MARK.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var copies = 0

  /// Nodes, values on the stack, and places in the memo, of each: hundreds of times what checkpoints hold.
  private static let limit = 1 << 22
  /// Bytes of a name; two of them are joined, so a long one would multiply.
  private static let nameLimit = 512

  init(_ bytes: FileBytes, in part: Range<Int>) {
    (self.bytes, self.part) = (bytes, part)
    (place, opcodePlace) = (part.lowerBound, part.lowerBound)
  }

  /// The value on the stack when the pickle stops.
  mutating func run() throws(CheckpointError) -> PickleValue {
    while true {
      (opcodePlace, opcode) = (place, .PROTO)
      guard place < part.upperBound else { throw bytes.malformed("the pickle ends without STOP") }
      let code = try number(UInt8.self)
      guard let known = PickleOpcode(rawValue: code) else {
        throw bytes.malformed(
          "byte \(opcodePlace - part.lowerBound) of the pickle is no opcode: 0x" + String(code, radix: 16))
      }
      opcode = known
      if opcode == .STOP { return try pop() }
      try carryOut(opcode)
      guard stack.count + marks.count <= Self.limit, nodes.count <= Self.limit, memo.count <= Self.limit
      else {
        throw failure("more than \(Self.limit) values: this is not a checkpoint")
      }
    }
  }

  /// An error at the present opcode.
  func failure(_ problem: String) -> CheckpointError {
    bytes.malformed("\(opcode) at byte \(opcodePlace - part.lowerBound) of the pickle: \(problem)")
  }

  // MARK: The bytes that follow an opcode

  /// Checks that the pickle has so many more bytes.
  func expect(_ count: UInt64) throws(CheckpointError) {
    guard count <= UInt64(part.upperBound - place) else {
      throw failure("\(count) bytes are wanted, the pickle has \(part.upperBound - place) more")
    }
  }

  mutating func take(_ count: UInt64) throws(CheckpointError) -> Range<Int> {
    try expect(count)
    defer { place += Int(count) }
    return place..<place + Int(count)
  }

  mutating func number<Integer: FixedWidthInteger>(
    _ type: Integer.Type
  ) throws(CheckpointError) -> Integer {
    try bytes.integer(type, at: take(UInt64(MemoryLayout<Integer>.size)).lowerBound)
  }

  mutating func text(_ count: UInt64) throws(CheckpointError) -> String {
    let text = try take(count)
    return try bytes.text(at: text.lowerBound, count: text.count)
  }

  /// The rest of a line.
  mutating func line() throws(CheckpointError) -> String {
    let start = place
    while try number(UInt8.self) != UInt8(ascii: "\n") {}
    return try bytes.text(at: start, count: place - 1 - start)
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

  /// POP takes a MARK away where there is nothing above it.
  mutating func drop() throws(CheckpointError) {
    if stack.count > marks.last ?? 0 {
      stack.removeLast()
    } else if marks.popLast() == nil {
      throw failure("there is nothing on the stack")
    }
  }

  mutating func put(_ index: Int) throws(CheckpointError) { memo[index] = try top() }

  mutating func memoize() throws(CheckpointError) { memo[memo.count] = try top() }

  mutating func get(_ index: Int) throws(CheckpointError) {
    guard let value = memo[index] else { throw failure("nothing was put at \(index) of the memo") }
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

  /// Keeps what an object is given after it was made; dictionaries are complete without.
  mutating func build(_ state: PickleValue) throws(CheckpointError) {
    guard case .node(let index) = try top(), case .object = nodes[index].kind else { return }
    nodes[index].items.append(state)
  }

  /// Items that are copied from one node to another, where an opcode could ask for the same ones again and again.
  mutating func countCopies(_ count: Int) throws(CheckpointError) {
    copies += count
    guard copies <= part.count else { throw failure("more is copied than the pickle holds") }
  }

  mutating func push(_ storage: TorchStorage) throws(CheckpointError) {
    let known = storages.updateValue(storage.element, forKey: storage.key)
    guard known == nil || known == .some(storage.element) else {
      throw failure("storage '\(storage.key)' has two types")
    }
    push(.storage(storage))
  }
}
