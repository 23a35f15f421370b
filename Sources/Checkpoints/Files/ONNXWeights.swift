import Tensors

/// The constant tensors of an ONNX graph as weights by name.
struct ONNXWeights {
  /// The tensors in the order of the file.
  private(set) var tensors: [(name: String, tensor: StoredTensor)] = []
  /// Texts by name.
  let metadata: [String: String]
  /// What the file is, and what of it is left out, in sentences.
  private(set) var notes: [String]
  /// The paths of the files that hold elements.
  private(set) var companions: [String] = []

  /// The graph.
  private(set) var graph: WeightsGraph

  private let bytes: FileBytes
  private var files: [String: FileBytes] = [:]

  init(_ bytes: FileBytes) throws(CheckpointError) {
    let model = try ONNXModel(bytes)
    self.bytes = bytes
    (metadata, notes) = (model.metadata, [model.summary])
    graph = WeightsGraph(model, constants: [:])
    var (names, unread) = (Set<String>(), [String]())
    for tensor in model.initializers {
      guard !tensor.name.isEmpty else {
        throw bytes.malformed("the tensor at byte \(tensor.place) has no name")
      }
      guard names.insert(tensor.name).inserted else {
        throw bytes.malformed("the graph has two tensors '\(tensor.name)'")
      }
      guard let element = ElementType(onnx: tensor.type) else {
        unread.append(tensor.name)
        continue
      }
      tensors.append((tensor.name, try stored(tensor, element)))
    }
    if !unread.isEmpty {
      notes.append("left out tensors of types that are not read: " + CheckpointContents.list(unread))
    }
    if model.sparseInitializers > 0 {
      notes.append("left out \(PublishedNames.tensors(model.sparseInitializers)) in sparse form")
    }
    // What nodes hold as attributes is constant, too, but has no name of a network.
    var constants = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
    for node in model.nodes where node.operation == "Constant" {
      guard let name = node.outputs.first, let tensor = node.tensors["value"],
        let element = ElementType(onnx: tensor.type)
      else { continue }
      constants[name] = try stored(tensor, element)
    }
    graph = WeightsGraph(model, constants: constants)
    if !graph.madeUpNames.isEmpty {
      notes.append(
        "the exporter made up names of tensors (\(CheckpointContents.list(graph.madeUpNames))): it joined "
          + "normalisations with convolutions, or turned matrices")
    }
  }

  /// Returns the place of the elements of a tensor.
  private mutating func stored(_ tensor: ONNXTensor, _ element: ElementType) throws(CheckpointError)
    -> StoredTensor
  {
    let name = tensor.name
    let count = try StoredTensor.elementCount(tensor.extents, of: name, in: bytes)
    let size = element.bits / 8
    let shape = Shape(tensor.extents)
    let homes = (tensor.raw == nil ? 0 : 1) + tensor.typed.count + (tensor.external == nil ? 0 : 1)
    guard homes <= 1 else { throw bytes.malformed("tensor '\(name)' has its numbers twice") }
    if let external = tensor.external {
      return try stored(name, element, shape, at: external)
    }
    if let raw = tensor.raw {
      guard raw.count == count * size else {
        throw bytes.malformed(
          "tensor '\(name)' of \(count) \(element) has \(raw.count) bytes, not \(count * size)")
      }
      return StoredTensor(element, shape: shape, start: raw.lowerBound, of: bytes)
    }
    guard let (field, parts) = tensor.typed.first else {
      guard count == 0 else { throw bytes.malformed("tensor '\(name)' has no numbers") }
      return StoredTensor(element, shape: shape, start: 0, of: bytes)
    }
    guard field == element.onnxField else {
      throw bytes.malformed("tensor '\(name)' of \(element) has its numbers in the field of another type")
    }
    let numbers = ProtobufNumbers(form: ONNXTensor.form(of: field), parts: parts)
    let fits =
      numbers.form == .elements ? numbers.byteCount == count * size : numbers.byteCount >= count
    guard fits else {
      throw bytes.malformed(
        "tensor '\(name)' of \(count) \(element) has \(numbers.byteCount) bytes of numbers")
    }
    if numbers.form == .elements && parts.count == 1 {
      return StoredTensor(element, shape: shape, start: parts[0].lowerBound, of: bytes)
    }
    return StoredTensor(element, shape: shape, numbers: numbers, of: bytes)
  }

  /// Returns the place of elements in another file, of which it takes its own bytes only.
  private mutating func stored(
    _ name: String, _ element: ElementType, _ shape: Shape, at external: [String: String]
  ) throws(CheckpointError) -> StoredTensor {
    guard let location = external["location"] else {
      throw bytes.malformed("tensor '\(name)' lies in another file and does not say in which")
    }
    let file: FileBytes
    if let known = files[location] {
      file = known
    } else {
      let path = try CompanionFile.path(location, namedBy: bytes)
      file = try FileBytes(companion: path)
      files[location] = file
      companions.append(path)
    }
    let size = shape.count * (element.bits / 8)
    guard let offset = Self.number(external["offset"] ?? "0"),
      let length = Self.number(external["length"] ?? "\(size)")
    else {
      throw bytes.malformed("tensor '\(name)' lies at an impossible place of '\(location)'")
    }
    guard length == size, offset <= file.count, size <= file.count - offset else {
      throw bytes.malformed(
        "tensor '\(name)' of \(size) bytes: bytes \(offset) and \(length) on of '\(location)' are not these; it has \(file.count)"
      )
    }
    return StoredTensor(element, shape: shape, start: offset, of: file)
  }

  /// Reads digits and nothing else.
  private static func number(_ text: String) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
  }
}

extension ElementType {
  /// The number of the field of `TensorProto` that holds elements of the type which are not bytes.
  fileprivate var onnxField: Int {
    switch self {
    case .F32, .C64: 4
    case .I64: 7
    case .F64, .C128: 10
    case .U32, .U64: 11
    default: 5
    }
  }
}
