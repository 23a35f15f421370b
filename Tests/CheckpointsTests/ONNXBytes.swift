import Foundation

/// ONNX files, field by field: sound ones, and what no exporter would write.
enum ONNXBytes {
  static func varint(_ number: UInt64) -> [UInt8] {
    var (rest, bytes) = (number, [UInt8]())
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func varint(_ number: Int) -> [UInt8] { varint(UInt64(bitPattern: Int64(number))) }

  /// A whole number in a field.
  static func field(_ field: Int, _ number: Int) -> [UInt8] { varint(field << 3) + varint(number) }

  /// Bytes in a field: a message, packed numbers.
  static func field(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
    varint(field << 3 | 2) + varint(bytes.count) + bytes
  }

  static func field(_ field: Int, _ text: String) -> [UInt8] { self.field(field, Array(text.utf8)) }

  static func floats(_ values: Float...) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
  }

  /// A tensor with its fields after name, type and extents.
  static func tensor(_ name: String, type: Int = 1, _ extents: [Int], _ fields: [UInt8]) -> [UInt8] {
    extents.flatMap { field(1, $0) } + field(2, type) + field(8, name) + fields
  }

  static func tensor(_ name: String, _ fields: [UInt8]) -> [UInt8] { tensor(name, [2], fields) }

  static func tensor(type: Int = 1, _ extents: [Int], _ fields: [UInt8]) -> [UInt8] {
    tensor("w", type: type, extents, fields)
  }

  static func tensor(_ fields: [UInt8]) -> [UInt8] { tensor("w", [2], fields) }

  /// A tensor whose numbers lie in another file.
  static func outside(_ entries: (String, String)..., extents: [Int] = [2]) -> [UInt8] {
    tensor(
      "w", extents, entries.flatMap { field(13, field(1, $0.0) + field(2, $0.1)) } + field(14, 1))
  }

  static func node(_ operation: String, _ inputs: [String], _ outputs: [String], _ rest: [UInt8] = [])
    -> [UInt8]
  {
    inputs.flatMap { field(1, $0) } + outputs.flatMap { field(2, $0) } + field(4, operation) + rest
  }

  static func graph(nodes: [[UInt8]] = [], tensors: [[UInt8]]) -> [UInt8] {
    nodes.flatMap { field(1, $0) } + tensors.flatMap { field(5, $0) }
  }

  /// A model of format 8 with this graph.
  static func model(_ graph: [UInt8], producer: String = "pytorch", _ rest: [UInt8] = []) -> Data {
    Data(field(1, 8) + field(2, producer) + field(7, graph) + rest)
  }

  /// A model of these tensors.
  static func file(_ tensors: [UInt8]...) -> Data { model(graph(tensors: tensors)) }
}
