import Foundation

/// A protobuf message that is being written, field by field.
///
/// - Source: protobuf.dev/programming-guides/encoding.
package struct ProtobufMessage {
  /// The bytes of the fields so far.
  package private(set) var bytes = Data()

  /// Creates a message without fields.
  package init() {}

  /// Adds a whole number.
  package mutating func add(_ field: Int, _ number: Int) {
    append(field << 3)
    append(number)
  }

  /// Adds a fraction of 32 bits.
  package mutating func add(_ field: Int, _ fraction: Float) {
    append(field << 3 | 5)
    withUnsafeBytes(of: fraction.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Adds a text.
  package mutating func add(_ field: Int, _ text: String) { add(field, Data(text.utf8)) }

  /// Adds a message.
  package mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  /// Adds bytes.
  package mutating func add(_ field: Int, _ data: Data) {
    append(field << 3 | 2)
    append(data.count)
    bytes.append(data)
  }

  /// Appends a number of seven bits a byte, the lowest first; negative ones as 64 bits.
  private mutating func append(_ number: Int) {
    var rest = UInt64(bitPattern: Int64(number))
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
