import Foundation

/// The bytes of a file, read in blocks for those who want few of them at a time.
final class ByteWindow {
  let bytes: FileBytes
  private var block: [UInt8] = []
  private var start = 0

  private static let blockBytes = 1 << 14

  init(_ bytes: FileBytes) { self.bytes = bytes }

  private func byte(at place: Int) throws(CheckpointError) -> UInt8 {
    if place < start || place >= start + block.count {
      block = Array(try bytes.copy(place..<min(bytes.count, place + Self.blockBytes)))
      start = place
    }
    return block[place - start]
  }

  /// Reads a protobuf number of seven bits a byte, the lowest first, and moves `place` behind it.
  ///
  /// - Throws: ``CheckpointError`` `malformed` where the number does not end before `end`, or has more than
  ///   64 bits.
  func varint(at place: inout Int, before end: Int) throws(CheckpointError) -> UInt64 {
    let first = place
    var number: UInt64 = 0
    for index in 0..<10 {
      guard place < end else {
        throw bytes.malformed("the message ends at byte \(end), in the middle of the number at byte \(first)")
      }
      let byte = try byte(at: place)
      place += 1
      guard index < 9 || byte <= 1 else { break }
      number |= UInt64(byte & 0x7F) << (7 * index)
      if byte & 0x80 == 0 { return number }
    }
    throw bytes.malformed("the number at byte \(first) has more than 64 bits")
  }
}
