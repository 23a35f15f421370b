/// An operation of an ONNX graph.
///
/// - Source: onnx.proto of github.com/onnx/onnx, `NodeProto`.
struct ONNXNode {
  /// The name of the operation: `Conv`.
  private(set) var operation = ""
  /// The names of what it reads; empty for an optional input that is not there.
  private(set) var inputs: [String] = []
  /// The names of its results.
  private(set) var outputs: [String] = []

  /// Reads the message that fills `part`.
  init(_ window: ByteWindow, in part: Range<Int>) throws(CheckpointError) {
    var fields = ProtobufFields(window, in: part)
    while let field = try fields.next() {
      switch field.number {
      case 1: inputs.append(try field.text(window))
      case 2: outputs.append(try field.text(window))
      case 4: operation = try field.text(window)
      default: break
      }
    }
  }
}
