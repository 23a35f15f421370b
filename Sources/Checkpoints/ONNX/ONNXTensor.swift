/// A constant tensor of an ONNX graph: where its numbers are, not what they are.
///
/// - Source: onnx.proto of github.com/onnx/onnx, `TensorProto`.
struct ONNXTensor {
  /// The name of the tensor.
  private(set) var name = ""
  /// The extents as the file states them, unchecked.
  private(set) var extents: [Int] = []
  /// The number of the element type: 1 is FLOAT.
  private(set) var type = 0
  /// The bytes of the elements, little-endian and in row-major order; nil where they lie elsewhere.
  private(set) var raw: Range<Int>?
  /// The places of numbers in fields for types, by the number of the field.
  private(set) var typed: [Int: [Range<Int>]] = [:]
  /// Location, offset and length of elements in another file; nil where they are in this one.
  private(set) var external: [String: String]?
  /// The byte of the file at which the tensor begins.
  let place: Int

  /// Returns the form of the numbers of a field: 4 and 10 are `float_data` and `double_data`, the others
  /// whole numbers.
  static func form(of field: Int) -> ProtobufNumbers.Form { field == 4 || field == 10 ? .elements : .varints }

  private static let rankLimit = 64
  private static let partLimit = 1 << 20

  /// Reads the message that fills `part`.
  init(_ window: ByteWindow, in part: Range<Int>) throws(CheckpointError) {
    place = part.lowerBound
    var fields = ProtobufFields(window, in: part)
    var (entries, isExternal) = ([String: String](), false)
    while let field = try fields.next() {
      switch field.number {
      case 1: try addExtents(field, window)
      case 2: type = Int(truncatingIfNeeded: try field.varint(window))
      case 3: throw window.bytes.malformed("tensor at byte \(place): tensors in segments are not read")
      case 4, 5, 7, 10, 11:
        let part = try field.numbers(Self.form(of: field.number), window)
        typed[field.number, default: []].append(part)
        guard typed[field.number]!.count <= Self.partLimit else {
          throw window.bytes.malformed(
            "the numbers of tensor '\(name)' lie in more than \(Self.partLimit) pieces")
        }
      case 8: name = try field.text(window)
      case 9:
        guard raw == nil else { throw window.bytes.malformed("tensor '\(name)' has its bytes twice") }
        raw = try field.bytes(window)
      case 13:
        let (key, value) = try ONNXModel.pair(window, in: field.bytes(window))
        entries[key] = value
      case 14: isExternal = try field.varint(window) == 1
      default: break
      }
    }
    if isExternal { external = entries }
  }

  private mutating func addExtents(
    _ field: ProtobufFields.Field, _ window: ByteWindow
  ) throws(CheckpointError) {
    if case .varint(let number) = field.value {
      extents.append(Int(Int64(bitPattern: number)))
    } else {
      let part = try field.bytes(window)
      var place = part.lowerBound
      while place < part.upperBound, extents.count <= Self.rankLimit {
        extents.append(Int(Int64(bitPattern: try window.varint(at: &place, before: part.upperBound))))
      }
    }
    guard extents.count <= Self.rankLimit else {
      throw window.bytes.malformed(
        "tensor '\(name)' at byte \(place) has more than \(Self.rankLimit) extents")
    }
  }
}
