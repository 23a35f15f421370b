import Foundation
import Host

/// The bytes of a weights file: numbers and text at places that a stranger chose, and that may lie outside of it.
struct FileBytes: Sendable {
  private let data: Data
  /// For messages.
  let path: String

  init(_ data: Data, path: String) { (self.data, self.path) = (data, path) }

  /// Maps a file into memory: only what is read of it takes any.
  init(contentsOf path: String) throws(CheckpointError) {
    do throws(SystemError) {
      data = try RegularFile.mapped(path)
    } catch {
      switch error.problem {
      case .number(ENOENT): throw CheckpointError(.notFound, path: path, "no such weights file")
      case .notRegular("a directory"):
        throw CheckpointError(.malformed, path: path, "is a folder, not a weights file")
      default: throw CheckpointError(error)
      }
    }
    self.path = path
  }

  /// The whole of a small file that describes weights.
  static func text(of path: String) throws(CheckpointError) -> Data {
    do throws(SystemError) {
      return try RegularFile.contents(of: path, limit: 16 << 20)
    } catch {
      throw CheckpointError(error)
    }
  }

  var count: Int { data.count }

  func malformed(_ problem: String) -> CheckpointError { CheckpointError(.malformed, path: path, problem) }

  /// A place in the file from a number in it.
  func place(_ number: UInt64) throws(CheckpointError) -> Int {
    guard number <= UInt64(count) else { throw malformed("byte \(number) lies after the end of the file") }
    return Int(number)
  }

  /// A little-endian number.
  func integer<Integer: FixedWidthInteger>(
    _ type: Integer.Type, at place: Int
  ) throws(CheckpointError) -> Integer {
    guard place >= 0, place <= count - MemoryLayout<Integer>.size else {
      throw malformed("the file ends at byte \(count), in the middle of a number at \(place)")
    }
    return data.withUnsafeBytes {
      Integer(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Integer.self))
    }
  }

  /// UTF-8; what is not becomes the replacement character.
  func text(at place: Int, count length: Int) throws(CheckpointError) -> String {
    guard place >= 0, length >= 0, place <= count - length else {
      throw malformed("the file ends at byte \(count), in the middle of a text at \(place)")
    }
    return data.withUnsafeBytes { String(decoding: $0[place..<place + length], as: UTF8.self) }
  }

  /// Whether these bytes stand there.
  func has(_ bytes: [UInt8], at place: Int) -> Bool {
    guard place >= 0, place <= count - bytes.count else { return false }
    return data.withUnsafeBytes { $0[place..<place + bytes.count].elementsEqual(bytes) }
  }

  /// Lends the bytes of a part that lies in the file.
  func withBytes<Result>(in part: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    data.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[part])) }
  }

  /// A copy of a part that lies in the file.
  func copy(_ part: Range<Int>) -> Data { withBytes(in: part) { Data($0) } }
}
