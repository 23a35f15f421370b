/// What an ONNX file says of its graph and of the constants in it. Nothing of it is executed.
///
/// - Source: onnx.proto of github.com/onnx/onnx, `ModelProto` and `GraphProto`.
struct ONNXModel {
  /// The program that wrote the file, with its version; empty where it does not say.
  private(set) var producer = ""
  /// Texts by name, `metadata_props`.
  private(set) var metadata: [String: String] = [:]
  /// The operations in an order in which they can run.
  private(set) var nodes: [ONNXNode] = []
  /// The constant tensors that have names of their own.
  private(set) var initializers: [ONNXTensor] = []
  /// Constant tensors that are stored by their values other than 0.
  private(set) var sparseInitializers = 0
  /// The results of the graph.
  private(set) var outputs: [String] = []

  /// The keys of the fields of a model: eight times the number of the field, and its kind.
  private static let graphKey: UInt64 = 7 << 3 | 2
  private static let keysBefore: Set<UInt64> = Set(
    [1, 5].map { $0 << 3 } + [2, 3, 4, 6, 8, 14, 20, 25].map { $0 << 3 | 2 })
  private static let nodeLimit = 1 << 18
  private static let initializerLimit = 1 << 16

  /// Reads a file of which ``isONNX(_:)`` is true.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the byte or the tensor.
  init(_ bytes: FileBytes) throws(CheckpointError) {
    let window = ByteWindow(bytes)
    var fields = ProtobufFields(window, in: 0..<bytes.count)
    var (graph, version): (Range<Int>?, String) = (nil, "")
    while let field = try fields.next() {
      switch field.number {
      case 2: producer = try field.text(window)
      case 3: version = try field.text(window)
      case 7:
        guard graph == nil else { throw bytes.malformed("the model has two graphs") }
        graph = try field.bytes(window)
      case 14:
        let (key, value) = try Self.pair(window, in: field.bytes(window))
        metadata[key] = value
      default: break
      }
    }
    if !version.isEmpty { producer += " " + version }
    guard let graph else { throw bytes.malformed("the model has no graph") }
    try readGraph(window, in: graph)
  }

  private mutating func readGraph(_ window: ByteWindow, in part: Range<Int>) throws(CheckpointError) {
    var fields = ProtobufFields(window, in: part)
    while let field = try fields.next() {
      switch field.number {
      case 1:
        guard nodes.count < Self.nodeLimit else {
          throw window.bytes.malformed("more than \(Self.nodeLimit) operations")
        }
        nodes.append(try ONNXNode(window, in: field.bytes(window)))
      case 5:
        guard initializers.count < Self.initializerLimit else {
          throw window.bytes.malformed("more than \(Self.initializerLimit) tensors")
        }
        initializers.append(try ONNXTensor(window, in: field.bytes(window)))
      case 12:
        var value = ProtobufFields(window, in: try field.bytes(window))
        while let part = try value.next() {
          if part.number == 1 { outputs.append(try part.text(window)) }
        }
      case 15: sparseInitializers += 1
      default: break
      }
    }
  }

  /// Reads an entry of texts by name.
  static func pair(
    _ window: ByteWindow, in part: Range<Int>
  ) throws(CheckpointError) -> (key: String, value: String) {
    var fields = ProtobufFields(window, in: part)
    var pair = (key: "", value: "")
    while let field = try fields.next() {
      switch field.number {
      case 1: pair.key = try field.text(window)
      case 2: pair.value = try field.text(window)
      default: break
      }
    }
    return pair
  }

  /// Returns whether a file begins as ONNX models do: with the number of the format, and then fields that a
  /// model has, as far as the graph. Whether the rest is sound is another matter.
  ///
  /// - Throws: ``CheckpointError`` `cannotRead`.
  static func isONNX(_ bytes: FileBytes) throws(CheckpointError) -> Bool {
    guard try bytes.has([0x08], at: 0) else { return false }
    let window = ByteWindow(bytes)
    var fields = ProtobufFields(window, in: 0..<bytes.count)
    do throws(CheckpointError) {
      while let key = try fields.nextKey() {
        if key == graphKey { return true }
        guard keysBefore.contains(key), try fields.next() != nil else { return false }
      }
      return false
    } catch {
      guard error.code == .malformed else { throw error }
      return false
    }
  }
}
