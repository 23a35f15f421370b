/// The tensors of a checkpoint by name, taken out of what training programs put around them.
struct CheckpointContents {
  /// The tensors by name, in the checkpoint's order.
  private(set) var tensors: [(name: String, tensor: TorchTensor)] = []
  /// The changes that were made, in sentences.
  private(set) var notes: [String] = []

  /// The entries under which training programs keep a network's tensors, the first one that is there winning.
  static let wrappers = [
    "state_dict", "model", "model_state_dict", "teacher", "student", "net", "ema", "model_ema",
    "state_dict_ema",
  ]

  private let pickle: Pickle
  private let bytes: FileBytes
  private var places: [String: Int] = [:]
  private var leftOut: [String] = []
  private var visited: Set<Int> = []

  private static let depthLimit = 16
  private static let nameLimit = 512
  private static let countLimit = 1 << 20

  /// Finds the tensors in a pickle.
  ///
  /// - Throws: ``CheckpointError`` `malformed` where there are none.
  init(_ pickle: Pickle, of bytes: FileBytes) throws(CheckpointError) {
    (self.pickle, self.bytes) = (pickle, bytes)
    guard pickle.pairs(pickle.root) != nil else { throw noDictionary() }
    let path = path(toTensorsOf: pickle.root) ?? []
    visited = []
    var content = pickle.root
    for key in path {
      let pairs = pickle.pairs(content) ?? []
      leftOut += pairs.compactMap { $0.key == .text(key) ? nil : Self.name($0.key) ?? "an entry" }
      content = pairs.last { $0.key == .text(key) }!.value
    }
    if !path.isEmpty { notes.append("took the tensors out of '\(path.joined(separator: "."))'") }
    _ = try collect(content, below: "", depth: 0)
    guard !tensors.isEmpty else { throw noTensors() }
    if !leftOut.isEmpty { notes.append("left out " + Self.list(leftOut)) }
  }

  /// Lists up to five names, and says how many more there are.
  static func list(_ names: [String]) -> String {
    names.prefix(5).map { "'\($0.prefix(60))'" }.joined(separator: ", ")
      + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }

  // MARK: Finding

  /// Returns the wrappers to open, outermost first, to come to a dictionary that holds tensors itself; nil
  /// where none leads to one.
  private mutating func path(toTensorsOf value: PickleValue, depth: Int = 0) -> [String]? {
    guard depth < Self.depthLimit, case .node(let index) = value, let pairs = pickle.pairs(value),
      visited.insert(index).inserted
    else { return nil }
    for wrapper in Self.wrappers {
      guard let inner = pairs.last(where: { $0.key == .text(wrapper) })?.value else { continue }
      if let path = path(toTensorsOf: inner, depth: depth + 1) { return [wrapper] + path }
    }
    return pairs.contains { tensor($0.value) != nil } ? [] : nil
  }

  /// Adds the tensors of a dictionary and of those in it, and says whether there are any.
  private mutating func collect(
    _ dictionary: PickleValue, below prefix: String, depth: Int
  ) throws(CheckpointError) -> Bool {
    guard depth < Self.depthLimit, case .node(let index) = dictionary, let pairs = pickle.pairs(dictionary),
      visited.insert(index).inserted
    else { return false }
    var hasTensors = false
    for (key, value) in pairs {
      guard let name = Self.name(key).map({ prefix + $0 }) else {
        leftOut.append("an entry")
        continue
      }
      guard name.utf8.count <= Self.nameLimit else {
        throw bytes.malformed(
          "the name of an entry is \(name.utf8.count) bytes long: '\(name.prefix(40))...'")
      }
      if let tensor = tensor(value) {
        try add(tensor, as: name)
        hasTensors = true
      } else if !(depth == 0 && Self.belongsToTraining(name)),
        try collect(value, below: name + ".", depth: depth + 1)
      {
        hasTensors = true
      } else if depth == 0 {
        leftOut.append(name)
      }
    }
    return hasTensors
  }

  /// Adds a tensor; of two equal keys the later counts, in the place of the earlier, as in Python.
  private mutating func add(_ tensor: TorchTensor, as name: String) throws(CheckpointError) {
    if let place = places[name] {
      tensors[place].tensor = tensor
      return
    }
    guard tensors.count < Self.countLimit else {
      throw bytes.malformed("more than \(Self.countLimit) tensors")
    }
    places[name] = tensors.count
    tensors.append((name, tensor))
  }

  private func tensor(_ value: PickleValue) -> TorchTensor? {
    if case .tensor(let tensor) = pickle[value]?.kind { tensor } else { nil }
  }

  private static func name(_ key: PickleValue) -> String? {
    switch key {
    case .text(let text): text
    case .integer(let number): String(number)
    default: nil
    }
  }

  /// Returns whether an entry is the optimiser's: momenta are tensors too, but none of the network's.
  private static func belongsToTraining(_ name: String) -> Bool {
    name.hasPrefix("optim") || ["lr_scheduler", "scheduler", "scaler", "grad_scaler", "amp"].contains(name)
  }

  // MARK: Errors

  private static let advice =
    "save its weights where its code is, with torch.save(model.state_dict(), ...)"

  private func noDictionary() -> CheckpointError {
    guard let root = pickle[pickle.root] else {
      return bytes.malformed("the checkpoint is a single value, not tensors by name")
    }
    switch root.kind {
    case .object(let type):
      return bytes.malformed(
        "the checkpoint is an object of class \(Self.dotted(type)), not tensors by name: \(Self.advice)")
    case .tensor: return bytes.malformed("the checkpoint is a tensor without a name")
    default: return bytes.malformed("the checkpoint is a list, not tensors by name")
    }
  }

  private func noTensors() -> CheckpointError {
    for (key, value) in pickle.pairs(pickle.root) ?? [] {
      guard let name = Self.name(key), Self.wrappers.contains(name),
        case .object(let type) = pickle[value]?.kind
      else { continue }
      return bytes.malformed(
        "'\(name)' is an object of class \(Self.dotted(type)), not tensors by name: \(Self.advice)")
    }
    return bytes.malformed("the checkpoint holds no tensors by name")
  }

  private static func dotted(_ type: String) -> String { type.split(separator: " ").joined(separator: ".") }
}
