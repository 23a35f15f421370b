/// The fields of a protobuf message in a part of a file, one after the other. Nothing that they say is
/// trusted.
///
/// - Source: protobuf.dev/programming-guides/encoding.
struct ProtobufFields {
  /// A field of a message.
  struct Field {
    /// The number of the field.
    let number: Int
    /// The content of the field.
    let value: Value
    /// The byte of the file at which the field begins.
    let place: Int
  }

  /// The content of a field.
  enum Value {
    /// A whole number of variable length.
    case varint(UInt64)
    /// Four or eight bytes of the file.
    case fixed(Range<Int>)
    /// Bytes of the file with a length before them: a text, a message, or packed numbers.
    case bytes(Range<Int>)
  }

  private let window: ByteWindow
  private let end: Int
  private var place: Int

  /// Begins to read the message that fills `part` of the file.
  init(_ window: ByteWindow, in part: Range<Int>) {
    self.window = window
    (place, end) = (part.lowerBound, part.upperBound)
  }

  /// Returns the next field; nil at the end of the message.
  ///
  /// - Throws: ``CheckpointError`` `malformed` that names the byte.
  mutating func next() throws(CheckpointError) -> Field? {
    guard place < end else { return nil }
    let start = place
    let key = try window.varint(at: &place, before: end)
    guard key >> 3 >= 1, key >> 3 < 1 << 29 else {
      throw window.bytes.malformed(
        "the protobuf field at byte \(start) has the impossible number \(key >> 3)")
    }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try window.varint(at: &place, before: end))
    case 1: value = .fixed(try take(8, of: start))
    case 2:
      let length = try window.varint(at: &place, before: end)
      value = .bytes(try take(length, of: start))
    case 5: value = .fixed(try take(4, of: start))
    default:
      throw window.bytes.malformed("the protobuf field at byte \(start) is of the unread kind \(key & 7)")
    }
    return Field(number: Int(key >> 3), value: value, place: start)
  }

  /// Returns the key of the next field, eight times its number and its kind, and stays before it; nil at the
  /// end of the message.
  func nextKey() throws(CheckpointError) -> UInt64? {
    guard place < end else { return nil }
    var ahead = place
    return try window.varint(at: &ahead, before: end)
  }

  private mutating func take(_ length: UInt64, of start: Int) throws(CheckpointError) -> Range<Int> {
    guard length <= UInt64(end - place) else {
      throw window.bytes.malformed(
        "the protobuf field at byte \(start) of \(length) bytes reaches past the end of its message at byte \(end)"
      )
    }
    defer { place += Int(length) }
    return place..<place + Int(length)
  }
}

extension ProtobufFields.Field {
  /// Returns the bytes of a text, a message or packed numbers.
  func bytes(_ window: ByteWindow) throws(CheckpointError) -> Range<Int> {
    guard case .bytes(let part) = value else { throw otherKind(window) }
    return part
  }

  /// Returns the whole number.
  func varint(_ window: ByteWindow) throws(CheckpointError) -> UInt64 {
    guard case .varint(let number) = value else { throw otherKind(window) }
    return number
  }

  /// Returns the text; invalid bytes become the replacement character.
  func text(_ window: ByteWindow) throws(CheckpointError) -> String {
    let part = try bytes(window)
    guard part.count <= Self.textLimit else {
      throw window.bytes.malformed("a text of \(part.count) bytes at byte \(place)")
    }
    return try window.bytes.text(at: part.lowerBound, count: part.count)
  }

  /// Returns the bytes of the numbers of a repeated field: all of them, packed, or a single one.
  func numbers(_ form: ProtobufNumbers.Form, _ window: ByteWindow) throws(CheckpointError) -> Range<Int> {
    switch (value, form) {
    case (.bytes(let part), _), (.fixed(let part), .elements): return part
    case (.varint, .varints):
      // The number follows the key.
      var first = place
      _ = try window.varint(at: &first, before: window.bytes.count)
      var end = first
      _ = try window.varint(at: &end, before: window.bytes.count)
      return first..<end
    case (.varint, .elements), (.fixed, .varints): throw otherKind(window)
    }
  }

  private func otherKind(_ window: ByteWindow) -> CheckpointError {
    window.bytes.malformed(
      "the protobuf field \(number) at byte \(place) is of another kind than its number says")
  }

  /// The most bytes of a text.
  private static let textLimit = 1 << 20
}
