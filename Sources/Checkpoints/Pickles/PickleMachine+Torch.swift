extension PickleMachine {
  /// Pushes the value that a call of `function` with the tuple `arguments` would make, without calling it: a
  /// dictionary, a tensor, or an inert object.
  mutating func call(_ function: PickleValue, _ arguments: PickleValue) throws(CheckpointError) {
    guard case .global(let name) = function else {
      push(.object(of: "a call"), [function, arguments])
      return
    }
    switch name {
    case "collections OrderedDict", "builtins dict", "__builtin__ dict":
      try pushDictionary(try items(arguments).first)
    case "collections defaultdict": try pushDictionary(try items(arguments).dropFirst().first)
    case "torch Size":
      guard let sizes = try items(arguments).first else { throw failure("torch.Size lacks its sizes") }
      push(sizes)
    case "torch._utils _rebuild_tensor", "torch._utils _rebuild_tensor_v2",
      "torch._utils _rebuild_tensor_v3":
      let tensor = try tensor(try items(arguments), sayingType: name.hasSuffix("v3"))
      push(.tensor(tensor))
    case "torch._utils _rebuild_parameter", "torch._utils _rebuild_parameter_with_state":
      guard let data = try items(arguments).first, isTensor(data) else {
        throw failure("a parameter lacks its tensor")
      }
      push(data)
    case "torch._tensor _rebuild_from_type_v2":
      // The arguments of a subclass of Tensor are a function that makes the tensor, the subclass, the
      // function's arguments, attributes.
      let parts = try items(arguments)
      guard parts.count >= 3, case .global(let maker) = parts[0], maker != name else {
        throw failure("a tensor's subclass lacks its tensor")
      }
      try call(parts[0], parts[2])
    default: push(.object(of: name), [arguments])
    }
  }

  private func isTensor(_ value: PickleValue) -> Bool {
    if case .tensor = node(value)?.kind { true } else { false }
  }

  private func items(_ arguments: PickleValue) throws(CheckpointError) -> [PickleValue] {
    guard let node = node(arguments), case .tuple = node.kind else {
      throw failure("arguments are wanted as a tuple")
    }
    return node.items
  }

  /// Pushes an ordered dictionary, to which Python 2 gives its keys and values when it is made: a list of
  /// pairs.
  private mutating func pushDictionary(_ content: PickleValue?) throws(CheckpointError) {
    guard let content, let list = node(content), case .list = list.kind else {
      push(.dictionary)
      return
    }
    var flat: [PickleValue] = []
    try countCopies(list.items.count)
    for pair in list.items {
      guard let pair = node(pair), pair.items.count == 2 else { throw failure("keys and values are wanted") }
      flat += pair.items
    }
    push(.dictionary, flat)
  }

  // MARK: Tensors

  private static let rankLimit = 64

  /// Returns a tensor by its arguments: storage, offset, size, strides, whether it wants gradients, hooks; in
  /// version 3 its type too.
  private func tensor(
    _ arguments: [PickleValue], sayingType: Bool
  ) throws(CheckpointError) -> TorchTensor {
    guard arguments.count >= (sayingType ? 7 : 4), case .storage(let storage) = node(arguments[0])?.kind,
      case .integer(let offset) = arguments[1]
    else { throw failure("a tensor lacks storage, offset, size or strides") }
    var element = storage.element
    if sayingType {
      guard case .global(let name) = arguments[6], name.hasPrefix("torch ") else {
        throw failure("a tensor lacks its type")
      }
      element = ElementType(torchType: String(name.dropFirst("torch ".count)))
      guard element != nil else { throw failure("a tensor has the unknown type '\(name)'") }
    }
    guard let element else { throw failure("a tensor of bytes lacks its type") }
    return TorchTensor(
      storage: storage, element: element, offset: offset, extents: try sizes(arguments[2]),
      strides: try sizes(arguments[3]))
  }

  private func sizes(_ value: PickleValue) throws(CheckpointError) -> [Int] {
    guard let node = node(value), node.items.count <= Self.rankLimit else {
      throw failure("a size is wanted, of at most \(Self.rankLimit) axes")
    }
    switch node.kind {
    case .tuple, .list: break
    default: throw failure("a size is wanted, of at most \(Self.rankLimit) axes")
    }
    var sizes: [Int] = []
    for item in node.items {
      guard case .integer(let size) = item else { throw failure("a size is not a whole number") }
      sizes.append(size)
    }
    return sizes
  }

  // MARK: Storages

  /// Pushes the storage that a persistent id names: ('storage', class, key, device, count) and, in files
  /// before version 1.6 of PyTorch, a view of it.
  mutating func pushPersistent(_ identifier: PickleValue) throws(CheckpointError) {
    guard let tuple = node(identifier), case .tuple = tuple.kind, case .text(let kind) = tuple.items.first
    else { throw failure("a persistent id is not a tuple that begins with text") }
    if kind == "module", tuple.items.count >= 2 {
      // The id names a class with its source text.
      push(tuple.items[1])
      return
    }
    guard kind == "storage", tuple.items.count >= 5, case .global(let type) = tuple.items[1],
      case .text(let key) = tuple.items[2], case .integer(let count) = tuple.items[4]
    else { throw failure("a persistent id is not that of a storage") }
    guard count >= 0 else { throw failure("storage '\(key)' has \(count) elements") }
    let name = type.split(separator: " ").last.map(String.init) ?? ""
    let element = ElementType(storageClass: name)
    guard element != nil || name == "UntypedStorage" else {
      throw failure("storage '\(key)' is of the unknown class '\(type)'")
    }
    var storage = TorchStorage(element: element, key: key, count: count, start: 0)
    if tuple.items.count > 5, tuple.items[5] != .none {
      storage = try view(tuple.items[5], of: storage)
    }
    try push(storage)
  }

  /// Returns a view of a storage by its tuple: (key of the view, elements before it, elements).
  private func view(
    _ metadata: PickleValue, of root: TorchStorage
  ) throws(CheckpointError) -> TorchStorage {
    guard let tuple = node(metadata), tuple.items.count == 3, case .integer(let start) = tuple.items[1],
      case .integer(let count) = tuple.items[2]
    else { throw failure("the view of storage '\(root.key)' is not (key, offset, size)") }
    guard start >= 0, count >= 0, start <= root.count, count <= root.count - start else {
      throw failure("the view of storage '\(root.key)' reaches past its \(root.count) elements")
    }
    return TorchStorage(element: root.element, key: root.key, count: count, start: start)
  }
}
