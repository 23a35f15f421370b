/// An operation of an ONNX graph.
///
/// - Source: onnx.proto of github.com/onnx/onnx, `NodeProto` and `AttributeProto`.
package struct ONNXNode: Sendable {
  /// The name of the operation: `Conv`.
  package private(set) var operation = ""
  /// The names of what it reads; empty for an optional input that is not there.
  package private(set) var inputs: [String] = []
  /// The names of its results.
  package private(set) var outputs: [String] = []
  /// The attributes that are whole numbers, or lists of them: `strides`.
  package private(set) var integers: [String: [Int]] = [:]
  /// The attributes that are single fractions: `alpha`.
  package private(set) var fractions: [String: Float] = [:]
  /// The attributes that are texts: `mode`.
  package private(set) var texts: [String: String] = [:]
  /// The attributes that are tensors: `value`.
  private(set) var tensors: [String: ONNXTensor] = [:]

  /// Reads the message that fills `part`.
  init(_ window: ByteWindow, in part: Range<Int>) throws(CheckpointError) {
    var fields = ProtobufFields(window, in: part)
    while let field = try fields.next() {
      switch field.number {
      case 1: inputs.append(try field.text(window))
      case 2: outputs.append(try field.text(window))
      case 4: operation = try field.text(window)
      case 5: try addAttribute(window, in: field.bytes(window))
      default: break
      }
    }
  }

  /// Reads an attribute; graphs, sparse tensors and lists of other things than whole numbers are passed over.
  private mutating func addAttribute(_ window: ByteWindow, in part: Range<Int>) throws(CheckpointError) {
    var fields = ProtobufFields(window, in: part)
    var (name, list) = ("", [Int]())
    while let field = try fields.next() {
      switch field.number {
      case 1: name = try field.text(window)
      case 2:
        guard case .fixed(let part) = field.value, part.count == 4 else { continue }
        fractions[name] = Float(bitPattern: try window.bytes.integer(UInt32.self, at: part.lowerBound))
      case 3: list.append(Int(Int64(bitPattern: try field.varint(window))))
      case 4: texts[name] = try field.text(window)
      case 5: tensors[name] = try ONNXTensor(window, in: field.bytes(window))
      case 8:
        let numbers = try field.numbers(.varints, window)
        var place = numbers.lowerBound
        while place < numbers.upperBound {
          list.append(Int(Int64(bitPattern: try window.varint(at: &place, before: numbers.upperBound))))
        }
      default: break
      }
    }
    if !list.isEmpty { integers[name] = list }
  }
}
